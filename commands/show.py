"""Shows a DICOM file of any kind: the film with its marks as PNG, a report as text."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commands.output import console, print_json, printable
from commands.show_file import Opened, open_object
from commands.show_marks import choose_marks, own_reading
from commands.show_picture import Form, draw, png_bytes, write, written_path
from commands.show_search import Search
from commands.viewing import note_objects
from core.errors import FirstReadError, UnreadableObjectError, WrongArgumentError
from core.reading import Reading
from core.reading_json import reading_to_json
from core.settings import load_settings
from dicom_sr import values
from dicom_sr.code_table import CodeTable
from dicom_sr.references import Sort
from dicom_sr.report_text import report_heading, report_text
from gateway.site_context import code_table


@dataclass(slots=True)
class _Shown:
    """What is to be told of a file; `missing` is what could not be shown."""

    opened: Opened
    film: Opened | None = None
    reading: Reading | None = None
    texts: list[tuple[Opened, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    picture: Path | None = None


def show(
    settings_path: Path | None, file: Path, film: Path | None, out: Path | None, *, as_json: bool
) -> bool:
    """Draw a film with its marks, and print a structured report as text.

    Who looked at a file of the spool is an event of the audit, without which it is not shown.

    Parameters
    ----------
    settings_path
        The settings file, which tells where the spool is.
    file
        A film, a presentation state, a structured report, a key object selection, a picture or
        an encapsulated PDF.
    film
        The film that it is of; None looks for it.
    out
        Where the picture goes; None puts it beside `file`.
    as_json
        Whether a program reads it.

    Returns
    -------
    bool
        Whether everything that belongs to the file could be shown.

    Raises
    ------
    UnreadableObjectError
        If the file is no readable DICOM object.
    WrongArgumentError
        If the film is not the one that the file is of, or the picture would take the place of
        another file.
    OSError
        If a file cannot be read or written.
    """
    settings = load_settings(settings_path)
    codes = code_table(settings.site.codes)
    opened = open_object(file)
    shown = _Shown(opened)
    search = Search(file, settings, shown.remarks)
    shown.film = _film(opened, film, search)
    inputs = tuple(one.path for one in (opened, shown.film) if one is not None)
    form = Form.PDF if opened.sort is Sort.PDF else Form.PNG
    target = written_path(file, out, inputs, form)
    results = []
    if shown.film is not None and opened.sort is not Sort.MARKS:
        results = search.results(shown.film.uid)
    note_objects(settings, [*inputs, *(one.path for one in results)])
    _tell(shown, search, codes)
    if opened.sort is Sort.PDF:
        _extract(shown, target)
    elif shown.film is not None:
        _draw(shown, search, codes, target)
    elif opened.sort is Sort.KEY_OBJECTS:
        # A rejection note names documents, and none of them is a picture.
        shown.remarks.append("no picture that it names was found")
    elif opened.sort is Sort.MARKS or opened.of:
        shown.missing.append("the film was not found: name it by --film")
    if as_json:
        print_json(_values(shown))
    else:
        _print(shown)
    return not shown.missing


def _film(opened: Opened, film: Path | None, search: Search) -> Opened | None:
    """Give the picture that a file is of: itself, the one that is named, or one that is found."""
    if opened.sort is Sort.PICTURE:
        if film is not None:
            message = f"--film is for files that are no picture: {opened.path} is one"
            raise WrongArgumentError(message)
        return opened
    if film is None:
        return search.film(opened.of) if opened.of else None
    named = open_object(film)
    if named.sort is not Sort.PICTURE:
        message = f"no film, but a {named.sort.value}: {film}"
        raise WrongArgumentError(message)
    if named.uid not in opened.of:
        message = f"the film is another than the one that {opened.path} is of: {film}"
        raise WrongArgumentError(message)
    return named


def _tell(shown: _Shown, search: Search, codes: CodeTable) -> None:
    """Put the reports into words, and read our own back."""
    opened = shown.opened
    if opened.sort is Sort.REPORT:
        try:
            shown.reading = own_reading(opened, codes)
        except UnreadableObjectError as error:
            shown.missing.append(f"the reading: {error}")
    if opened.sort in {Sort.REPORT, Sort.KEY_OBJECTS}:
        reports = [opened]
    elif opened.sort is Sort.PICTURE:
        reports = _newest_of_each(search.results(opened.uid), Sort.REPORT)
    else:
        reports = []
    for report in reports:
        words = report_text(report.header)
        if words:
            shown.texts.append((report, f"{report_heading(report.header)}\n\n{words}\n"))
        else:
            shown.missing.append(f"{report.path} has no words")


def _newest_of_each(results: list[Opened], sort: Sort) -> list[Opened]:
    """Give the newest result of each title and maker."""
    newest: dict[tuple[str, str], Opened] = {}
    for one in results:
        if one.sort is sort:
            maker = values.first_text(one.header, "ManufacturerModelName")
            title = report_heading(one.header).partition(",")[0]
            newest.setdefault((maker, title), one)
    return list(newest.values())


def _draw(shown: _Shown, search: Search, codes: CodeTable, target: Path) -> None:
    film, opened = shown.film, shown.opened
    assert film is not None  # noqa: S101 - for the type checker: the caller has one
    try:
        results = [] if opened.sort is Sort.MARKS else search.results(film.uid)
        chosen = choose_marks(opened, film, results, codes, shown.remarks)
        state = None if chosen is None or chosen.source.sort is not Sort.MARKS else chosen.source
        marks = None if chosen is None else chosen.marks.marks
        picture = draw(film, state, marks, search.settings.site.font)
    except FirstReadError as error:
        shown.missing.append(f"no picture of {film.path}: {error}")
        return
    if chosen is not None and chosen.source is not opened:
        shown.remarks.append(f"with the marks of {chosen.source.path}")
    others = len(opened.of) - 1
    if opened.sort is not Sort.PICTURE and others:
        shown.remarks.append(f"it is of {others} more: of its pictures, {film.path} is shown")
    if chosen is not None:
        shown.missing += [f"not drawn: {what}" for what in chosen.marks.left_out]
    write(png_bytes(picture), target)
    shown.picture = target


def _extract(shown: _Shown, target: Path) -> None:
    """Write the document that an object holds; it has a picture of its own."""
    content = values.raw_value(shown.opened.header, "EncapsulatedDocument")
    if isinstance(content, bytes) and content.startswith(Form.PDF.value):
        write(content, target)
        shown.picture = target
    else:
        shown.missing.append("the object holds no PDF")


def _values(shown: _Shown) -> dict[str, Any]:
    return {
        "file": str(shown.opened.path),
        "kind": shown.opened.sort.value,
        "uid": shown.opened.uid,
        "of": list(shown.opened.of),
        "film": None if shown.film is None else str(shown.film.path),
        "picture": None if shown.picture is None else str(shown.picture),
        "reading": None if shown.reading is None else reading_to_json(shown.reading),
        "texts": [{"file": str(report.path), "text": words} for report, words in shown.texts],
        "remarks": shown.remarks,
        "missing": shown.missing,
    }


def _print(shown: _Shown) -> None:
    """Print texts on standard output, and what else is to be said on standard error."""
    for report, words in shown.texts:
        if report is not shown.opened:
            sys.stdout.write(f"{printable(report.path)}\n")
        sys.stdout.write("".join(f"{printable(line)}\n" for line in words.splitlines()))
    sys.stdout.flush()
    told = console()
    lines = [f"{shown.opened.path}: {shown.opened.sort.value}", *shown.remarks, *shown.missing]
    if shown.picture is not None:
        lines.append(f"written to {shown.picture}")
    for line in lines:
        told.print(printable(line), soft_wrap=True)
