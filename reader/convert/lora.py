"""Low-rank adapters, and how they are merged into the weights that they adapt.

LoRA (arXiv:2106.09685): W + (alpha / r) B A, here in float32 whatever the weights are stored in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from core.errors import ModelFolderError
from reader.convert.pickles import read_tensors
from reader.model_folder import read_json

_PREFIX: Final = "base_model.model."
_SUFFIXES: Final = (".lora_A.weight", ".lora_B.weight")


@dataclass(frozen=True)
class Adapter:
    """The pairs of an adapter, by the name of the weight that each adapts.

    Parameters
    ----------
    pairs
        A of shape [r, columns] and B of shape [rows, r].
    scale
        alpha / r.
    """

    pairs: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    scale: float

    def merged(self, name: str, weight: torch.Tensor) -> torch.Tensor:
        """Give a weight with its adapter, in float32; without, as it is.

        Raises
        ------
        ModelFolderError
            If the adapter does not fit the weight.
        """
        if name not in self.pairs:
            return weight
        low, high = (part.float() for part in self.pairs[name])
        if (high.shape[0], low.shape[1]) != tuple(weight.shape):
            message = f"the adapter of {name} does not fit its shape {list(weight.shape)}"
            raise ModelFolderError(message)
        return weight.float() + self.scale * (high @ low)


def read_adapter(folder: Path) -> Adapter:
    """Read `adapter_config.json` and `adapter_model.bin`.

    Raises
    ------
    ModelFolderError
        If a file is missing or broken, a half of a pair is missing, or the adapter is of a kind
        that plain merging would get wrong.
    """
    config = read_json(folder / "adapter_config.json")
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if not (isinstance(rank, int) and rank > 0 and isinstance(alpha, int | float)):
        message = f"{folder}: an adapter's r and lora_alpha are numbers, not {rank!r} and {alpha!r}"
        raise ModelFolderError(message)
    _check_kind(folder, config)
    halves = read_tensors(folder / "adapter_model.bin")
    pairs: dict[str, list[torch.Tensor | None]] = {}
    for name, half in halves.items():
        place = next((at for at, end in enumerate(_SUFFIXES) if name.endswith(end)), None)
        if place is None or half.ndim != 2 or half.shape[place] != rank:  # noqa: PLR2004 - a matrix
            message = f"{folder}: {name} is no half of an adapter of rank {rank}"
            raise ModelFolderError(message)
        target = f"{name.removesuffix(_SUFFIXES[place]).removeprefix(_PREFIX)}.weight"
        pairs.setdefault(target, [None, None])[place] = half
    missing: list[str] = []
    complete: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for target, (low, high) in pairs.items():
        if low is None or high is None:
            missing.append(target)
        else:
            complete[target] = (low, high)
    if missing:
        message = f"{folder}: the adapter of {missing[0]} has one half only"
        raise ModelFolderError(message)
    return Adapter(complete, alpha / rank)


def _check_kind(folder: Path, config: Mapping[str, Any]) -> None:
    other = {
        "peft_type": "LORA",
        "bias": "none",
        "fan_in_fan_out": False,
        "use_rslora": False,
        "use_dora": False,
    }
    for name, plain in other.items():
        if config.get(name, plain) != plain:
            message = f"{folder}: an adapter with {name} = {config[name]!r} cannot be merged here"
            raise ModelFolderError(message)
