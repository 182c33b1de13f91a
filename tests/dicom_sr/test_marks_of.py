"""The marks of a reading: which there are, and that labels stay readable on films of any shape.

Covers, for arbitrary films and up to 30 findings (hypothesis): no text leaves the film, none
covers another, and one covers a box only where the film has no free place for it. Not covered:
how the marks are written (test_gsps) or drawn (tests/imaging/test_overlay).
"""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.labels import Label, Side
from core.marks import Layer, Marks, Outline, TextMark
from core.reading import Box, Finding, Presence, ReportSentence
from dicom_sr.marks_of import marks_of
from dicom_sr.sheet import Sheet
from dicom_sr.source import Film, read_source
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import (
    ABSENT_AND_UNCERTAIN,
    NO_FINDING,
    ORDINARY,
    THIRTY,
    make_reading,
)

NOTICE = "AI draft, research use, not a medical device"
FILM = read_source(film_header()).film


def film(rows: int, columns: int, aspect: tuple[int, int] = (1, 1)) -> Film:
    return replace(FILM, rows=rows, columns=columns, aspect_ratio=aspect)


def area(text: TextMark) -> float:
    return (text.right - text.left) * (text.bottom - text.top)


def edges(mark: Outline | TextMark) -> tuple[float, float, float, float]:
    if isinstance(mark, TextMark):
        return mark.left, mark.top, mark.right, mark.bottom
    (left, top), _, (right, bottom), *_ = mark.points
    return left, top, right, bottom


def common(one: Outline | TextMark, other: Outline | TextMark) -> float:
    a, b = edges(one), edges(other)
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def free_place(marks: Marks, number: int) -> bool:
    """Whether a grid search finds room for a text, given those that were placed before it."""
    text = marks.texts[number]
    before = [edges(one) for one in marks.texts[:number]]
    taken = np.array(before + [edges(one) for one in marks.outlines])
    width, height = text.right - text.left, text.bottom - text.top
    lefts = np.linspace(0, marks.columns - width, 80)
    tops = np.linspace(0, marks.rows - height, 80)
    left, top = (grid.reshape(-1, 1) for grid in np.meshgrid(lefts, tops))
    apart = (
        (left + width <= taken[:, 0])
        | (left >= taken[:, 2])
        | (top + height <= taken[:, 1])
        | (top >= taken[:, 3])
    )
    return bool(apart.all(axis=1).any())


_FRACTIONS = st.floats(0, 0.999, allow_subnormal=False)
_SIZES = st.floats(0.01, 0.6)
_FINDINGS = st.builds(
    lambda label, presence, side, score, x, y, w, h: Finding(
        "",
        label,
        presence,
        score,
        side=side,
        boxes=(Box(x, y, min(x + w, 1.0), min(y + h, 1.0)),),
    ),
    st.sampled_from(Label),
    st.sampled_from([Presence.PRESENT, Presence.UNCERTAIN]),
    st.sampled_from([None, *Side]),
    st.none() | st.floats(0, 1),
    _FRACTIONS,
    _FRACTIONS,
    _SIZES,
    _SIZES,
)


@given(
    st.lists(_FINDINGS, max_size=30),
    st.integers(16, 4000),
    st.floats(0.1, 10),
    st.sampled_from([(1, 1), (2, 1), (1, 2), (139, 100)]),
)
@settings(deadline=None, max_examples=60)
def test_texts_stay_inside_and_cover_nothing_where_there_is_room(
    findings: list[Finding], rows: int, shape: float, aspect: tuple[int, int]
) -> None:
    below = film(rows, min(max(round(rows * shape), 16), 65535), aspect)
    marks = marks_of(make_reading(findings), NOTICE, below)
    for number, text in enumerate(marks.texts):
        assert 0 <= text.left < text.right <= below.columns
        assert 0 <= text.top < text.bottom <= below.rows
        covers = max((common(text, box) for box in marks.outlines), default=0.0)
        before = max((common(text, other) for other in marks.texts[:number]), default=0.0)
        if max(covers, before) > 0.001 * area(text) and text.layer != Layer.NOTICE:
            assert not free_place(marks, number)


@given(st.lists(_FINDINGS, min_size=1, max_size=6))
@settings(deadline=None, max_examples=40)
def test_the_banner_covers_no_box_where_there_is_room(findings: list[Finding]) -> None:
    marks = marks_of(make_reading(findings), NOTICE, FILM)
    banner = marks.texts[0]
    if any(common(banner, box) > 0.001 * area(banner) for box in marks.outlines):
        assert not free_place(marks, 0)


