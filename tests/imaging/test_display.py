"""Films for the screen: no value is lost, and what is told turns it into the picture that is read.

Decoding itself is tested in test_decode.py, windows in test_voi.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from core.errors import NotReadError, UnreadableObjectError
from core.grey_scale import LookupTable, Window
from imaging.display import DisplayFilm, Padding, load_display
from imaging.film import load_film
from imaging.patient_directions import Directions
from imaging.presets import PresetKind, shares_of
from imaging.spacing import Spacing
from tests.imaging.making import film, smooth


def levels(shown: DisplayFilm) -> NDArray[np.uint8]:
    """Do what a screen does with what it is told, through the first window."""
    values = shown.slope * shown.pixels.astype(np.float64) + shown.intercept
    shares = shares_of(shown.presets[0].voi, values)
    picture = np.rint((1.0 - shares if shown.inverted else shares) * 255.0).astype(np.uint8)
    if shown.padding is not None:
        first, last = shown.padding.first, shown.padding.last
        picture[(shown.pixels >= first) & (shown.pixels <= last)] = 0
    return picture


def table(*entries: int, first: int = 0, bits: int = 12) -> Sequence:
    """Make a sequence with one lookup table."""
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item["LUTDescriptor"].VR = "US"
    item.LUTData = list(entries)
    item["LUTData"].VR = "US"
    return Sequence([item])


CURVED = tuple(round(4095 * (at / 4095) ** 0.7) for at in range(4096))
HEADERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "window": {"WindowCenter": "2000", "WindowWidth": "2500"},
    "sigmoid": {"WindowCenter": "2000", "WindowWidth": "2500", "VOILUTFunction": "SIGMOID"},
    "line": {"RescaleSlope": "0.5", "RescaleIntercept": "-100"},
    "falling line": {"RescaleSlope": "-2", "RescaleIntercept": "10"},
    "inverted": {"PhotometricInterpretation": "MONOCHROME1"},
    "padding": {"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 30},
    "voi table": {"VOILUTSequence": table(*CURVED)},
    "modality table": {"ModalityLUTSequence": table(*CURVED, bits=16)},
    "modality table and padding": {
        "ModalityLUTSequence": table(*CURVED, bits=16),
        "PixelPaddingValue": 0,
    },
}


@pytest.mark.parametrize("values", HEADERS.values(), ids=HEADERS)
def test_a_screen_shows_what_is_read(tmp_path: Path, values: dict[str, Any]) -> None:
    path = film(tmp_path / "film.dcm", **values)
    difference = levels(load_display(path)).astype(int) - load_film(path).pixels
    assert abs(difference).max() <= 1


def test_signed_values_are_counted_from_the_lowest(tmp_path: Path) -> None:
    stored = smooth().astype(np.int16) - 1000
    shown = load_display(film(tmp_path / "film.dcm", stored, BitsStored=16))
    np.testing.assert_array_equal(shown.slope * shown.pixels + shown.intercept, stored)
    assert (shown.lowest, shown.highest) == (int(stored.min()) + 32768, int(stored.max()) + 32768)


def test_padding_is_told_and_takes_no_part(tmp_path: Path) -> None:
    stored = smooth()
    stored[:20] = 4000
    shown = load_display(film(tmp_path / "film.dcm", stored, PixelPaddingValue=4000))
    assert shown.padding == Padding(4000, 4000)
    assert shown.highest == stored[stored != 4000].max()


def test_padding_under_a_table_gets_a_value_of_its_own(tmp_path: Path) -> None:
    stored = smooth()
    values = HEADERS["modality table and padding"] | {"PixelPaddingValue": 77}
    shown = load_display(film(tmp_path / "film.dcm", stored, **values))
    assert shown.padding is not None
    np.testing.assert_array_equal(shown.pixels == shown.padding.first, stored == 77)


def test_windows_come_with_the_films_words(tmp_path: Path) -> None:
    shown = load_display(
        film(
            tmp_path / "film.dcm",
            WindowCenter=["2000", "1000"],
            WindowWidth=["2500", "900"],
            WindowCenterWidthExplanation=["NORMAL", "HARDER"],
        )
    )
    told = [(one.kind, one.explanation) for one in shown.presets]
    assert told == [
        (PresetKind.FILM, "NORMAL"),
        (PresetKind.ESTIMATED, ""),
        (PresetKind.FILM, "HARDER"),
        (PresetKind.FULL, ""),
        (PresetKind.LUNGS, ""),
        (PresetKind.BONES, ""),
        (PresetKind.SOFT, ""),
    ]


def test_a_window_that_shows_nothing_is_not_the_first(tmp_path: Path) -> None:
    shown = load_display(film(tmp_path / "film.dcm", WindowCenter="60000", WindowWidth="10"))
    assert [one.kind for one in shown.presets[:2]] == [PresetKind.ESTIMATED, PresetKind.FILM]


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_lungs_are_what_is_dark(tmp_path: Path, photometric: str) -> None:
    shown = load_display(film(tmp_path / "film.dcm", PhotometricInterpretation=photometric))
    windows = {one.kind: one.voi for one in shown.presets}
    lungs, bones = windows[PresetKind.LUNGS], windows[PresetKind.BONES]
    assert isinstance(lungs, Window)
    assert isinstance(bones, Window)
    assert (lungs.center > bones.center) is (photometric == "MONOCHROME1")


def test_a_table_is_told_whole(tmp_path: Path) -> None:
    shown = load_display(film(tmp_path / "film.dcm", **HEADERS["voi table"]))
    assert shown.presets[0].voi == LookupTable(0, 12, CURVED)


@pytest.mark.parametrize(
    ("values", "spacing"),
    [
        ({}, None),
        ({"ImagerPixelSpacing": ["0.2", "0.1"]}, Spacing(0.2, 0.1, calibrated=False)),
        ({"PixelSpacing": ["0.14", "0.14"]}, Spacing(0.14, 0.14, calibrated=True)),
        ({"PixelSpacing": ["0", "0.14"]}, None),
        ({"PixelSpacing": ["1e9", "0.14"]}, None),
    ],
)
def test_spacing(tmp_path: Path, values: dict[str, Any], spacing: Spacing | None) -> None:
    assert load_display(film(tmp_path / "film.dcm", **values)).spacing == spacing


@pytest.mark.parametrize(
    ("orientation", "directions"),
    [
        (["L", "F"], Directions("L", "F")),
        ([" pl ", "f"], Directions("PL", "F")),
        (["L"], None),
        (["<b>", "F"], None),
    ],
)
def test_directions(tmp_path: Path, orientation: list[str], directions: Directions | None) -> None:
    shown = load_display(film(tmp_path / "film.dcm", PatientOrientation=orientation))
    assert shown.directions == directions


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"NumberOfFrames": 2, "Rows": 48}, NotReadError, "several frames"),
        ({"PhotometricInterpretation": "RGB"}, NotReadError, "in colour"),
        ({"PhotometricInterpretation": None}, NotReadError, "does not say"),
    ],
)
def test_what_is_no_film_is_refused(
    tmp_path: Path, values: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        load_display(film(tmp_path / "film.dcm", **values))


def test_a_constant_picture_is_refused(tmp_path: Path) -> None:
    flat = np.full((80, 80), 7, dtype=np.uint16)
    with pytest.raises(UnreadableObjectError, match="constant"):
        load_display(film(tmp_path / "film.dcm", flat))


def test_a_film_with_missing_rows_is_shown_all_the_same(tmp_path: Path) -> None:
    stored = smooth()
    stored[60:] = 0
    path = film(tmp_path / "film.dcm", stored)
    with pytest.raises(UnreadableObjectError, match="rows are missing"):
        load_film(path)
    np.testing.assert_array_equal(load_display(path).pixels, stored)
