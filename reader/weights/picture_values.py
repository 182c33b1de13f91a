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
import numpy.typing as npt
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
            In mode L or RGB.

        Returns
        -------
        Tensor
            float32 of shape [1, 3, side, side], on the CPU.
        """
        resized = picture.resize(self._size(*picture.size), self.resample)
        left = (resized.width - self.side) // 2
        top = (resized.height - self.side) // 2
        square = resized.crop((left, top, left + self.side, top + self.side))
        stacked = np.asarray(square)[None]
        return normal_pixels(stacked, picture.mode, self.scale, self.mean, self.std)

    def _size(self, width: int, height: int) -> tuple[int, int]:
        if self.shortest is None:
            return self.side, self.side
        if width <= height:
            return self.shortest, int(self.shortest * height / width)
        return int(self.shortest * width / height), self.shortest


def normal_pixels(
    pictures: npt.NDArray[np.uint8],
    mode: str,
    scale: float,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> torch.Tensor:
    """Give pictures as a vision tower takes them.

    Parameters
    ----------
    pictures
        uint8 [n, height, width], with a last axis of three where they are in colour.
    mode
        L or RGB.
    scale, mean, std
        A grey value g becomes (g * scale - mean) / std, by channel.

    Returns
    -------
    Tensor
        float32 of shape [n, 3, height, width], on the CPU.
    """
    grey = (pictures.astype(np.float64) * scale).astype(np.float32)
    if mode == "L":
        grey = grey[..., None]
    normal = (grey - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return torch.from_numpy(np.ascontiguousarray(normal.transpose(0, 3, 1, 2)))


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
    values = processor_file(path)
    named = str(values.get("image_processor_type"))
    if named.removesuffix("Pil").removesuffix("Fast") != kind:
        message = f"{path}: its image processor is {named}, not {kind}"
        raise ModelFolderError(message)
    crops = "shortest_edge" in value_of(path, values, "size", dict)
    for switch in _SWITCHES + (("do_center_crop",) if crops else ()):
        if value_of(path, values, switch, bool) is not True:
            message = f"{path}: its image processor must have {switch}"
            raise ModelFolderError(message)
    strange = [step for step in _UNKNOWN_STEPS if values.get(step)]
    if strange or (values.get("do_center_crop") and not crops):
        message = f"{path}: its image processor has an unknown step {strange or ['do_center_crop']}"
        raise ModelFolderError(message)
    sizes = values["size"]
    shortest = sizes["shortest_edge"] if crops else None
    square = value_of(path, values, "crop_size", dict) if crops else sizes
    if square != {"height": side, "width": side} or (crops and _too_short(shortest, side)):
        message = f"{path}: its image processor makes {sizes} and {square}, its tower takes {side}"
        raise ModelFolderError(message)
    return PictureValues(
        kind=kind,
        side=side,
        shortest=shortest,
        resample=filter_of(path, values),
        scale=float(value_of(path, values, "rescale_factor", float)),
        mean=channels(path, values, "image_mean"),
        std=channels(path, values, "image_std"),
    )


def processor_file(path: Path) -> Mapping[str, Any]:
    """Read what a folder says of its image processor, in its new file or in its old one.

    Raises
    ------
    ModelFolderError
        If neither can be read.
    """
    if (path / "processor_config.json").exists():
        nested = read_json(path / "processor_config.json").get("image_processor")
        if isinstance(nested, dict):
            return nested
    return read_json(path / "preprocessor_config.json")


def value_of(path: Path, values: Mapping[str, Any], name: str, kind: type) -> Any:
    """Give a value of an image processor's file.

    Raises
    ------
    ModelFolderError
        If there is none, or it is of another kind.
    """
    value = values.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        message = f"{path}: its image processor's file does not say {name} ({value!r})"
        raise ModelFolderError(message)
    return value


def _too_short(shortest: object, side: int) -> bool:
    return isinstance(shortest, bool) or not isinstance(shortest, int) or shortest < side


def filter_of(path: Path, values: Mapping[str, Any]) -> Image.Resampling:
    """Give the filter by which a folder's pictures are made smaller.

    Raises
    ------
    ModelFolderError
        If it is missing or unknown.
    """
    number = value_of(path, values, "resample", int)
    if number not in set(Image.Resampling):
        message = f"{path}: its image processor has an unknown filter {number}"
        raise ModelFolderError(message)
    return Image.Resampling(number)


def channels(path: Path, values: Mapping[str, Any], name: str) -> tuple[float, ...]:
    """Give a value for each of three channels; raises as `value_of` does."""
    channels = value_of(path, values, name, list)
    plain = all(isinstance(value, float) and math.isfinite(value) for value in channels)
    if len(channels) != _CHANNELS or not plain or (name == "image_std" and min(channels) <= 0):
        message = f"{path}: {name} must be three numbers that make sense, not {channels!r}"
        raise ModelFolderError(message)
    return tuple(channels)
