"""Indication and technique from headers: which attribute speaks, and what is taken off its text.

Covered as well: that a film that was sent has them in its row. That odd bytes never raise is in
`test_hostile_headers`; which model is told what is the reader's.
"""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from core.reading import Given
from gateway.given import LONGEST, given_of, one_line
from tests.gateway.client import store
from tests.gateway.edge import Edge
from tests.gateway.objects import film


def _coded(*meanings: str) -> list[Dataset]:
    items = []
    for meaning in meanings:
        item = Dataset()
        item.CodeValue = "1"
        item.CodingSchemeDesignator = "99TEST"
        item.CodeMeaning = meaning
        items.append(item)
    return items


def _asked_in_request(reason: str) -> list[Dataset]:
    item = Dataset()
    item.ReasonForTheRequestedProcedure = reason
    return [Dataset(), item]


def test_a_silent_header_gives_nothing_but_the_view() -> None:
    assert given_of(film()) == Given(None, "PA chest radiograph", None)
    assert given_of(Dataset()) == Given()


_SOURCES: list[tuple[str, dict[str, Any]]] = [
    ("reason", {"ReasonForTheRequestedProcedure": "reason"}),
    ("cough; fever", {"ReasonForRequestedProcedureCodeSequence": _coded("cough", "", "fever")}),
    ("study", {"ReasonForStudy": "study"}),
    ("performed", {"ReasonForPerformedProcedureCodeSequence": _coded("performed")}),
    ("request", {"RequestAttributesSequence": _asked_in_request("request")}),
    ("heart; lung", {"AdmittingDiagnosesDescription": ["heart", "lung"]}),
    ("coded", {"AdmittingDiagnosesCodeSequence": _coded("coded")}),
    ("visit", {"ReasonForVisit": "visit"}),
    ("history", {"AdditionalPatientHistory": "history"}),
]


@pytest.mark.parametrize("first", range(len(_SOURCES)))
def test_the_best_source_that_speaks_is_taken_alone(first: int) -> None:
    values: dict[str, Any] = {}
    for _, source in reversed(_SOURCES[first:]):
        values |= source
    assert given_of(film(**values)).indication == _SOURCES[first][0]


@pytest.mark.parametrize("nothing", ["", " ", "N/A", "n.a.", "-", "?", "None", "UNKNOWN", "\x00"])
def test_what_fills_a_form_is_no_indication(nothing: str) -> None:
    header = film(ReasonForTheRequestedProcedure=nothing, AdditionalPatientHistory="asthma")
    assert given_of(header).indication == "asthma"


def test_a_description_of_the_examination_is_no_indication() -> None:
    header = film(StudyDescription="Chest", RequestedProcedureDescription="XR chest")
    assert given_of(header).indication is None


def test_an_indication_is_one_line_of_visible_characters() -> None:
    header = film(ReasonForTheRequestedProcedure="cough\r\n\x1b[31m3\u2028days\u202e \x00 fever")
    assert given_of(header).indication == "cough [31m3 days fever"


def test_a_lone_surrogate_is_taken_out() -> None:
    assert one_line("a\ud800b") == "ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("word " * 200, ("word " * 100).strip()),
        ("x" * 600, "x" * LONGEST),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST - 1) + " y", "x" * (LONGEST - 1)),
    ],
)
def test_a_long_indication_is_cut_between_words(text: str, expected: str) -> None:
    assert given_of(film(ReasonForTheRequestedProcedure=text)).indication == expected


def test_a_sequence_of_another_kind_is_passed_over() -> None:
    header = film(AdditionalPatientHistory="asthma")
    header.add_new("RequestAttributesSequence", "LO", "no sequence")
    assert given_of(header).indication == "asthma"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ViewPosition": "AP"}, "AP chest radiograph"),
        ({"ViewPosition": None, "SeriesDescription": "Thorax frontal"}, "Frontal chest radiograph"),
        (
            {"ViewPosition": "AP", "SeriesDescription": "Portable chest supine"},
            "Portable AP chest radiograph, supine",
        ),
        ({"ViewPosition": None, "StudyDescription": "MOBILE CXR"}, "Portable chest radiograph"),
        ({"SeriesDescription": "Thorax p.a. stehend"}, "PA chest radiograph, upright"),
        ({"SeriesDescription": "erect or supine"}, "PA chest radiograph"),
        ({"ViewPosition": None, "SeriesDescription": "supine"}, "Chest radiograph, supine"),
        ({"ViewPosition": None}, None),
        ({"ViewPosition": "PA", "SeriesDescription": "lateral"}, None),
        ({"ViewPosition": "LL"}, None),
    ],
)
def test_the_technique_is_what_view_and_texts_tell(
    values: dict[str, Any], expected: str | None
) -> None:
    assert given_of(film(**values)).technique == expected


def test_a_film_that_was_sent_has_them_in_its_row(edge: Edge) -> None:
    asked = film(ReasonForTheRequestedProcedure="cough", SeriesDescription="bedside")
    assert store(edge.port, asked)[0] == 0
    (instance,) = edge.instances()
    assert instance.indication == "cough"
    assert instance.technique == "Portable PA chest radiograph"
    assert instance.comparison is None
