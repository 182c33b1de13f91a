"""From a film to a model's pixels by the values of its folder, and by nothing else.

The families here want one square picture: the film resized and cropped at its centre, or a square
resized. `transformers` has a class for each with two backends that differ in the last bit, and
with defaults where a file is silent; here silence is an error. The arithmetic is that of its PIL
backend.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from core.errors import ModelFolderError
from reader.model_folder import read_json

_CHANNELS: Final = 3
_SWITCHES: Final = ("do_resize", "do_rescale", "do_normalize")
_UNKNOWN_STEPS: Final = ("do_pad", "do_pan_and_scan")


@dataclass(frozen=True, slots=True)
class PictureValues:
    """How a folder wants its pictures.

    Parameters
    ----------
    kind
        The processor's class, as the folder names it.
    side
        Of the square that the model sees, in pixels.
    shortest
        Length to which the film's shorter side is resized before the square is cropped from its
        centre; None where the film is resized to the square itself.
    resample
        One of PIL's filters.
    scale, mean, std
        A grey value g becomes (g * scale - mean) / std, by channel.
    """

    kind: str
    side: int
    shortest: int | None
    resample: Image.Resampling
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def pixels(self, picture: Image.Image) -> torch.Tensor:
        """Give the model's pixels.

        Parameters
        ----------
        picture
            RGB.

        Returns
        -------
        Tensor
            float32 of shape [1, 3, side, side], on the CPU.
        """
        resized = picture.resize(self._size(*picture.size), self.resample)
        left = (resized.width - self.side) // 2
        top = (resized.height - self.side) // 2
        square = resized.crop((left, top, left + self.side, top + self.side))
        grey = (np.asarray(square, dtype=np.float64) * self.scale).astype(np.float32)
        mean, std = np.asarray(self.mean, np.float32), np.asarray(self.std, np.float32)
        normal = (grey - mean) / std
        return torch.from_numpy(np.ascontiguousarray(normal.transpose(2, 0, 1))[None])

    def _size(self, width: int, height: int) -> tuple[int, int]:
        if self.shortest is None:
            return self.side, self.side
        if width <= height:
            return self.shortest, int(self.shortest * height / width)
        return int(self.shortest * width / height), self.shortest


def picture_values(path: Path, kind: str, side: int) -> PictureValues:
    """Read a folder's processor file.

    Parameters
    ----------
    path
        The folder.
    kind
        The processor's class that the family has, without a backend's suffix.
    side
        Of the picture that its vision tower takes, in pixels.

    Raises
    ------
    ModelFolderError
        If the file leaves anything open, names another class or an unknown step, or makes
        pictures of another size.
    """
    values = _file(path)
    named = str(values.get("image_processor_type"))
    if named.removesuffix("Pil").removesuffix("Fast") != kind:
        message = f"{path}: its image processor is {named}, not {kind}"
        raise ModelFolderError(message)
    crops = "shortest_edge" in _value(path, values, "size", dict)
    for switch in _SWITCHES + (("do_center_crop",) if crops else ()):
        if _value(path, values, switch, bool) is not True:
            message = f"{path}: its image processor must have {switch}"
            raise ModelFolderError(message)
    strange = [step for step in _UNKNOWN_STEPS if values.get(step)]
    if strange or (values.get("do_center_crop") and not crops):
        message = f"{path}: its image processor has an unknown step {strange or ['do_center_crop']}"
        raise ModelFolderError(message)
    sizes = values["size"]
    shortest = sizes["shortest_edge"] if crops else None
    square = _value(path, values, "crop_size", dict) if crops else sizes
    if square != {"height": side, "width": side} or (crops and _too_short(shortest, side)):
        message = f"{path}: its image processor makes {sizes} and {square}, its tower takes {side}"
        raise ModelFolderError(message)
    resample = _value(path, values, "resample", int)
    if resample not in set(Image.Resampling):
        message = f"{path}: its image processor has an unknown filter {resample}"
        raise ModelFolderError(message)
    return PictureValues(
        kind=kind,
        side=side,
        shortest=shortest,
        resample=Image.Resampling(resample),
        scale=float(_value(path, values, "rescale_factor", float)),
        mean=_channels(path, values, "image_mean"),
        std=_channels(path, values, "image_std"),
    )


def _file(path: Path) -> Mapping[str, Any]:
    if (path / "processor_config.json").exists():
        nested = read_json(path / "processor_config.json").get("image_processor")
        if isinstance(nested, dict):
            return nested
    return read_json(path / "preprocessor_config.json")


def _value(path: Path, values: Mapping[str, Any], name: str, kind: type) -> Any:
    value = values.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        message = f"{path}: its image processor's file does not say {name} ({value!r})"
        raise ModelFolderError(message)
    return value


def _too_short(shortest: object, side: int) -> bool:
    return isinstance(shortest, bool) or not isinstance(shortest, int) or shortest < side


def _channels(path: Path, values: Mapping[str, Any], name: str) -> tuple[float, ...]:
    channels = _value(path, values, name, list)
    plain = all(isinstance(value, float) and math.isfinite(value) for value in channels)
    if len(channels) != _CHANNELS or not plain or (name == "image_std" and min(channels) <= 0):
        message = f"{path}: {name} must be three numbers that make sense, not {channels!r}"
        raise ModelFolderError(message)
    return tuple(channels)
