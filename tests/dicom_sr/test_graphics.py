"""Boxes as pixel coordinates: exactness and clipping for arbitrary boxes and films (hypothesis)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading import Box
from dicom_sr.graphics import Rectangle, closed_polyline, pixel_rectangle

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
