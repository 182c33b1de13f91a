"""Shift, mask, sign and limit of stored values, over all widths; not the decoders' own part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.bits import clipped_values, stored_values


@given(
    value=st.integers(0, 0xFFFF),
    garbage=st.integers(0, 0xFFFF),
    bits=st.integers(1, 16),
    shift=st.integers(0, 15),
    signed=st.booleans(),
)
def test_only_bits_in_use_count(
    value: int, garbage: int, bits: int, shift: int, *, signed: bool
) -> None:
    shift = min(shift, 16 - bits)
    in_use = ((1 << bits) - 1) << shift
    cell = (value << shift) & in_use | garbage & 0xFFFF & ~in_use
    expected = value & ((1 << bits) - 1)
    if signed and expected >> (bits - 1):
        expected -= 1 << bits

    cells = np.array([[cell]], dtype=np.uint16)
    found = stored_values(cells, bits_stored=bits, shift=shift, signed=signed)

    assert int(found[0, 0]) == expected


@pytest.mark.parametrize("kind", [np.int8, np.uint8])
def test_bytes_keep_their_width(kind: type[np.generic]) -> None:
    cells = np.array([-1, 5], dtype=np.int8).view(kind)
    assert stored_values(cells, bits_stored=8, signed=True).tolist() == [-1, 5]
    assert stored_values(cells, bits_stored=4, signed=False).tolist() == [15, 5]


def test_lossy_values_are_limited_not_wrapped() -> None:
    cells = np.array([0, 4095, 4096, 4200], dtype=np.uint16)
    assert clipped_values(cells, bits_stored=12, signed=False).tolist() == [0, 4095, 4095, 4095]
    signed = np.array([-3000, 3000, 7], dtype=np.int16)
    assert clipped_values(signed, bits_stored=12, signed=True).tolist() == [-2048, 2047, 7]
