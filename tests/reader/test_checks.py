"""Each check over hand-made answers, all codes told, and the page that lists them.

The checks of the report's words have their own table in test_check_words; that a reading carries
the remarks is in test_one_reading.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.labels import Label, Side
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    Presence,
    Remark,
    ReportSentence,
)
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer
from reader.assemble import findings_of
from reader.check_codes import Code
from reader.checks import checks_of
from reader.report_text import sentences
from reader.sentence_findings import Statement, statements

LEFT, RIGHT = Box(0.6, 0.6, 0.9, 0.9), Box(0.1, 0.6, 0.4, 0.9)
"""The patient's left lies in the right half of the film."""
EFFUSION, EDEMA, HEART = Label.PLEURAL_EFFUSION, Label.EDEMA, Label.CARDIOMEGALY
KNOWN = (EFFUSION, EDEMA, HEART)
CONTRADICTED = [Code.REPORT_CONTRADICTS_ITSELF]


def remarks(
    text: str,
    *,
    impression: str = "",
    listed: tuple[Label, ...] = (),
    uncertain: tuple[Label, ...] = (),
    unknown: tuple[str, ...] = (),
    complete: bool = True,
    located: Mapping[Label, BoxesAnswer] | None = None,
    sentence_boxes: Mapping[str, tuple[Box, ...]] | None = None,
    detection: DetectionAnswer | None = None,
) -> list[Remark]:
    said = stated(text)
    concluded = stated(impression)
    flags = [
        Flag(
            label,
            Presence.PRESENT
            if label in listed
            else Presence.UNCERTAIN
            if label in uncertain
            else Presence.ABSENT,
        )
        for label in dict.fromkeys((*KNOWN, *listed))
    ]
    places = located or {}
    found = checks_of(
        answer=LabelsAnswer(listed, uncertain, unknown),
        known=KNOWN,
        flags=flags,
        report=DraftReport(text, impression),
        complete=complete,
        stated=said,
        concluded=concluded,
        findings=findings_of("r", flags, said, concluded, places),
        sentences=tuple(
            ReportSentence(item, (), (sentence_boxes or {}).get(item, ()))
            for item in sentences(text)
        ),
        located=places,
        detection=detection,
    )
    return list(found)


def codes(text: str, **more: Any) -> list[str]:
    return [item.code for item in remarks(text, **more)]


def stated(text: str) -> list[Statement]:
    return [item for sentence in sentences(text) for item in statements(sentence)]


def test_an_answer_without_fault_has_no_remark() -> None:
    found = codes(
        "There is a left effusion. No edema.",
        listed=(EFFUSION,),
        located={EFFUSION: BoxesAnswer((LEFT,))},
        sentence_boxes={"There is a left effusion.": (LEFT,)},
        detection=DetectionAnswer({EFFUSION: BoxesAnswer((LEFT,))}),
    )
    assert found == []


@pytest.mark.parametrize(
    ("text", "listed", "uncertain", "expected"),
    [
        ("No edema.", (EDEMA,), (), [Code.REPORT_CONTRADICTS_LABELS]),
        ("No edema.", (), (EDEMA,), [Code.REPORT_CONTRADICTS_LABELS]),
        ("There is edema.", (), (), [Code.REPORT_CONTRADICTS_LABELS]),
        ("There may be edema.", (), (), [Code.REPORT_DOUBTS]),
        ("There may be edema.", (EDEMA,), (), []),
        ("There is edema.", (), (EDEMA,), []),
        ("The film is rotated.", (EDEMA,), (), [Code.REPORT_SILENT]),
        ("The film is rotated.", (), (EDEMA,), []),
        ("Mild edema. No edema.", (EDEMA,), (), [Code.REPORT_CONTRADICTS_ITSELF]),
        ("Congestion of the lungs without overt edema.", (), (), []),
        ("Pulmonary congestion without overt edema.", (EDEMA,), (), []),
        ("Left effusion. No right effusion.", (EFFUSION,), (), []),
        ("Bilateral effusions. No right effusion.", (EFFUSION,), (), CONTRADICTED),
        ("Left effusion. No effusion.", (EFFUSION,), (), [Code.REPORT_CONTRADICTS_ITSELF]),
        ("Fracture.", (Label.FRACTURE,), (), [Code.UNTRAINED_LABEL]),
    ],
)
def test_list_against_report(
    text: str, listed: tuple[Label, ...], uncertain: tuple[Label, ...], expected: list[Code]
) -> None:
    assert codes(text, listed=listed, uncertain=uncertain) == expected


