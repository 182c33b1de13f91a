"""The tables of docs/conformance.md on HL7 say what messages hold and what answers mean.

What the fields hold is tested with messages in tests/gateway.
"""

import re
from pathlib import Path

import hl7

from core.report import ReportKind
from dicom_sr.code_table import Group
from gateway.hl7.acknowledgement import ACKNOWLEDGEMENTS, ERRORS, Code
from gateway.hl7.mllp import LARGEST_ANSWER
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import ORDINARY, READINGS
from tests.gateway.hl7_messages import CONTEXT, built, reviewed, taken_back

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text("utf-8")
_PART = _DOCUMENT.split("\n## Messages to reporting systems", 1)[1].split("\n## ", 1)[0]
_FIELD = re.compile(r"\b(MSH|PID|ORC|OBR|OBX)-(\d+)\b")


def _section(heading: str) -> str:
    return _PART.split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0]


def _tables(heading: str) -> list[list[list[str]]]:
    blocks = [block for block in _section(heading).split("\n\n") if block.startswith("|")]
    return [
        [
            [cell.strip() for cell in line.replace("\\|", "!").strip("|").split("|")]
            for line in block.strip().splitlines()[2:]
        ]
        for block in blocks
    ]


def _stated_fields() -> set[tuple[str, int]]:
    """Give the fields of the first column; `OBX-2 to OBX-6` are all between."""
    (rows,) = _tables("Fields")
    stated = {(name, int(number)) for row in rows for name, number in _FIELD.findall(row[0])}
    assert "OBX-2 to OBX-6" in {row[0] for row in rows}
    return stated | {("OBX", number) for number in range(2, 7)}


def _messages() -> list[bytes]:
    """Give messages that together have all fields that there are."""
    draft = built()
    accepted = reviewed(ORDINARY, ReportKind.ACCEPTED, final=True)
    return [
        draft,
        built(version=accepted, earlier=[draft]),
        built(source=film_header(PlacerOrderNumberImagingServiceRequest="P1")),
        taken_back([draft], author="Doe^Jane"),
        *(built(reading) for reading in READINGS.values()),
    ]


def test_the_fields_are_as_stated() -> None:
    sent: set[tuple[str, int]] = set()
    for data in _messages():
        for segment in hl7.parse(data.decode("utf-8")):
            sent |= {
                (str(segment[0]), number)
                for number in range(1, len(segment))
                if str(segment[number])
            }
    assert sent == _stated_fields()


def test_the_observations_are_as_stated() -> None:
    (rows,) = _tables("Observations")
    stated = {
        code for row in rows for code in re.findall(r"\b(\d{6,9}|[A-Z]{4,})\b(?= \(|,)", row[0])
    }
    types = {row[1] for row in rows}
    sent = set()
    labels = {entry.written.value for entry in CONTEXT.codes.rows[Group.LABELS].values()}
    for data in _messages():
        for segment in hl7.parse(data.decode("utf-8")).segments("OBX"):
            code = str(segment[3]).partition("^")[0]
            assert str(segment[2]) in types
            if code not in labels:
                sent.add(code)
    assert sent == stated


def test_the_acknowledgements_are_as_stated() -> None:
    msa, err = _tables("Acknowledgements")
    assert msa == [_row(code, meaning) for code, meaning in ACKNOWLEDGEMENTS.items()]
    assert err == [_row(str(code), meaning) for code, meaning in ERRORS.items()]
    assert f"more than {LARGEST_ANSWER} bytes" in " ".join(_section("Acknowledgements").split())


def _row(code: str, meaning: Code) -> list[str]:
    return [code, meaning.words, meaning.verdict.value]
