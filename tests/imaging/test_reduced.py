"""Films in fewer pixels: means of blocks, whatever the sides, padding left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imaging.reduced import Pixels, factor_for, reduce

_FILMS = arrays(np.uint16, st.tuples(st.integers(1, 23), st.integers(1, 23)))


@given(_FILMS, st.integers(1, 7))
def test_each_pixel_is_the_mean_of_its_block(pixels: Pixels, factor: int) -> None:
    small = reduce(pixels, factor)
    for row, column in np.ndindex(small.shape):
        block = pixels[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        assert abs(float(small[row, column]) - block.mean(dtype=np.float64)) <= 0.5


@given(_FILMS, st.integers(2, 7))
def test_padding_takes_no_part(pixels: Pixels, factor: int) -> None:
    small = reduce(pixels, factor, (0, 9999))
    for row, column in np.ndindex(small.shape):
        block = pixels[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        picture = block[block > 9999]
        if picture.size:
            assert abs(float(small[row, column]) - picture.mean(dtype=np.float64)) <= 0.5
        else:
            assert small[row, column] == 0


@pytest.mark.parametrize(
    ("shape", "factor"), [((2500, 2048), 5), ((512, 100), 1), ((513, 1), 2), ((4280, 3520), 9)]
)
def test_factor(shape: tuple[int, int], factor: int) -> None:
    assert factor_for(shape, 512) == factor
    assert -(-max(shape) // factor) <= 512
