"""Stored objects as pictures that any browser shows (PS3.18 section 10.4.1.1.3)."""

from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import convert_color_space

from core.errors import NotReadError, UnreadableObjectError
from imaging.aspect import pixel_aspect, squared
from imaging.bits import Cells
from imaging.decode import DEFAULT_MAXIMUM_PIXELS, decode_located
from imaging.frame_groups import with_frame_groups
from imaging.grey import grey_levels
from imaging.header import locate_pixels
from imaging.layout import Layout
from imaging.modality import modality_transform
from imaging.padding import padding_values
from imaging.places import look_up, places_of
from imaging.polarity import is_inverted
from imaging.voi import Window
from web.dicomweb.view_wishes import Viewport, ViewWishes

Picture = NDArray[np.uint8]
"""`[height, width]` in grey, or `[height, width, 3]` in red, green and blue."""

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
_FORMATS: Final = {JPEG: "JPEG", PNG: "PNG"}
_COLOURS: Final = 3
_BYTE: Final = 8


def rendered(path: Path, frame: int, wishes: ViewWishes, media_type: str) -> bytes:
    """Give one frame of a stored object as a JPEG or PNG.

    Parameters
    ----------
    path
        Its file.
    frame
        Which, beginning with 1; the object has it.
    wishes
        How the client wants it.
    media_type
        `JPEG` or `PNG`.

    Raises
    ------
    UnreadableObjectError
        If there are no pixels, they cannot be decoded, or they are of a kind that is not shown.
    OutOfMemoryError
        If the host has no memory for them.
    OSError
        If the file cannot be read.
    """
    try:
        image = Image.fromarray(picture(path, frame, wishes.window))
    except NotReadError as error:
        raise UnreadableObjectError(str(error)) from error
    if wishes.viewport is not None:
        image = _fitted(image, wishes.viewport)
    written = BytesIO()
    image.save(written, _FORMATS[media_type], quality=wishes.quality)
    return written.getvalue()


def picture(path: Path, frame: int, window: Window | None) -> Picture:
    """Give one frame as grey levels or colours, with square pixels; raises as `rendered`."""
    located = locate_pixels(path)
    layout = Layout.of(located.header)
    decoded = decode_located(path, located, layout, maximum_pixels=DEFAULT_MAXIMUM_PIXELS)
    values = decoded.values[frame - 1] if layout.frames > 1 else decoded.values
    if layout.samples == _COLOURS:
        return _colours(values, layout)
    header = with_frame_groups(decoded.header) if layout.frames == 1 else decoded.header
    levels = _levels(header, layout, values, window)
    aspect, _remarks = pixel_aspect(header)
    return squared(levels, aspect, maximum_pixels=DEFAULT_MAXIMUM_PIXELS)


def _levels(header: Dataset, layout: Layout, values: Cells, window: Window | None) -> Picture:
    inverted = is_inverted(layout)
    if window is None:
        if values.min() == values.max():
            return np.zeros(values.shape, dtype=np.uint8)
        levels, _grey_scale, _remarks = grey_levels(header, layout, values, inverted=inverted)
        return levels
    low = -(1 << (layout.bits_stored - 1)) if layout.signed else 0
    high = low + (1 << layout.bits_stored) - 1
    modality, _remarks = modality_transform(header, signed=layout.signed)
    shares = window(modality(np.arange(low, high + 1, dtype=np.float64)))
    table = np.rint((1.0 - shares if inverted else shares) * 255.0).astype(np.uint8)
    table[padding_values(header, low, high)] = 0
    return look_up(table, places_of(values, low))


def _colours(values: Cells, layout: Layout) -> Picture:
    if layout.bits_allocated != _BYTE:
        message = f"colours of {layout.bits_allocated} bits are not shown"
        raise UnreadableObjectError(message)
    pixels = np.ascontiguousarray(values.astype(np.uint8, copy=False))
    if layout.photometric in {"RGB", "YBR_ICT", "YBR_RCT"}:
        return pixels
    if layout.photometric not in {"YBR_FULL", "YBR_FULL_422"}:
        message = "a colour space that is not shown"
        raise UnreadableObjectError(message)
    return np.asarray(convert_color_space(pixels, "YBR_FULL", "RGB"), dtype=np.uint8)


def _fitted(image: Image.Image, viewport: Viewport) -> Image.Image:
    """Cut a part out of a picture and fit it into a size, keeping its proportions."""
    left, top = viewport.left or 0, viewport.top or 0
    width = image.width if viewport.part_width is None else viewport.part_width
    height = image.height if viewport.part_height is None else viewport.part_height
    box = (
        max(0, left),
        max(0, top),
        min(image.width, left + abs(width)),
        min(image.height, top + abs(height)),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        message = "the viewport lies outside of the picture"
        raise UnreadableObjectError(message)
    part = image.crop(box)
    if width < 0:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if height < 0:
        part = part.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    scale = min(viewport.width / part.width, viewport.height / part.height)
    size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
    return part.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
