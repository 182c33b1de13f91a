"""LLaVA-Rad's published parts and its base, read and checked as far as can be told at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from core.errors import ModelFolderError
from reader.convert.lora import Adapter, read_adapter
from reader.convert.pickles import read_tensors
from reader.convert.timm_tower import converted_tower, tower_config
from reader.model_folder import read_json
from reader.weights.llava_rad import FEATURE_LAYER

ADAPTER_FILES: Final = (
    "adapter_config.json",
    "adapter_model.bin",
    "biomedclipcxr_518.json",
    "biomedclipcxr_518_checkpoint.pt",
    "config.json",
    "non_lora_trainables.bin",
)
_PUBLISHED: Final = {
    "image_aspect_ratio": "square",
    "mm_vision_select_layer": FEATURE_LAYER,
    "mm_vision_select_feature": "patch",
    "mm_projector_type": "mlp2x_gelu",
    "mm_use_im_start_end": False,
    "mm_use_im_patch_token": False,
}
_TOWER: Final = "vit_base_patch14_dinov2"
_TRUNK: Final = "module.visual.trunk."
_PROJECTOR: Final = "base_model.model.model.mm_projector."
_PROJECTED: Final = {"0": "linear_1", "2": "linear_2"}
_TEXT_VALUES: Final = (
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "rms_norm_eps",
)


@dataclass(frozen=True)
class Parts:
    """What is converted.

    Parameters
    ----------
    base
        The base model's folder.
    shards
        Its files of weights.
    text
        Its configuration, as far as it is needed.
    adapter
        What is merged into its weights.
    rest
        The projector's and the tower's tensors, by the names that they get.
    tower
        The tower's configuration.
    sources
        All files that weights come from.
    """

    base: Path
    shards: tuple[Path, ...]
    text: Mapping[str, Any]
    adapter: Adapter
    rest: Mapping[str, torch.Tensor]
    tower: Mapping[str, Any]
    sources: tuple[Path, ...]


def read_parts(adapter: Path, base: Path) -> Parts:
    """Read the parts.

    Parameters
    ----------
    adapter, base
        The two folders.

    Raises
    ------
    ModelFolderError
        If a part is missing, broken or not what it should be.
    """
    missing = [str(adapter / name) for name in ADAPTER_FILES if not (adapter / name).is_file()]
    missing += [str(base / "config.json")] if not (base / "config.json").is_file() else []
    if missing:
        message = f"there is no {', no '.join(missing)}"
        raise ModelFolderError(message)
    _check_published(adapter)
    picture = _picture(adapter)
    trunk = {
        name.removeprefix(_TRUNK): tensor
        for name, tensor in read_tensors(
            adapter / "biomedclipcxr_518_checkpoint.pt", under="state_dict"
        ).items()
        if name.startswith(_TRUNK)
    }
    rest = {f"model.vision_tower.{n}": t for n, t in converted_tower(trunk).items()}
    shards = _shards(base)
    return Parts(
        base=base,
        shards=shards,
        text=_text_config(base),
        adapter=read_adapter(adapter),
        rest=rest | _projector(adapter),
        tower=tower_config(trunk, picture),
        sources=(*(adapter / name for name in ADAPTER_FILES), *shards),
    )


def _check_published(adapter: Path) -> None:
    config = read_json(adapter / "config.json")
    for name, wanted in _PUBLISHED.items():
        if config.get(name) != wanted:
            message = f"{adapter}: {name} is {config.get(name)!r}, not {wanted!r}"
            raise ModelFolderError(message)


def _picture(adapter: Path) -> int:
    """Give the side of the tower's picture."""
    values = read_json(adapter / "biomedclipcxr_518.json").get("vision_cfg")
    values = values if isinstance(values, dict) else {}
    name, side = str(values.get("timm_model_name")), values.get("image_size")
    if name.partition(".")[0] != _TOWER or not isinstance(side, int):
        message = f"{adapter}: its tower is {name} for pictures of {side!r}, not {_TOWER}"
        raise ModelFolderError(message)
    return side


def _projector(adapter: Path) -> dict[str, torch.Tensor]:
    tensors = read_tensors(adapter / "non_lora_trainables.bin")
    wanted = {
        f"{_PROJECTOR}{number}.{kind}": f"model.multi_modal_projector.{target}.{kind}"
        for number, target in _PROJECTED.items()
        for kind in ("weight", "bias")
    }
    if tensors.keys() != wanted.keys():
        odd = min(tensors.keys() ^ wanted.keys())
        message = f"{adapter}: non_lora_trainables.bin and the projector differ by {odd}"
        raise ModelFolderError(message)
    return {target: tensors[name] for name, target in wanted.items()}


def _shards(base: Path) -> tuple[Path, ...]:
    for pattern in ("model*.safetensors", "pytorch_model*.bin"):
        index = next(base.glob(f"{pattern.split('*')[0]}*.index.json"), None)
        if index is not None:
            names = sorted(set(read_json(index).get("weight_map", {}).values()))
            shards = tuple(base / str(name) for name in names)
            gone = [str(shard) for shard in shards if not shard.is_file()]
            if gone:
                message = f"there is no {', no '.join(gone)}"
                raise ModelFolderError(message)
            return shards
        shards = tuple(sorted(base.glob(pattern)))
        if shards:
            return shards
    message = f"{base} has no weights"
    raise ModelFolderError(message)


def _text_config(base: Path) -> dict[str, Any]:
    config = read_json(base / "config.json")
    wanted = ("architectures", ["LlamaForCausalLM"]), ("rope_scaling", None)
    for name, value in wanted:
        if config.get(name) != value:
            message = f"{base}: {name} is {config.get(name)!r}, not {value!r}"
            raise ModelFolderError(message)
    gaps = [name for name in (*_TEXT_VALUES, "vocab_size") if name not in config]
    if gaps:
        message = f"{base}: its configuration does not say {', '.join(gaps)}"
        raise ModelFolderError(message)
    # Before it was written down, the base of the positions' wavelengths was always this.
    return {name: config[name] for name in (*_TEXT_VALUES, "vocab_size")} | {
        "rope_theta": config.get("rope_theta", 10000.0)
    }
