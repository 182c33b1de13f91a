"""Places on the stored matrix, on the picture that is read, and back again."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.reading import Box
from imaging.placing import Placing

SIDES = st.integers(1, 65535)
EDGES = st.floats(0, 1)
PLACINGS = st.builds(Placing, SIDES, SIDES, SIDES, SIDES)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x1, x2 = sorted((draw(EDGES), draw(EDGES)))
    y1, y2 = sorted((draw(EDGES), draw(EDGES)))
    assume(x2 - x1 > 1e-6 and y2 - y1 > 1e-6)
    return Box(x1, y1, x2, y2)


@given(boxes(), PLACINGS)
def test_a_box_comes_back_as_it_was(box: Box, placing: Placing) -> None:
    for back in (
        placing.from_picture(placing.on_picture(box)),
        placing.from_matrix(placing.on_matrix(box)),
    ):
        off = (back.x1 - box.x1, back.y1 - box.y1, back.x2 - box.x2, back.y2 - box.y2)
        assert max(map(abs, off)) < 1e-12


@given(boxes(), PLACINGS)
def test_a_stored_pixels_edge_comes_back_to_itself(box: Box, placing: Placing) -> None:
    """By way of the picture, an edge ends within a thousandth of a stored pixel of its place."""
    stored = placing.on_matrix(box)
    back = placing.on_matrix(placing.from_picture(placing.on_picture(placing.from_matrix(stored))))
    assert back == pytest.approx(stored, abs=1e-3)


def test_a_stretched_picture() -> None:
    placing = Placing(rows=100, columns=200, height=200, width=200)
    box = Box(0.25, 0.5, 0.5, 1.0)
    assert placing.on_matrix(box) == (50, 50, 100, 100)
    assert placing.on_picture(box) == (50, 100, 100, 200)
    assert placing.from_picture((50, 100, 100, 200)) == box
    assert placing.from_matrix((50, 50, 100, 100)) == box


def test_no_place_outside() -> None:
    placing = Placing(100, 200, 100, 200)
    with pytest.raises(ValueError, match="must lie in"):
        placing.from_picture((0, 0, 201, 10))
    with pytest.raises(ValueError, match="empty"):
        placing.from_picture((10, 0, 10, 10))
    with pytest.raises(ValueError, match="nothing can be placed"):
        Placing(100, 200, 0, 200)
