"""Boxes as pixel coordinates, and labels.

Covers: exactness, clipping and placing for arbitrary boxes and films (hypothesis).
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading import Box
from dicom_sr.graphics import (
    Rectangle,
    anchor_of,
    closed_polyline,
    pixel_rectangle,
    place_label,
    top_lines,
)

_SIDES = st.integers(1, 65535)
_EDGES = st.lists(
    st.floats(0, 1, allow_nan=False, allow_subnormal=False), min_size=2, max_size=2, unique=True
).map(sorted)


@given(_EDGES, _EDGES, _SIDES, _SIDES)
def test_a_box_lies_where_its_fractions_say(
    x: list[float], y: list[float], rows: int, columns: int
) -> None:
    box = Box(x[0], y[0], x[1], y[1])
    found = pixel_rectangle(box, rows, columns)
    exact = (box.x1 * columns, box.y1 * rows, box.x2 * columns, box.y2 * rows)
    edges = (found.left, found.top, found.right, found.bottom)
    assert edges == pytest.approx(exact, rel=1e-6, abs=1e-30)
    assert all(float(np.float32(edge)) == edge for edge in edges), "DICOM keeps them as they are"
    assert 0 <= found.left <= found.right <= columns
    assert 0 <= found.top <= found.bottom <= rows


def test_the_outline_is_closed() -> None:
    points = closed_polyline(Rectangle(1, 2, 3, 4))
    assert points == ((1, 2), (3, 2), (3, 4), (1, 4), (1, 2))


@given(_EDGES, _EDGES, _SIDES, _SIDES, st.integers(1, 80))
@settings(deadline=None)
def test_a_label_lies_inside_the_film(
    x: list[float], y: list[float], rows: int, columns: int, length: int
) -> None:
    box = pixel_rectangle(Box(x[0], y[0], x[1], y[1]), rows, columns)
    place = place_label("x" * length, box, texts=(), boxes=(), rows=rows, columns=columns)
    assert 0 <= place.left < place.right <= columns
    assert 0 <= place.top < place.bottom <= rows


@pytest.mark.parametrize(
    "box",
    [
        Rectangle(100, 100, 300, 300),
        Rectangle(0, 0, 1000, 40),
        Rectangle(0, 960, 1000, 1000),
        Rectangle(0, 0, 40, 1000),
        Rectangle(999, 0, 1000, 1),
    ],
    ids=["free", "top", "bottom", "left", "corner"],
)
def test_a_label_does_not_cover_its_box_where_there_is_room(box: Rectangle) -> None:
    place = place_label("pleural effusion", box, texts=(), boxes=(), rows=1000, columns=1000)
    assert place.overlap(box) == 0


def test_a_label_yields_to_texts_before_boxes() -> None:
    box = Rectangle(400, 400, 600, 600)
    first = place_label("one", box, texts=(), boxes=(), rows=1000, columns=1000)
    second = place_label("two", box, texts=[first], boxes=(), rows=1000, columns=1000)
    assert second.overlap(first) == 0
    whole = Rectangle(0, 0, 1000, 1000)
    inside = place_label("all", whole, texts=[first], boxes=[box], rows=1000, columns=1000)
    assert inside.overlap(first) == 0


def test_only_a_label_apart_needs_a_line() -> None:
    box = Rectangle(100, 100, 200, 200)
    assert anchor_of(Rectangle(100, 70, 180, 95), box, 25) is None
    assert anchor_of(Rectangle(100, 0, 180, 25), box, 25) == (140, 100)
    assert anchor_of(Rectangle(300, 300, 380, 325), box, 25) == (200, 200)


def test_lines_follow_one_another_from_the_top() -> None:
    lines = top_lines(["one", "two", "three"], rows=1000, columns=800)
    assert lines[0].left == lines[0].top == 0
    assert [line.bottom for line in lines[:2]] == [line.top for line in lines[1:]]
