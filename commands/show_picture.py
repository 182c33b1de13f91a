"""Draws a film with its marks for a person, and writes the picture beside nothing else."""

import os
import tempfile
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from commands.show_file import Opened
from core.errors import NotReadError, WrongArgumentError
from core.marks import Marks
from dicom_sr.references import Sort
from imaging.capture import is_colour, load_capture
from imaging.film import load_film
from imaging.layout import Layout
from imaging.overlay import draw_marks
from imaging.softcopy import load_softcopy

_DICOM_SUFFIXES: Final = frozenset({".dcm", ".dicom", ".dic", ".ima"})


class Form(bytes, Enum):
    """What is written; the value is how such a file begins."""

    PNG = b"\x89PNG\r\n\x1a\n"
    PDF = b"%PDF-"

    @property
    def suffix(self) -> str:
        """Of its files."""
        return f".{self.name.lower()}"


def written_path(file: Path, out: Path | None, inputs: tuple[Path, ...], form: Form) -> Path:
    """Give where the picture or the document goes.

    Parameters
    ----------
    file
        What is shown.
    out
        What the user wants; None puts it beside `file`, under its name.
    inputs
        Files that are read, none of which may be written over.
    form
        What is written.

    Raises
    ------
    WrongArgumentError
        If a folder, an input or a file of another form stands there.
    """
    if out is None:
        plain = file.suffix.lower() in _DICOM_SUFFIXES
        out = file.with_name(f"{file.stem if plain else file.name}{form.suffix}")
    if out.is_dir() or not out.absolute().parent.is_dir():
        message = f"no file can be written there: {out}"
        raise WrongArgumentError(message)
    if out.exists():
        if any(one.exists() and out.samefile(one) for one in inputs):
            message = f"it would take the place of what is read: {out}"
            raise WrongArgumentError(message)
        if not out.is_file() or not _is_of(out, form):
            message = f"another file stands there, which is no {form.name}: {out}"
            raise WrongArgumentError(message)
    return out


def _is_of(path: Path, form: Form) -> bool:
    with path.open("rb") as file:
        return file.read(len(form.value)) == form.value


def draw(
    film: Opened, state: Opened | None, marks: Marks | None, font: Path | None = None
) -> Image.Image:
    """Draw a film.

    Parameters
    ----------
    film
        The film, or another picture.
    state
        The presentation state whose grey scale it is shown in; None shows it in its own.
    marks
        What is drawn over it, None for nothing.
    font
        A TrueType file for letters that the built-in font lacks.

    Raises
    ------
    UnreadableObjectError, NotReadError, OutOfMemoryError, OSError
        If there is no picture to be had.
    """
    if is_colour(Layout.of(film.header)):
        if marks is not None and marks.outlines:
            message = "marks are drawn on grey films only, and this picture is in colour"
            raise NotReadError(message)
        return Image.fromarray(load_capture(film.path))
    if state is not None and state.sort is Sort.MARKS:
        loaded = load_softcopy(film.path, state.header)
    else:
        loaded = load_film(film.path)
    return draw_marks(loaded, marks or Marks(loaded.rows, loaded.columns), font=font).image


def png_bytes(picture: Image.Image) -> bytes:
    """Give a picture as the bytes of a PNG."""
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def write(content: bytes, path: Path) -> None:
    """Write a file; a reader sees the old one or the whole new one.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    handle, name = tempfile.mkstemp(suffix=path.suffix, dir=path.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