def test_unknown_names_and_a_cut_text() -> None:
    assert codes("Clear.", unknown=("florbosis",), complete=False) == [
        Code.UNKNOWN_LABEL,
        Code.TEXT_CUT,
    ]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (BoxesAnswer((LEFT,)), []),
        (BoxesAnswer((LEFT, RIGHT)), [Code.SIDE_DIFFERS_FROM_BOXES]),
        (BoxesAnswer((LEFT, Box(0.1, 0.1, 0.51, 0.2))), []),
        (BoxesAnswer((Box(0.4, 0.1, 0.6, 0.2),)), []),
        (BoxesAnswer((RIGHT,)), [Code.SIDE_DIFFERS_FROM_BOXES]),
        (BoxesAnswer((Box(0.1, 0.1, 0.5, 0.2),)), [Code.SIDE_DIFFERS_FROM_BOXES]),
        (BoxesAnswer((LEFT,), ("[",)), [Code.BOXES_DROPPED]),
        (BoxesAnswer((), ("[",)), [Code.BOXES_DROPPED, Code.NOT_LOCATED]),
        (BoxesAnswer(()), [Code.NOT_LOCATED]),
        (BoxesAnswer((Box(0, 0, 1, 0.96),)), [Code.BOX_COVERS_FILM]),
    ],
)
def test_places_of_a_finding_on_the_left(place: BoxesAnswer, expected: list[Code]) -> None:
    text = "There is a left effusion."
    assert codes(text, listed=(EFFUSION,), located={EFFUSION: place}) == expected


@pytest.mark.parametrize(
    ("text", "boxes", "words"),
    [
        ("Left effusion.", (RIGHT,), "on the left, but its box lies wholly on the other half"),
        ("Right effusion.", (RIGHT, LEFT, RIGHT), "on the right, but 1 of its 3 boxes lies wholly"),
        ("Left effusion.", (RIGHT, RIGHT), "on the left, but 2 of its 2 boxes lie wholly on the"),
    ],
)
def test_the_remark_says_how_many_boxes_lie_on_the_other_half(
    text: str, boxes: tuple[Box, ...], words: str
) -> None:
    place = {EFFUSION: BoxesAnswer(boxes)}
    [found] = remarks(text, listed=(EFFUSION,), located=place)
    assert words in found.text


@pytest.mark.parametrize(
    ("text", "impression", "expected"),
    [
        (
            "There is consolidation in the right lower lung zone.",
            "Left consolidation.",
            ["The findings put consolidation on the right, the impression on the left."],
        ),
        (
            "Left consolidation.",
            "Possible right consolidation.",
            ["The findings put consolidation on the left, the impression on the right."],
        ),
        (
            "Bilateral consolidations.",
            "Right consolidation.",
            ["The findings put consolidation on both sides, the impression on the right."],
        ),
        (
            "Left consolidation.",
            "Left consolidation. Right consolidation.",
            ["The findings put consolidation on the left, the impression on both sides."],
        ),
        ("Left consolidation. Right consolidation.", "Bilateral consolidation.", []),
        ("Left consolidation.", "Left consolidation.", []),
        ("Left consolidation.", "Consolidation.", []),
        ("Consolidation.", "Left consolidation.", []),
        ("Left consolidation.", "No right consolidation.", []),
        ("Left consolidation.", "", []),
    ],
)
def test_the_impression_s_side_against_the_findings(
    text: str, impression: str, expected: list[str]
) -> None:
    found = remarks(text, impression=impression, listed=(Label.CONSOLIDATION,))
    assert {item.code for item in found} - {Code.IMPRESSION_SIDE_DIFFERS} == {Code.UNTRAINED_LABEL}
    assert [item.text for item in found if item.code != Code.UNTRAINED_LABEL] == expected


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(0.3, 0.4, 0.7, 0.8), []),
        (Box(0.2, 0.4, 0.3, 0.8), []),
        (Box(0.0, 0.4, 0.25, 0.8), [Code.PLACE_UNUSUAL]),
        (Box(0.8, 0.4, 1.0, 0.8), [Code.PLACE_UNUSUAL]),
    ],
)
def test_a_heart_beside_the_middle_is_remarked(box: Box, expected: list[Code]) -> None:
    place = {HEART: BoxesAnswer((box,))}
    assert codes("There is cardiomegaly.", listed=(HEART,), located=place) == expected


