"""The grey scale of a header, in one form.

Covers: what is taken and what is left of tables and windows, and that one composed table shows
the same picture as pydicom's own two steps. Not covered: modality tables of signed inputs.
"""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from dicom_sr.composition import composed, full_range
from dicom_sr.grayscale import LookupTable, Window, modality_of, voi_of
from tests.dicom_sr.headers import film_header, lut_item

_CURVE = [round(4095 * (value / 4095) ** 2) for value in range(4096)]
_CURVE_BYTES = np.array(_CURVE, "<u2").tobytes()


def curved(keyword: str, words: str, **header: object) -> Dataset:
    return film_header(
        RescaleSlope=None,
        RescaleIntercept=None,
        **{keyword: [lut_item(words, LUTData=_CURVE_BYTES, LUTDescriptor=[4096, 0, 16])]},
        **header,
    )


@pytest.mark.parametrize(
    "window",
    [
        {"WindowCenter": "1000", "WindowWidth": "800"},
        {"WindowCenter": "1000", "WindowWidth": "800", "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": "1000", "WindowWidth": "800", "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": "1000", "WindowWidth": "1"},
    ],
    ids=["linear", "exact", "sigmoid", "threshold"],
)
def test_one_table_shows_what_two_steps_show(window: dict[str, str]) -> None:
    header = curved("ModalityLUTSequence", "ModalityLUTType", **window)
    stored = np.arange(4096, dtype=np.uint16)
    modality = apply_modality_lut(stored, header)
    expected = apply_voi_lut(modality, header).astype(float)
    expected = expected / 65535
    table = modality_of(header)
    assert isinstance(table, LookupTable)
    found = np.array(composed(table, voi_of(header)).entries) / 65535
    assert found == pytest.approx(expected, abs=2e-3)


def test_two_tables_become_one() -> None:
    modality = LookupTable(0, 12, tuple(_CURVE))
    voi = LookupTable(100, 8, tuple(range(256)))
    entries = composed(modality, voi).entries
    assert entries[0] == 0
    assert entries[-1] == 65535
    # 455 gives 51 in the square, which lies before the table's first input.
    assert entries[455] == 0
    index = _CURVE.index(200)
    assert entries[index] == round(65535 * 100 / 255)


def test_a_modality_table_alone_shows_its_whole_range() -> None:
    entries = composed(LookupTable(5, 12, (0, 2048, 4095, 9999)), None)
    assert entries.first == 5
    assert entries.entries == (0, 2048 * 65535 // 4095, 65535, 65535)


def test_full_range_of_16_bits_changes_nothing() -> None:
    table = LookupTable(0, 16, (0, 1, 65535))
    assert full_range(table) == table


@pytest.mark.parametrize(
    "changes",
    [
        {"LUTData": b"\0\0"},
        {"LUTDescriptor": [4096, 0, 40]},
        {"LUTDescriptor": [4096, 0]},
    ],
    ids=["short", "40 bits", "two values"],
)
def test_a_broken_table_gives_way_to_the_window(changes: dict[str, Any]) -> None:
    header = film_header(VOILUTSequence=[lut_item(**changes)])
    assert voi_of(header) == Window(2048, 4096)


def test_a_table_of_65536_entries() -> None:
    data = np.arange(65536, dtype="<u2").tobytes()
    header = film_header(VOILUTSequence=[lut_item(LUTDescriptor=[0, 0, 16], LUTData=data)])
    voi = voi_of(header)
    assert isinstance(voi, LookupTable)
    assert voi.entries == tuple(range(65536))


def test_an_impossible_table_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="0 entries of 16 bits"):
        LookupTable(0, 16, ())


def test_an_unknown_function_is_taken_for_linear() -> None:
    assert voi_of(film_header(VOILUTFunction="CURLY")) == Window(2048, 4096, "LINEAR")
