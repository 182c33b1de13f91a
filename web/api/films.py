"""The picture of a film for a screen that windows it itself: what is told of it, and its pixels."""

from typing import Annotated, Final

from fastapi import Depends
from pydantic import BaseModel
from starlette.responses import Response

from core.accounts import AccountRole
from core.errors import FileRemovedError
from core.grey_scale import LookupTable, Window
from db.study_films import film_file
from imaging.presets import Preset, PresetKind
from web.access.guard import GuardedRouter
from web.access.refusals import NoSuchThingError
from web.access.studies import study_of
from web.access.who import Person
from web.pixels import StoredFilm
from web.services import Given

router = GuardedRouter()
_ROLES: Final = (AccountRole.RADIOLOGIST,)
_FILM: Final = "/api/v1/studies/{study_uid}/films/{film_uid}"
_PIXELS: Final = "application/octet-stream"
_PICTURE: Final = "the film's picture"


class Size(BaseModel):
    """Rows and columns of pixels."""

    rows: int
    columns: int


class DisplayWindow(BaseModel):
    """A window of the modality's values (PS3.3 section C.11.2)."""

    kind: PresetKind
    explanation: str
    """The film's own words; untrusted."""
    function: str | None = None
    """LINEAR, LINEAR_EXACT or SIGMOID; null where there is a table."""
    center: float | None = None
    width: float | None = None
    first: int | None = None
    """Input value of the table's first entry."""
    bits: int | None = None
    """Of an entry."""
    entries: list[int] | None = None


class DisplaySpacing(BaseModel):
    """Size of a pixel in millimetres."""

    row: float
    column: float
    calibrated: bool
    """Whether of the patient; else of the detector."""


class Display(BaseModel):
    """How to look at a film."""

    whole: Size
    preview: Size
    factor: int
    """Side of the blocks that each pixel of the preview is the mean of."""
    slope: float
    intercept: float
    """The modality's value of a pixel is slope * pixel + intercept."""
    lowest: int
    highest: int
    """Of the pixels that are a picture."""
    padding: tuple[int, int] | None
    """First and last pixel value that is no picture, to be shown black."""
    inverted: bool
    """Whether the lowest of the modality's values is the brightest (MONOCHROME1)."""
    presets: list[DisplayWindow]
    """The one to begin with first."""
    aspect: float
    """Height of a pixel over its width."""
    spacing: DisplaySpacing | None
    right: str | None
    """Letters of the patient's side at the right end of a row, as stored."""
    down: str | None
    """Of that at the lower end of a column."""
    remarks: list[str]


def _film(ours: Given, who: Person, study_uid: str, film_uid: str) -> StoredFilm:
    """Give a film that the person may see and that is still here, decoded."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        found = film_file(session, study.id, film_uid)
    if found is None:
        message = "the study has no such film"
        raise NoSuchThingError(message)
    if found.removed_at is not None:
        raise FileRemovedError(_PICTURE, found.removed_at)
    return ours.pixels.get(found.path)


Film = Annotated[StoredFilm, Depends(_film)]


@router.call(f"{_FILM}/display", roles=_ROLES, tags=["films"])
def display(film: Film) -> Display:
    """Say how a film is to be shown: size, windows, polarity, proportions, orientation."""
    shown = film.film
    rows, columns = shown.pixels.shape
    return Display(
        whole=Size(rows=rows, columns=columns),
        preview=Size(rows=film.preview_rows, columns=film.preview_columns),
        factor=film.factor,
        slope=shown.slope,
        intercept=shown.intercept,
        lowest=shown.lowest,
        highest=shown.highest,
        padding=None if shown.padding is None else (shown.padding.first, shown.padding.last),
        inverted=shown.inverted,
        presets=[_window(preset) for preset in shown.presets],
        aspect=shown.aspect,
        spacing=None
        if shown.spacing is None
        else DisplaySpacing(
            row=shown.spacing.row,
            column=shown.spacing.column,
            calibrated=shown.spacing.calibrated,
        ),
        right=None if shown.directions is None else shown.directions.right,
        down=None if shown.directions is None else shown.directions.down,
        remarks=[remark.text for remark in shown.remarks],
    )


@router.call(f"{_FILM}/pixels", roles=_ROLES, tags=["films"], response_class=Response)
def pixels(film: Film) -> Response:
    """Give all pixels: rows from the top, each pixel unsigned with 16 bits, little endian."""
    return Response(film.whole, media_type=_PIXELS)


@router.call(f"{_FILM}/preview", roles=_ROLES, tags=["films"], response_class=Response)
def preview(film: Film) -> Response:
    """Give the same in few pixels, each the mean of a block, to be shown first."""
    return Response(film.preview, media_type=_PIXELS)


@router.call(f"{_FILM}/thumbnail", roles=_ROLES, tags=["films"], response_class=Response)
def thumbnail(film: Film) -> Response:
    """Give a small PNG picture through the first window; not for diagnosis."""
    return Response(film.thumbnail, media_type="image/png")


def _window(preset: Preset) -> DisplayWindow:
    told = DisplayWindow(kind=preset.kind, explanation=preset.explanation)
    match preset.voi:
        case Window(center, width, function):
            of_window = {"function": function, "center": center, "width": width}
            return told.model_copy(update=of_window)
        case LookupTable(first, bits, entries):
            of_table = {"first": first, "bits": bits, "entries": list(entries)}
            return told.model_copy(update=of_table)
