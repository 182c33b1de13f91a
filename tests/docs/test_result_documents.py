"""The tables of docs/conformance.md on documents say what the builders write.

That the builders really do is tested in tests/dicom_sr.
"""

from pathlib import Path

from core.report import ReportKind
from core.states import ResultKind
from dicom_sr import concepts
from dicom_sr.context import BuildContext, Replaced
from dicom_sr.predecessors import predecessors
from dicom_sr.report_sr import build_report_sr
from dicom_sr.wording_table import built_in_wording
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import TOLD, draft_of, reviewed

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text()
_REPORT = _DOCUMENT.split("### The report\n", 1)[1].split("\n### ", 1)[0]


def _rows(first: str) -> list[list[str]]:
    """Give the rows of the table whose heading row begins with a word."""
    [block] = [one for one in _REPORT.split("\n\n") if one.startswith(f"| {first} ")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()[2:]
    ]


def test_the_sections_are_as_stated() -> None:
    root = build_report_sr(TOLD, draft_of(TOLD), film_header(), BuildContext())
    names = [
        item.ConceptNameCodeSequence[0]
        for item in root.ContentSequence
        if item.RelationshipType == "CONTAINS"
    ]
    built = [
        [name.CodeMeaning, f"{name.CodeValue}, {name.CodingSchemeDesignator}"] for name in names
    ]
    assert [row[:2] for row in _rows("section")] == built
    assert {row[0] for row in _rows("section")} < set(built_in_wording().headings.values())


def test_the_purposes_of_predecessors_are_as_stated() -> None:
    draft, person = _rows("version")
    for row, versions in (
        (draft, [draft_of(TOLD)]),
        (person, [reviewed(TOLD), reviewed(TOLD, ReportKind.EDITED)]),
    ):
        for version in versions:
            for before in ReportKind:
                one = Replaced(ResultKind.REPORT_SR, "1.2", "1.3", "1.4", before)
                context = BuildContext(replaces=(one,))
                named = predecessors(version, ResultKind.REPORT_SR, context)
                what = "a draft" if before is ReportKind.DRAFT else "a person's version"
                stated = f"{what}: {named[0][1].value} {named[0][1].meaning}" if named else ""
                assert stated in row[4]
                assert bool(named) == (what in row[4])
    assert concepts.REPLACED.value in draft[4]