@pytest.mark.parametrize("size", [(2048, 1760), (512, 3000), (3000, 512), (256, 256), (64, 65535)])
def test_thirty_findings_cover_nothing(size: tuple[int, int]) -> None:
    marks = marks_of(THIRTY, NOTICE, film(*size))
    assert len(marks.outlines) == 30
    labels = [text for text in marks.texts if text.layer == Layer.FINDINGS]
    assert len(labels) == 30
    for number, label in enumerate(labels):
        assert all(common(label, box) <= 0.001 * area(label) for box in marks.outlines)
        assert all(common(label, other) <= 0.001 * area(label) for other in labels[:number])


@pytest.mark.parametrize("aspect", [(2, 1), (1, 2)])
def test_labels_have_their_room_as_it_is_seen(aspect: tuple[int, int]) -> None:
    vertical, horizontal = aspect
    text = marks_of(NO_FINDING, NOTICE, film(1000, 1000, aspect)).texts[0]
    wide = (text.right - text.left) * horizontal
    high = (text.bottom - text.top) * vertical
    assert wide / high == pytest.approx(len(NOTICE) / 2, rel=1e-3)


def test_an_impossible_aspect_ratio_is_not_believed() -> None:
    assert Sheet.of(film(1000, 1000, (1, 2**31 - 1))) == Sheet(1000, 1000)


def test_layers_and_dashes_say_how_sure_the_model_is() -> None:
    marks = marks_of(ABSENT_AND_UNCERTAIN, NOTICE, FILM)
    assert [(one.layer, one.dashed) for one in marks.outlines] == [(Layer.UNCERTAIN, True)]
    sure = marks_of(ORDINARY, NOTICE, FILM)
    assert {(one.layer, one.dashed) for one in sure.outlines} == {(Layer.FINDINGS, False)}
    assert marks.texts[0].words == NOTICE
    assert marks.texts[0].layer == Layer.NOTICE


def test_what_is_present_is_drawn_before_what_is_uncertain() -> None:
    box = Box(0.1, 0.1, 0.2, 0.2)
    findings = [
        Finding("", Label.EDEMA, presence, boxes=(box,))
        for presence in (Presence.UNCERTAIN, Presence.PRESENT)
    ]
    marks = marks_of(make_reading(findings), NOTICE, FILM)
    assert [one.layer for one in marks.outlines] == [Layer.FINDINGS, Layer.UNCERTAIN]


def test_a_sentence_is_drawn_where_its_findings_have_no_box() -> None:
    box = Box(0.6, 0.6, 0.8, 0.8)
    with_box, without = ORDINARY.findings[0].id, ORDINARY.findings[2].id
    sentences = (
        ReportSentence("There is a left pleural effusion.", (with_box,), (box,)),
        ReportSentence("Consolidation of the right lower zone. " * 3, (without,), (box,)),
        ReportSentence("A line ends in the atrium.", (), (box,)),
        ReportSentence("Not placed.", ()),
    )
    marks = marks_of(replace(ORDINARY, sentences=sentences), NOTICE, FILM)
    words = [text.words for text in marks.texts if text.layer == Layer.SENTENCES]
    assert len(words) == 2
    assert words[0].startswith("Consolidation of the right")
    assert words[0].endswith("...")
    assert words[1] == "A line ends in the atrium."
    outlines = [one for one in marks.outlines if one.layer == Layer.SENTENCES]
    assert len(outlines) == 2
    assert all(one.tracking_uid is None for one in outlines)


def test_a_placed_sentence_is_something_marked() -> None:
    sentence = ReportSentence("A line ends in the atrium.", (), (Box(0, 0, 0.1, 0.1),))
    words = [text.words for text in marks_of(NO_FINDING, NOTICE, FILM).texts]
    assert words == [NOTICE, "AI: no finding marked"]
    marked = marks_of(replace(NO_FINDING, sentences=(sentence,)), NOTICE, FILM)
    assert "AI: no finding marked" not in [text.words for text in marked.texts]


def test_hundreds_of_boxes_take_no_minutes() -> None:
    boxes = tuple(Box(0.001 * n, 0.002 * n, 0.001 * n + 0.3, 0.002 * n + 0.2) for n in range(300))
    reading = make_reading([Finding("", Label.EDEMA, Presence.PRESENT, boxes=boxes)])
    began = time.process_time()
    marks = marks_of(reading, NOTICE, FILM)
    assert time.process_time() - began < 20
    assert len(marks.texts) == 301
