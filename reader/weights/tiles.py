"""From a film to LLaVA-OneVision's tiles by the values of its folder, and by nothing else.

The film is shown twice: squeezed into one square, and in its own proportions on the grid of
squares that fits it best. `transformers` has a class for it with two backends that differ in the
last bit, and that resize three equal channels of a film three times; here it is one channel, by
the arithmetic of the PIL backend.
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
from reader.weights.picture_values import (
    channels,
    filter_of,
    normal_pixels,
    processor_file,
    value_of,
)

_KIND: Final = "LlavaOnevisionImageProcessor"
_STEPS: Final = ("do_resize", "do_rescale", "do_normalize", "do_pad")
_GAP: Final = 3.0
"""A film that is at least six times too large is first averaged over whole blocks, down to three
times the size at least. That takes a quarter of the time, and moves pixels of films by 0.15 grey
levels of 255 on average, by two at most."""


@dataclass(frozen=True, slots=True)
class TileValues:
    """How a folder wants its tiles.

    Parameters
    ----------
    side
        Of a tile, in pixels.
    grids
        Heights and widths, in pixels, of the grids that a film may be laid on.
    resample
        One of PIL's filters.
    scale, mean, std
        A grey value g becomes (g * scale - mean) / std, by channel.
    """

    side: int
    grids: tuple[tuple[int, int], ...]
    resample: Image.Resampling
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, picture: Image.Image) -> Mapping[str, torch.Tensor]:
        """Cut a picture into tiles.

        Parameters
        ----------
        picture
            In mode L or RGB.

        Returns
        -------
        dict
            `pixel_values`: float32 [1, tiles, 3, side, side] on the CPU, the whole film first,
            then its grid row by row; `image_sizes`: int64 [1, 2], the film's height and width.
        """
        whole = self._resized(picture, self.side, self.side)
        laid = self._laid(picture)
        tiles = [whole] + [
            laid.crop((left, top, left + self.side, top + self.side))
            for top in range(0, laid.height, self.side)
            for left in range(0, laid.width, self.side)
        ]
        stacked = np.stack([np.asarray(tile) for tile in tiles])
        return {
            "pixel_values": normal_pixels(stacked, picture.mode, self.scale, self.mean, self.std)[
                None
            ],
            "image_sizes": torch.tensor([[picture.height, picture.width]]),
        }

    def _laid(self, picture: Image.Image) -> Image.Image:
        """Put a picture in its proportions into the middle of its best grid, on black."""
        height, width = best_grid(picture.height, picture.width, self.grids)
        across, down = width / picture.width, height / picture.height
        if across < down:
            inner = (width, min(math.ceil(picture.height * across), height))
        else:
            inner = (min(math.ceil(picture.width * down), width), height)
        laid = Image.new(picture.mode, (width, height))
        resized = self._resized(picture, *inner)
        laid.paste(resized, ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return laid

    def _resized(self, picture: Image.Image, width: int, height: int) -> Image.Image:
        return picture.resize((width, height), self.resample, reducing_gap=_GAP)


def best_grid(height: int, width: int, grids: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Choose the grid on which most of a film's pixels are seen, and least of the grid is empty.

    Parameters
    ----------
    height, width
        The film's, in pixels.
    grids
        Heights and widths to choose from; of equals the first.
    """

    def fit(grid: tuple[int, int]) -> tuple[int, int]:
        scale = min(grid[1] / width, grid[0] / height)
        seen = min(int(width * scale) * int(height * scale), width * height)
        return seen, seen - grid[0] * grid[1]

    return max(grids, key=fit)


def tile_values(path: Path) -> TileValues:
    """Read a folder's processor file.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    ModelFolderError
        If the file leaves anything open, names another class, or has values that make no tiles.
    """
    values = processor_file(path)
    named = str(values.get("image_processor_type"))
    if named.removesuffix("Pil").removesuffix("Fast") != _KIND:
        message = f"{path}: its image processor is {named}, not {_KIND}"
        raise ModelFolderError(message)
    for step in _STEPS:
        if value_of(path, values, step, bool) is not True:
            message = f"{path}: its image processor must have {step}"
            raise ModelFolderError(message)
    size = value_of(path, values, "size", dict)
    side = size.get("height")
    if not _is_length(side) or size != {"height": side, "width": side}:
        message = f"{path}: its image processor's tiles must be square, not {size}"
        raise ModelFolderError(message)
    return TileValues(
        side=side,
        grids=_grids(path, value_of(path, values, "image_grid_pinpoints", list), side),
        resample=filter_of(path, values),
        scale=float(value_of(path, values, "rescale_factor", float)),
        mean=channels(path, values, "image_mean"),
        std=channels(path, values, "image_std"),
    )


def _grids(path: Path, pairs: list[Any], side: int) -> tuple[tuple[int, int], ...]:
    fits = pairs and all(
        isinstance(pair, list)
        and len(pair) == len(("height", "width"))
        and all(_is_length(length) and length % side == 0 for length in pair)
        for pair in pairs
    )
    if not fits:
        message = f"{path}: image_grid_pinpoints must be multiples of {side}, not {pairs!r}"
        raise ModelFolderError(message)
    return tuple((height, width) for height, width in pairs)


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
