"""Windows and tables of values of interest, against pydicom's own and the formulas of PS3.3.

Not covered: which of them a film uses (`test_grey`).
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_voi_lut

from core.grey_scale import WindowFunction as Shape
from imaging.voi import TableWindow, Window, estimated_window, named_windows

STORED = np.arange(4096, dtype=np.uint16)


@given(
    center=st.floats(-5000, 5000),
    width=st.floats(1.01, 9000),
    shape=st.sampled_from(list(Shape)),
)
def test_windows_match_pydicom(center: float, width: float, shape: Shape) -> None:
    header = Dataset()
    header.BitsStored, header.PixelRepresentation = 12, 0
    header.PhotometricInterpretation = "MONOCHROME2"
    # pydicom reads them back as decimal strings of at most 16 characters.
    header.WindowCenter, header.WindowWidth = f"{center:.6f}", f"{width:.6f}"
    header.VOILUTFunction = shape.value

    (window,) = named_windows(header, signed=False)
    assert isinstance(window, Window)
    assert window.shape is shape

    with np.errstate(over="ignore"):  # in pydicom's sigmoid, far from a narrow window
        expected = apply_voi_lut(STORED, header) / 4095.0
    np.testing.assert_allclose(window(STORED.astype(np.float64)), expected, atol=1e-9)


@given(first=st.integers(0, 5000), count=st.integers(2, 300))
def test_tables_match_pydicom(first: int, count: int) -> None:
    # Not with 8 bits: there pydicom 3.0.2 takes places in the table modulo 256.
    header = Dataset()
    header.BitsStored, header.PixelRepresentation = 12, 0
    entries = np.linspace(0, 65535, count).round().astype(np.uint16)
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [count, first, 16])
    item.add_new("LUTData", "US", [int(entry) for entry in entries])
    header.VOILUTSequence = [item]

    (window,) = named_windows(header, signed=False)
    assert isinstance(window, TableWindow)

    expected = apply_voi_lut(STORED, header) / 65535.0
    np.testing.assert_allclose(window(STORED.astype(np.float64)), expected, atol=1e-12)


def test_linear_window_ends_where_the_standard_says() -> None:
    # The example of PS3.3 section C.11.2.1.2.1: center 2048 and width 4096 are all of 12 bits.
    shares = Window(2048, 4096)(np.array([0.0, 4095.0, 2047.5]))
    np.testing.assert_allclose(shares, [0.0, 1.0, 0.5])
    np.testing.assert_array_equal(Window(100, 1)(np.array([99.0, 99.5, 100.0])), [0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("width", "shape"),
    [(0.5, Shape.LINEAR), (0.0, Shape.LINEAR_EXACT), (-4.0, Shape.SIGMOID)],
)
def test_impossible_widths_are_refused(width: float, shape: Shape) -> None:
    with pytest.raises(ValueError, match=f"width {width}"):
        Window(0.0, width, shape)


@pytest.mark.parametrize(
    ("center", "width"),
    [("", ""), ("100", ""), ("100", "0"), ("", "100"), ("100", "-3")],
)
def test_no_window_where_none_is_usable(center: str, width: str) -> None:
    header = Dataset()
    header.WindowCenter, header.WindowWidth = center, width
    assert named_windows(header, signed=False) == ()


def test_the_table_comes_first_and_then_every_usable_window() -> None:
    header = Dataset()
    header.WindowCenter, header.WindowWidth = [40, 10, 90, 7], [80, 0, 20]
    windows = (Window(40.0, 80.0), Window(90.0, 20.0))
    assert named_windows(header, signed=False) == windows
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [2, 0, 8])
    item.add_new("LUTData", "US", [0, 255])
    header.VOILUTSequence = [item]
    table, *rest = named_windows(header, signed=False)
    assert isinstance(table, TableWindow)
    assert tuple(rest) == windows


def test_unknown_function_is_linear() -> None:
    header = Dataset()
    header.WindowCenter, header.WindowWidth, header.VOILUTFunction = 40, 80, "LOGARITHMIC"
    assert named_windows(header, signed=False) == (Window(40.0, 80.0, Shape.LINEAR),)


def test_estimated_window_leaves_out_the_tails() -> None:
    values = np.arange(1000.0)
    counts = np.full(1000, 10)
    counts[-1] = 20
    counts[0] = 20
    window = estimated_window(values, counts)
    assert window.shape is Shape.LINEAR_EXACT
    assert window.center - window.width / 2 == pytest.approx(4.0, abs=1.0)
    assert window.center + window.width / 2 == pytest.approx(995.0, abs=1.0)


def test_estimated_window_of_falling_values_and_of_a_lone_bright_pixel() -> None:
    falling = estimated_window(np.array([3.0, 2.0, 1.0]), np.array([5, 5, 5]))
    assert (falling.center, falling.width) == (2.0, 2.0)
    lone = estimated_window(np.array([0.0, 7.0, 9.0]), np.array([9999, 0, 1]))
    assert (lone.center, lone.width) == (4.5, 9.0)
