"""Lookup tables as headers hold them: numbers or bytes, signed starts, wrong depths."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from imaging.lut import LookupTable, first_table


def header(descriptor: list[int], data: Any, vr: str = "OW") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", descriptor)
    item.add_new("LUTData", vr, data)
    made = Dataset()
    made.VOILUTSequence = [item]
    return made


def read(made: Dataset, *, signed: bool = False) -> LookupTable:
    table = first_table(made, "VOILUTSequence", signed=signed)
    assert table is not None
    return table


@pytest.mark.parametrize(
    ("data", "vr"),
    [
        (np.array([0, 40000, 65535], dtype="<u2").tobytes(), "OW"),
        ([0, 40000, 65535], "US"),
    ],
)
def test_entries_as_bytes_or_numbers(data: Any, vr: str) -> None:
    table = read(header([3, 10, 16], data, vr))
    assert table(np.array([9.0, 10.0, 11.4, 12.0, 99.0])).tolist() == [0, 0, 40000, 65535, 65535]
    assert table.maximum == 65535


def test_entries_of_one_byte() -> None:
    table = read(header([3, 0, 8], bytes([0, 100, 255, 0])))
    assert table.entries.tolist() == [0, 100, 255]
    assert table.maximum == 255


def test_depth_that_no_entry_uses_is_cut_down() -> None:
    assert read(header([2, 0, 16], [0, 4095], "US")).maximum == 4095
    assert read(header([2, 0, 16], [0, 32768], "US")).maximum == 65535


def test_count_of_zero_means_65536() -> None:
    table = read(header([0, 0, 16], np.arange(65536, dtype="<u2").tobytes()))
    assert table.entries.size == 65536


def test_first_input_is_signed_where_inputs_are() -> None:
    made = header([2, 65535, 8], [0, 255], "US")
    assert read(made, signed=True).first == -1
    assert read(made).first == 65535


def test_no_table() -> None:
    made = Dataset()
    assert first_table(made, "VOILUTSequence", signed=False) is None
    made.VOILUTSequence = []
    assert first_table(made, "VOILUTSequence", signed=False) is None


@pytest.mark.parametrize(
    "made",
    [
        header([3, 0, 16], [0, 1], "US"),
        header([9, 0, 16], b"\x00\x01"),
        header([2, 0], [0, 1], "US"),
        header([2, 0, 0], [0, 1], "US"),
        header([1, 0, 0], [7], "US"),
    ],
)
def test_damaged_tables_are_refused(made: Dataset) -> None:
    with pytest.raises(ValueError, match=r"no usable table|unpack"):
        first_table(made, "VOILUTSequence", signed=False)
