"""Headers without measure: a million items are refused soon, the largest honest header is read."""

import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from core.errors import UnreadableObjectError
from imaging.header import read_header
from imaging.values import MOST_BYTES, value_of
from tests.gateway.objects import film, save

_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
_SOON_SECONDS = 20.0
"""Far more than it takes, and far less than the minutes that a million items would."""


def _with_items(folder: Path, count: int, *, deflated: bool = False, known: bool = False) -> Path:
    """Write a film with a sequence of empty items; `known` gives the sequence its length."""
    data = save(film(transfer_syntax=ExplicitVRLittleEndian), folder).read_bytes()
    at = data.find(struct.pack("<HH", 0x0010, 0x0010) + b"PN")
    length = 8 * count if known else 0xFFFFFFFF
    head = struct.pack("<HH2sHI", 0x0008, 0x2228, b"SQ", 0, length)
    data = data[:at] + head + _ITEM * count + (b"" if known else _END) + data[at:]
    path = folder / "items.dcm"
    path.write_bytes(_deflated(data) if deflated else data)
    return path


def _deflated(data: bytes) -> bytes:
    start = 144 + struct.unpack("<I", data[140:144])[0]
    # The other syntax's name is longer by two bytes, in its element and in the group's length.
    old, new = ExplicitVRLittleEndian.encode() + b"\x00", DeflatedExplicitVRLittleEndian.encode()
    meta = data[:start].replace(
        struct.pack("<H", len(old)) + old, struct.pack("<H", len(new)) + new
    )
    meta = meta[:140] + struct.pack("<I", len(meta) - 144) + meta[144:]
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return meta + packer.compress(data[start:]) + packer.flush()


@pytest.mark.parametrize("deflated", [False, True])
def test_a_long_header_is_read(tmp_path: Path, *, deflated: bool) -> None:
    header = read_header(_with_items(tmp_path, 5_000, deflated=deflated))
    assert header.BodyPartExamined == "CHEST"
    assert len(header.PrimaryAnatomicStructureSequence) == 5_000


@pytest.mark.parametrize("deflated", [False, True])
def test_a_header_without_measure_is_refused_soon(tmp_path: Path, *, deflated: bool) -> None:
    path = _with_items(tmp_path, 1_000_000, deflated=deflated)
    if deflated:
        assert path.stat().st_size < 20_000
    started = time.process_time()
    with pytest.raises(UnreadableObjectError, match="elements without measure"):
        read_header(path)
    assert time.process_time() - started < _SOON_SECONDS


def test_a_sequence_of_megabytes_counts_as_missing(tmp_path: Path) -> None:
    header = read_header(_with_items(tmp_path, 500_000, known=True))
    raw: Any = header.get_item(0x00082228)
    assert raw.length > MOST_BYTES
    started = time.process_time()
    assert value_of(header, "PrimaryAnatomicStructureSequence") is None
    assert time.process_time() - started < 1.0
    assert value_of(header, "ViewPosition") == "PA"
    assert value_of(header, "NoSuchKeyword") is None