@pytest.mark.parametrize(
    ("text", "boxes", "expected"),
    [
        ("There is a right effusion.", (LEFT,), [Code.SENTENCE_SIDE_DIFFERS_FROM_BOXES]),
        ("There is a right effusion.", (LEFT, RIGHT), [Code.SENTENCE_SIDE_DIFFERS_FROM_BOXES]),
        ("There is a right effusion.", (RIGHT, Box(0.49, 0.1, 0.9, 0.2)), []),
        ("There is a right effusion.", (), []),
        ("There are bilateral effusions.", (LEFT,), []),
        ("Left effusion and right edema.", (LEFT,), []),
        ("Left effusion, no right edema.", (RIGHT,), [Code.SENTENCE_SIDE_DIFFERS_FROM_BOXES]),
    ],
)
def test_a_sentence_s_side_against_its_own_boxes(
    text: str, boxes: tuple[Box, ...], expected: list[Code]
) -> None:
    listed = tuple(label for label in (EFFUSION, EDEMA) if f"no right {label}" not in text)
    listed = tuple(label for label in listed if label.value.split()[-1] in text)
    assert codes(text, listed=listed, sentence_boxes={text: boxes}) == expected


@pytest.mark.parametrize(
    ("text", "listed", "detection", "expected"),
    [
        ("Edema.", (EDEMA,), DetectionAnswer({EDEMA: BoxesAnswer((LEFT,))}), []),
        ("Edema.", (EDEMA,), DetectionAnswer({EFFUSION: BoxesAnswer((), ("[",))}), []),
        (
            "Edema.",
            (EDEMA,),
            DetectionAnswer({}, understood=False),
            [Code.DETECTION_NOT_UNDERSTOOD],
        ),
        ("Edema.", (EDEMA,), DetectionAnswer({}, ("ILD",)), [Code.DETECTION_UNKNOWN_NAME]),
        ("Edema.", (EDEMA,), DetectionAnswer({}), [Code.DETECTION_CONTRADICTS_LABELS]),
        ("The film is rotated.", (), DetectionAnswer({}), []),
        (
            "The film is rotated.",
            (),
            DetectionAnswer({EDEMA: BoxesAnswer((LEFT,))}),
            [Code.DETECTION_CONTRADICTS_LABELS],
        ),
        (
            "No edema.",
            (),
            DetectionAnswer({EDEMA: BoxesAnswer((LEFT,))}),
            [Code.DETECTION_CONTRADICTS_REPORT, Code.DETECTION_CONTRADICTS_LABELS],
        ),
    ],
)
def test_detection_against_list_and_report(
    text: str, listed: tuple[Label, ...], detection: DetectionAnswer, expected: list[Code]
) -> None:
    assert codes(text, listed=listed, detection=detection) == expected


def test_two_places_that_do_not_meet() -> None:
    def found(box: Box) -> list[str]:
        return codes(
            "Edema.",
            listed=(EDEMA,),
            located={EDEMA: BoxesAnswer((LEFT,))},
            detection=DetectionAnswer({EDEMA: BoxesAnswer((box,))}),
        )

    assert found(RIGHT) == [Code.DETECTION_PLACES_DIFFER]
    assert found(Box(0.8, 0.8, 1.0, 1.0)) == []
    assert found(Box(0.9, 0.6, 1.0, 0.9)) == [Code.DETECTION_PLACES_DIFFER]  # they only touch


def test_words_and_loops_are_among_the_checks() -> None:
    text = "The small left effusion is unchanged. The small left effusion is unchanged."
    assert codes(text, listed=(EFFUSION,)) == [
        Code.REPORT_REPEATS_ITSELF,
        Code.COMPARISON_NOT_GIVEN,
    ]


def test_an_unsided_finding_fits_any_box() -> None:
    for side in (None, Side.BILATERAL):
        finding = Finding("f", EDEMA, Presence.PRESENT, side=side, boxes=(LEFT,))
        assert finding.side is side
    assert codes("Edema.", listed=(EDEMA,), located={EDEMA: BoxesAnswer((RIGHT,))}) == []


def test_the_page_of_the_checks_lists_every_code_once() -> None:
    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(Code)
