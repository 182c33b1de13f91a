"""Where labels and lines of text go.

Covers: near places, and that a place which covers nothing is found wherever the film has one.
Whole readings on films of any shape are in test_marks_of.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dicom_sr.graphics import Rectangle
from dicom_sr.label_places import anchor_of, place_label, top_lines
from dicom_sr.sheet import Sheet

SHEET = Sheet(1000, 1000)
WHOLE = Rectangle(0, 0, 1000, 1000)


def overlaps(place: Rectangle, things: list[Rectangle]) -> bool:
    return any(place.overlap(thing) > 0.5 for thing in things)


@pytest.mark.parametrize(
    "box",
    [
        Rectangle(100, 100, 300, 300),
        Rectangle(0, 0, 1000, 40),
        Rectangle(0, 960, 1000, 1000),
        Rectangle(0, 0, 40, 1000),
        Rectangle(999, 0, 1000, 1),
        Rectangle(0, 20, 1000, 980),
        Rectangle(0, 0, 1000, 974),
    ],
    ids=["free", "top", "bottom", "left", "corner", "nearly all", "all but a line"],
)
def test_a_label_does_not_cover_its_box_where_there_is_room(box: Rectangle) -> None:
    place = place_label("pleural effusion", box, texts=(), boxes=(), sheet=SHEET)
    free = box.top >= SHEET.line or 1000 - box.bottom >= SHEET.line or box.right < 800
    assert (place.overlap(box) == 0) == free


def test_a_label_yields_to_texts_before_boxes() -> None:
    box = Rectangle(400, 400, 600, 600)
    first = place_label("one", box, texts=(), boxes=(), sheet=SHEET)
    second = place_label("two", box, texts=[first], boxes=(), sheet=SHEET)
    assert second.overlap(first) == 0
    inside = place_label("all", WHOLE, texts=[first], boxes=[box], sheet=SHEET)
    assert inside.overlap(first) == 0


def test_a_label_goes_far_before_it_covers_another_box() -> None:
    box = Rectangle(300, 300, 700, 700)
    others = [Rectangle(0, 0, 1000, 295), Rectangle(0, 705, 1000, 960)]
    sides = [Rectangle(0, 295, 290, 705), Rectangle(710, 295, 1000, 705)]
    place = place_label("cardiomegaly", box, texts=(), boxes=[*others, *sides], sheet=SHEET)
    assert place.top >= 960
    assert not overlaps(place, [box, *others, *sides])


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_a_free_place_is_found_wherever_one_is(data: st.DataObject) -> None:
    """Against a search of every tenth position of the whole film."""
    side = st.integers(0, 20).map(lambda step: step * 50)
    boxes = [
        Rectangle(*map(float, (min(a, c), min(b, d), max(a, c) + 50, max(b, d) + 50)))
        for a, b, c, d in data.draw(
            st.lists(st.tuples(side, side, side, side), min_size=1, max_size=6)
        )
    ]
    words = "x" * data.draw(st.integers(1, 60))
    width, height = SHEET.length(words), SHEET.line
    places = [
        Rectangle(left, top, left + width, top + height)
        for left in np.linspace(0, 1000 - width, 40)
        for top in np.linspace(0, 1000 - height, 40)
    ]
    assume(any(not overlaps(place, boxes) for place in places))
    found = place_label(words, boxes[0], texts=(), boxes=boxes, sheet=SHEET)
    assert not overlaps(found, boxes)


def test_only_a_label_apart_needs_a_line() -> None:
    box = Rectangle(100, 100, 200, 200)
    assert anchor_of(Rectangle(100, 70, 180, 95), box, SHEET) is None
    assert anchor_of(Rectangle(100, 0, 180, 25), box, SHEET) == (140, 100)
    assert anchor_of(Rectangle(300, 300, 380, 325), box, SHEET) == (200, 200)


def test_lines_follow_one_another_from_the_top() -> None:
    lines = top_lines(["one", "two", "three"], boxes=(), sheet=Sheet(1000, 800))
    assert lines[0].left == lines[0].top == 0
    assert [line.bottom for line in lines[:2]] == [line.top for line in lines[1:]]


@pytest.mark.parametrize(
    ("box", "corner"),
    [
        (Rectangle(0, 0, 500, 500), "bottom left"),
        (Rectangle(0, 0, 400, 1000), "top right"),
        (Rectangle(500, 500, 900, 900), "top left"),
        (WHOLE, "top left"),
    ],
)
def test_lines_leave_a_corner_with_boxes(box: Rectangle, corner: str) -> None:
    place = top_lines(["AI draft"], boxes=[box], sheet=SHEET)[0]
    assert ("top" in corner) == (place.top == 0)
    assert ("left" in corner) == (place.left == 0)


def test_lines_find_the_free_place_between_boxes() -> None:
    boxes = [Rectangle(0, 0, 1000, 400), Rectangle(0, 440, 1000, 1000)]
    first, second = (
        top_lines(["AI draft"], boxes=boxes, sheet=SHEET)
        + top_lines(["AI", "draft"], boxes=boxes, sheet=SHEET)[:1]
    )
    assert (first.left, first.top) == (0, 400)
    assert (second.left, second.top) == (0, 0), "two lines fit nowhere, and cover as little there"


def test_lines_fit_on_the_smallest_film() -> None:
    lines = top_lines(["x" * 60] * 9, boxes=(), sheet=Sheet(3, 2))
    assert all(line.right <= 2 and line.bottom <= 3 for line in lines)
    assert lines[-1].bottom == pytest.approx(9 * 2 * 0.025)
