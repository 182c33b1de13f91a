"""What of the Image Pixel module is believed, and what is refused before any pixel is touched."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from imaging.layout import MOST_FRAMES, Layout


def header(**values: Any) -> Dataset:
    made = Dataset()
    facts: dict[str, Any] = {"Rows": 90, "Columns": 80, "BitsAllocated": 16, "BitsStored": 12}
    for keyword, value in (facts | values).items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def test_defaults_of_what_is_missing() -> None:
    layout = Layout.of(header())
    assert layout == Layout(90, 80, 1, 1, 16, 12, 11, signed=False, photometric="")
    assert layout.pixels == 7200
    assert layout.size == 14400


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"Rows": None}, "Rows is missing"),
        ({"BitsStored": None}, "BitsStored is missing"),
        ({"Rows": 0}, "Rows 0"),
        ({"NumberOfFrames": 0}, "0 frames"),
        ({"NumberOfFrames": -2}, "-2 frames"),
        ({"SamplesPerPixel": 4}, "4 samples"),
        ({"BitsAllocated": 32, "BitsStored": 32}, "32 stored"),
        ({"BitsAllocated": 1, "BitsStored": 1}, "1 allocated"),
        ({"BitsStored": 17}, "17 stored"),
        ({"BitsStored": 0}, "0 stored"),
        ({"HighBit": 10}, "high bit 10"),
        ({"HighBit": 16}, "high bit 16"),
    ],
)
def test_impossible_pictures_are_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableObjectError, match=reason):
        Layout.of(header(**values))


def test_limit_counts_all_frames() -> None:
    layout = Layout.of(header(NumberOfFrames=10))
    layout.check_limit(72000)
    with pytest.raises(UnreadableObjectError, match="10 x 90 x 80 pixels, at most 71999"):
        layout.check_limit(71999)


def test_tiny_frames_have_a_limit_of_their_own() -> None:
    tiny = {"Rows": 1, "Columns": 1}
    Layout.of(header(NumberOfFrames=MOST_FRAMES, **tiny)).check_limit(10**9)
    with pytest.raises(UnreadableObjectError, match="too many frames: 10001, at most 10000"):
        Layout.of(header(NumberOfFrames=MOST_FRAMES + 1, **tiny)).check_limit(10**9)
