"""Which marks a film is shown with: a file's own, else those of the newest result of the film."""

from contextlib import suppress
from dataclasses import dataclass

from commands.show_file import Opened
from core.errors import FirstReadError, NotReadError, UnreadableObjectError
from core.reading import Reading
from dicom_sr import concepts
from dicom_sr.code_table import CodeTable
from dicom_sr.content_tree import read_tree
from dicom_sr.content_values import text_of
from dicom_sr.finding_marks import marks_of_findings
from dicom_sr.foreign_findings import read_foreign_findings
from dicom_sr.marks_of import marks_of
from dicom_sr.presentation_marks import ReadMarks, read_marks
from dicom_sr.read_back import read_back
from dicom_sr.references import Sort
from dicom_sr.report_text import report_heading
from dicom_sr.source import read_source
from dicom_sr.text import one_line


@dataclass(frozen=True, slots=True)
class Chosen:
    """Marks, and the object that they are of."""

    source: Opened
    marks: ReadMarks


def choose_marks(
    opened: Opened, film: Opened, others: list[Opened], codes: CodeTable, remarks: list[str]
) -> Chosen | None:
    """Choose what is drawn over a film.

    Parameters
    ----------
    opened
        What a user wants to see.
    film
        Its film.
    others
        The results of that film, the newest first.
    codes
        The table of codes in force.
    remarks
        A result of the others that cannot be read is told here, and passed over.

    Returns
    -------
    Chosen
        None where nothing tells of a place.

    Raises
    ------
    UnreadableObjectError
        If `opened` is a presentation state that cannot be read.
    """
    if opened.sort is Sort.MARKS:
        return Chosen(opened, _of_state(opened, film))
    if opened.sort is Sort.REPORT:
        marks = _of_report(opened, film, codes)
        if marks is not None:
            return Chosen(opened, marks)
    states = [one for one in others if one.sort is Sort.MARKS]
    reports = [one for one in others if one.sort is Sort.REPORT]
    for one in (*states, *reports):
        try:
            state = one.sort is Sort.MARKS
            marks = _of_state(one, film) if state else _of_report(one, film, codes)
        except FirstReadError as error:
            remarks.append(f"not drawn: {one.path}: {error}")
            continue
        if marks is not None:
            return Chosen(one, marks)
    return None


def own_reading(opened: Opened, codes: CodeTable) -> Reading | None:
    """Give the reading of a coded result of ours; None where it is none, or not whole.

    Raises
    ------
    UnreadableObjectError
        If it says that it is ours and is not as ours are.
    """
    try:
        part = read_back([opened.header], codes=codes)
    except NotReadError:
        return None
    return part.reading() if part.complete else None


def _of_state(state: Opened, film: Opened) -> ReadMarks:
    place = read_source(film.header).film
    return read_marks(state.header, film.uid, rows=place.rows, columns=place.columns)


def _of_report(report: Opened, film: Opened, codes: CodeTable) -> ReadMarks | None:
    """Give the marks of ours as they were drawn first, and those of others by their regions."""
    place = read_source(film.header).film
    heading = report_heading(report.header)
    reading = None
    with suppress(UnreadableObjectError):  # its regions are shown all the same
        reading = own_reading(report, codes)
    if reading is not None:
        said = (text_of(node) for node in read_tree(report.header).named(concepts.COMMENT))
        notice = next((one_line(words) for words in said if words), heading)
        return ReadMarks(marks_of(reading, notice, place))
    try:
        findings = read_foreign_findings(report.header)
    except NotReadError:
        return None  # a report in words: they are shown, and it has no places
    return marks_of_findings(findings, place, (heading, *map(one_line, findings.comments)))
