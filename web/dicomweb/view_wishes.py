"""How a client wants a rendered picture: window, viewport, quality (PS3.18 section 8.3.5)."""

import math
from dataclasses import dataclass
from typing import Final, NoReturn

from starlette.datastructures import QueryParams

from core.grey_scale import WindowFunction
from imaging.voi import Window
from web.dicomweb.refusals import bad_request

LARGEST_SIDE: Final = 8192
_USUAL_QUALITY: Final = 90
_SHAPES: Final = {
    "linear": WindowFunction.LINEAR,
    "linear-exact": WindowFunction.LINEAR_EXACT,
    "sigmoid": WindowFunction.SIGMOID,
}
_WINDOW_PARTS: Final = 3
_VIEWPORT_PARTS: Final = (2, 6)
_NOT_DONE: Final = ("annotation", "iccprofile")


@dataclass(frozen=True, slots=True)
class Viewport:
    """Into which size a picture, or a part of it, is fitted.

    Parameters
    ----------
    width, height
        In pixels of the answer; the proportions of the picture are kept.
    left, top, part_width, part_height
        The part, in pixels of the picture; None for the whole. A negative width or height turns
        the part round along that axis.
    """

    width: int
    height: int
    left: int | None = None
    top: int | None = None
    part_width: int | None = None
    part_height: int | None = None


@dataclass(frozen=True, slots=True)
class ViewWishes:
    """Everything that a client wishes of a picture.

    Parameters
    ----------
    window
        None for the one that the film is read by.
    viewport
        None for the size that it has.
    quality
        Of a JPEG, 1 to 100.
    not_done
        Names of parameters that have no effect.
    """

    window: Window | None = None
    viewport: Viewport | None = None
    quality: int = _USUAL_QUALITY
    not_done: tuple[str, ...] = ()


def view_wishes(parameters: QueryParams) -> ViewWishes:
    """Read a client's wishes.

    Raises
    ------
    starlette.exceptions.HTTPException
        400, if one cannot be understood.
    """
    return ViewWishes(
        window=_window(parameters.get("window")),
        viewport=_viewport(parameters.get("viewport")),
        quality=_quality(parameters.get("quality")),
        not_done=tuple(name for name in _NOT_DONE if name in parameters),
    )


def _window(text: str | None) -> Window | None:
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != _WINDOW_PARTS or parts[2].lower() not in _SHAPES:
        _refuse("window")
    try:
        centre, width = float(parts[0]), float(parts[1])
        window = Window(centre, width, _SHAPES[parts[2].lower()])
    except ValueError as error:
        _refuse("window", error)
    if not (math.isfinite(centre) and math.isfinite(width)):
        _refuse("window")
    return window


def _viewport(text: str | None) -> Viewport | None:
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) not in _VIEWPORT_PARTS:
        _refuse("viewport")
    try:
        numbers = [int(part) if part.strip() else None for part in parts]
    except ValueError as error:
        _refuse("viewport", error)
    width, height, *part = numbers
    if width is None or height is None:
        _refuse("viewport")
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        _refuse("viewport")
    if any(number is not None and abs(number) > 1 << 20 for number in part) or 0 in part[2:]:
        _refuse("viewport")
    return Viewport(width, height, *part)


def _quality(text: str | None) -> int:
    if text is None:
        return _USUAL_QUALITY
    if not (text.isascii() and text.isdigit() and len(text) <= _WINDOW_PARTS):
        _refuse("quality")
    quality = int(text)
    if not 1 <= quality <= 100:  # noqa: PLR2004 - per cent
        _refuse("quality")
    return quality


def _refuse(name: str, error: Exception | None = None) -> NoReturn:
    message = f"{name} cannot be understood"
    raise bad_request(message) from error
