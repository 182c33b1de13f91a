"""Boxes of a cropped or padded square, there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.reading import Box
from reader.families.square import centre_crop_to_film, padded_square_to_film, padded_to_square

SIZES = st.integers(1, 4000)
PLACES = st.tuples(*[st.floats(0, 1)] * 4)


@given(PLACES, SIZES, SIZES)
def test_a_crops_box_keeps_its_pixels(
    box: tuple[float, float, float, float], width: int, height: int
) -> None:
    x1, y1, x2, y2 = centre_crop_to_film(box, width, height)
    side = min(width, height)
    back = (
        (x1 * width - (width - side) / 2) / side,
        (y1 * height - (height - side) / 2) / side,
        (x2 * width - (width - side) / 2) / side,
        (y2 * height - (height - side) / 2) / side,
    )
    assert back == pytest.approx(box, abs=1e-6)
    assert all(-1e-9 <= edge <= 1 + 1e-9 for edge in (x1, y1, x2, y2))


@given(PLACES, SIZES, SIZES)
def test_a_films_box_survives_the_padding(
    box: tuple[float, float, float, float], width: int, height: int
) -> None:
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    x1, y1, x2, y2 = box
    padded = (
        (x1 * width + left) / side,
        (y1 * height + top) / side,
        (x2 * width + left) / side,
        (y2 * height + top) / side,
    )
    assert padded_square_to_film(padded, width, height) == pytest.approx(box, abs=1e-6)


def test_known_boxes() -> None:
    assert centre_crop_to_film((0.0, 0.0, 1.0, 1.0), 100, 200) == (0.0, 0.25, 1.0, 0.75)
    assert centre_crop_to_film((0.5, 0.5, 1.0, 1.0), 200, 100) == (0.5, 0.5, 0.75, 1.0)
    assert padded_square_to_film((0.25, 0.0, 0.5, 1.0), 100, 200) == (0.0, 0.0, 0.5, 1.0)


def test_what_lies_on_the_rim_is_not_on_the_film() -> None:
    assert padded_square_to_film((0.1, 0.2, 0.5, 0.4), 100, 200) == (0.0, 0.2, 0.5, 0.4)
    with pytest.raises(ValueError, match="empty"):
        Box(*padded_square_to_film((0.0, 0.2, 0.2, 0.4), 100, 200))


@pytest.mark.parametrize(("width", "height"), [(3, 6), (6, 3), (4, 7), (5, 5)])
def test_the_film_is_in_the_middle_of_black(width: int, height: int) -> None:
    side = max(width, height)
    square = np.asarray(padded_to_square(Image.new("RGB", (width, height), (9, 9, 9))))
    assert square.shape == (side, side, 3)
    left, top = (side - width) // 2, (side - height) // 2
    expected = np.zeros((side, side, 3), np.uint8)
    expected[top : top + height, left : left + width] = 9
    assert np.array_equal(square, expected)
