"""The grey pipeline as one table: order of its steps, polarity, padding, windows that fail.

Against the same steps done per pixel in floating point. Not covered: the windows' own formulas
(`test_voi`).
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.grey_scale import GreyScale, LookupTable, Rescale, Window
from imaging.grey import grey_levels
from imaging.layout import Layout
from tests.imaging.making import dataset, smooth


def levels(
    pixels: NDArray[Any], *, inverted: bool = False, **values: Any
) -> tuple[NDArray[np.uint8], list[str]]:
    header = dataset(pixels, **values)
    found, _, remarks = grey_levels(header, Layout.of(header), pixels, inverted=inverted)
    return found, [remark.code for remark in remarks]


@pytest.mark.parametrize("inverted", [False, True])
def test_modality_then_window_then_inversion(*, inverted: bool) -> None:
    pixels = smooth(top=4095)
    found, remarks = levels(
        pixels,
        inverted=inverted,
        RescaleSlope="-0.5",
        RescaleIntercept="1000",
        WindowCenter="100",
        WindowWidth="900",
    )
    values = pixels.astype(np.float64) * -0.5 + 1000
    shares = np.clip((values - 99.5) / 899 + 0.5, 0, 1)
    expected = np.rint(255 * (1 - shares if inverted else shares))
    np.testing.assert_array_equal(found, expected.astype(np.uint8))
    assert remarks == []


def test_signed_values() -> None:
    pixels = (smooth(top=4095).astype(np.int32) - 2048).astype(np.int16)
    found, _ = levels(pixels, WindowCenter="0", WindowWidth="4096")
    unsigned, _ = levels(smooth(top=4095), WindowCenter="2048", WindowWidth="4096")
    np.testing.assert_array_equal(found, unsigned)


@pytest.mark.parametrize("inverted", [False, True])
def test_padding_is_black_and_moves_no_estimated_window(*, inverted: bool) -> None:
    pixels = smooth(top=2000) + np.uint16(500)
    clean, _ = levels(pixels, inverted=inverted)
    padded = np.pad(pixels, 40, constant_values=4000)
    padded[0, 0] = 4005

    found, remarks = levels(
        padded, inverted=inverted, PixelPaddingValue=4000, PixelPaddingRangeLimit=4010
    )

    np.testing.assert_array_equal(found[40:-40, 40:-40], clean)
    assert found[0, 0] == found[1, 1] == 0
    assert remarks == ["window_estimated"]


def test_negative_padding_written_as_unsigned() -> None:
    pixels = smooth(top=2000).astype(np.int16)
    pixels[:30] = -2000
    found, _ = levels(pixels, inverted=True, PixelPaddingValue=65536 - 2000)
    assert not found[:30].any()
    assert found[30:].any()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"WindowCenter": "9000", "WindowWidth": "100"},
        {"WindowCenter": "9000", "WindowWidth": "100", "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": "2000", "WindowWidth": "1"},
        {"WindowCenter": "32768", "WindowWidth": "65536"},
        {"WindowCenter": "8192", "WindowWidth": "16384"},
        {"WindowCenter": ["32768", "-9000"], "WindowWidth": ["65536", "50"]},
        {"WindowCenter": "2000", "WindowWidth": "40"},
        {"WindowCenter": "700", "WindowWidth": "300", "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": "2000", "WindowWidth": "0"},
    ],
)
def test_window_that_shows_nothing_is_replaced(values: dict[str, Any]) -> None:
    found, remarks = levels(smooth(top=4095), **values)
    assert remarks == ["window_estimated"]
    assert found.min() == 0
    assert found.max() == 255
    assert np.unique(found).size > 200


@pytest.mark.parametrize(
    ("center", "width"), [("1500", "3000"), ("2048", "8000"), ("2000", "1600")]
)
def test_window_that_shows_the_film_is_kept(center: str, width: str) -> None:
    found, remarks = levels(smooth(top=4095), WindowCenter=center, WindowWidth=width)
    shares = np.clip((smooth(top=4095) - float(center) + 0.5) / (float(width) - 1) + 0.5, 0, 1)
    assert remarks == []
    np.testing.assert_array_equal(found, np.rint(255 * shares).astype(np.uint8))


def test_the_next_window_is_taken_where_the_first_shows_nothing() -> None:
    found, remarks = levels(
        smooth(top=4095), WindowCenter=["32768", "2048"], WindowWidth=["65536", "4096"]
    )
    expected, _ = levels(smooth(top=4095), WindowCenter="2048", WindowWidth="4096")
    assert remarks == []
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shutter", [0, 4095])
def test_a_window_that_clips_a_wide_shutter_is_kept(shutter: int) -> None:
    pixels = np.pad(smooth(top=1000) + np.uint16(1000), 60, constant_values=shutter)
    assert levels(pixels, WindowCenter="1500", WindowWidth="1000")[1] == []


@pytest.mark.parametrize(
    ("pixels", "values"),
    [
        (np.full((80, 80), 77, dtype=np.uint16), {}),
        (np.full((80, 80), -7, dtype=np.int16), {}),
        (np.pad(np.full((40, 80), 77, dtype=np.uint16), 20), {"PixelPaddingValue": 0}),
        (np.zeros((80, 80), dtype=np.uint16), {"PixelPaddingValue": 0}),
    ],
)
def test_constant_pictures_are_refused(pixels: NDArray[Any], values: dict[str, Any]) -> None:
    with pytest.raises(UnreadableObjectError, match="constant"):
        levels(pixels, **values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"WindowCenter": "2048", "WindowWidth": "4096"}, Window(2048.0, 4096.0)),
        (
            {"WindowCenter": ["60000", "2048"], "WindowWidth": ["9", "4000"]},
            Window(2048.0, 4000.0),
        ),
        (
            {"WindowCenter": "2048", "WindowWidth": "4096", "VOILUTFunction": "SIGMOID"},
            Window(2048.0, 4096.0, "SIGMOID"),
        ),
    ],
    ids=["the header's", "the first useful one", "sigmoid"],
)
def test_what_was_looked_through_is_told(values: dict[str, Any], expected: Window) -> None:
    pixels = smooth(top=4095)
    header = dataset(pixels, **values)
    _, used, _ = grey_levels(header, Layout.of(header), pixels, inverted=False)
    assert used == GreyScale(None, expected)


def test_an_estimated_window_and_a_rescale_are_told() -> None:
    pixels = smooth(top=4095)
    header = dataset(pixels, RescaleSlope="2", RescaleIntercept="-10")
    levels, used, _ = grey_levels(header, Layout.of(header), pixels, inverted=False)
    assert used.modality == Rescale(2.0, -10.0)
    assert isinstance(used.voi, Window)
    assert used.voi.function == "LINEAR_EXACT"
    shares = (pixels * 2.0 - 10.0 - used.voi.center) / used.voi.width + 0.5
    np.testing.assert_array_equal(levels, np.rint(255 * np.clip(shares, 0, 1)))


def test_a_table_is_told_with_the_depth_that_it_uses() -> None:
    item = Dataset()
    item.LUTDescriptor = [4096, 0, 16]
    item.LUTData = np.arange(4096, dtype="<u2").tobytes()
    item["LUTDescriptor"].VR = "US"
    item["LUTData"].VR = "OW"
    pixels = smooth(top=4095)
    header = dataset(pixels, VOILUTSequence=[item])
    _, used, _ = grey_levels(header, Layout.of(header), pixels, inverted=False)
    assert used.voi == LookupTable(0, 12, tuple(range(4096)))
