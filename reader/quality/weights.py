"""The gate's weights and thresholds: two files beside this module that belong together.

`gate.safetensors` holds the network's weights in half precision; `gate.json` says what they are:
version, SHA-256 of the weights, thresholds, and how they did on phantoms that they were not
fitted to. `python -m training.quality` writes both.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from core.errors import ModelFolderError
from reader.quality.network import HEADS, LAYERS

Array = npt.NDArray[np.floating[Any]]

FOLDER: Final = Path(__file__).parent
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a guess becomes a verdict; fixed on phantoms, never on films of patients.

    Parameters
    ----------
    good
        Least `Probabilities.good` of a film that is read.
    mirrored
        Least probability of being mirrored at which a film is refused.
    mirrored_remark
        The same at which it is read with a remark.
    clear
        Least `Probabilities.frontal` of a film that is read although its header does not say what
        it shows.
    """

    good: float
    mirrored: float
    mirrored_remark: float
    clear: float

    def __post_init__(self) -> None:
        if (
            not 0 < self.good < 1
            or not 0 < self.mirrored_remark <= self.mirrored <= 1
            or not self.good < self.clear < 1
        ):
            message = f"thresholds of the quality gate make no sense: {self}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Gate:
    """The classifier as it is shipped.

    Parameters
    ----------
    version
        Of the weights, such as `1`.
    sha256
        Of `gate.safetensors`, hexadecimal.
    thresholds
        Where a guess becomes a verdict.
    weights
        As `reader.quality.network.logits` takes them, float32.
    """

    version: str
    sha256: str
    thresholds: Thresholds
    weights: dict[str, Array]


def save(
    folder: Path,
    version: str,
    weights: dict[str, npt.NDArray[np.float16]],
    thresholds: Thresholds,
    figures: dict[str, Any],
) -> str:
    """Write both files; the same weights give the same bytes. Give the weights' SHA-256.

    Parameters
    ----------
    folder
        Where; it must exist.
    version, weights, thresholds
        As in `Gate`.
    figures
        How it did on phantoms that were not fitted to, and how it was made: plain values.
    """
    data = safetensors.numpy.save({name: weights[name] for name in sorted(weights)})
    said = {
        "format": FORMAT,
        "version": version,
        "sha256": hashlib.sha256(data).hexdigest(),
        "thresholds": asdict(thresholds),
        "figures": figures,
    }
    (folder / "gate.safetensors").write_bytes(data)
    (folder / "gate.json").write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    return str(said["sha256"])


@cache
def load(folder: Path = FOLDER) -> Gate:
    """Load the classifier; a second call gives the same.

    Parameters
    ----------
    folder
        Where its two files lie.

    Raises
    ------
    ModelFolderError
        If a file is missing or altered, or is not of this version's shape.
    """
    try:
        said = json.loads((folder / "gate.json").read_text(encoding="utf-8"))
        data = (folder / "gate.safetensors").read_bytes()
        if said["format"] != FORMAT:
            message = f"the quality gate's files are of format {said['format']}, not {FORMAT}"
            raise ModelFolderError(message)
        digest = hashlib.sha256(data).hexdigest()
        if digest != said["sha256"]:
            message = f"gate.safetensors is not the file that gate.json speaks of: {digest}"
            raise ModelFolderError(message)
        packed = safetensors.numpy.load(data)
        weights = {name: value.astype(np.float32) for name, value in packed.items()}
        thresholds = Thresholds(**said["thresholds"])
        version = str(said["version"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        message = f"the quality gate's files in {folder} cannot be used: {error!r}"
        raise ModelFolderError(message) from error
    _check_shapes(weights)
    return Gate(version, digest, thresholds, weights)


def _check_shapes(weights: dict[str, Array]) -> None:
    answers = sum(HEADS.values())
    hidden = weights["hidden.bias"].shape[0] if "hidden.bias" in weights else 0
    wanted: dict[str, tuple[int, ...]] = {
        "hidden.weight": (hidden, LAYERS[-1].outputs * 9),
        "hidden.bias": (hidden,),
        "answers.weight": (answers, hidden),
        "answers.bias": (answers,),
    }
    for index, layer in enumerate(LAYERS):
        wanted[f"conv{index}.weight"] = (layer.outputs, layer.inputs, layer.kernel, layer.kernel)
        wanted[f"conv{index}.bias"] = (layer.outputs,)
    found = {name: value.shape for name, value in weights.items()}
    if found != wanted or not all(np.isfinite(value).all() for value in weights.values()):
        message = "the quality gate's weights have other names, shapes or values than they should"
        raise ModelFolderError(message)
