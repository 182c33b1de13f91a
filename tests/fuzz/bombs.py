"""Small files that ask for a great deal: of memory, of time, of depth."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Final

import numpy as np
from pydicom import Dataset, config
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from tests.gateway.objects import film

_ITEM: Final = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
_GREAT: Final = 9_000
"""Side of a picture that just is within the limit of pixels."""


def _saved(dataset: Dataset) -> bytes:
    stream = BytesIO()
    with config.disable_value_validation():
        dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _at_name(data: bytes, inserted: bytes) -> bytes:
    at = data.find(struct.pack("<HH", 0x0010, 0x0010) + b"PN")
    assert at > 0
    return data[:at] + inserted + data[at:]


def _end_of_meta(data: bytes) -> int:
    """Give where the file meta information ends (PS3.10 section 7.1)."""
    length: int = struct.unpack("<I", data[140:144])[0]
    return 144 + length


def _deflated(dataset: bytes, uid: str) -> bytes:
    """Pack an encoded data set as a deflated file."""
    shell = film(SOPInstanceUID=uid, PixelData=None)
    shell.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data = _saved(shell)
    start = _end_of_meta(data)
    inner = zlib.decompress(data[start:], -zlib.MAX_WBITS)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(inner) + packer.compress(dataset) + packer.flush()
    return data[:start] + packed + bytes(len(packed) % 2)


def deflated_zeros() -> bytes:
    """Give two gigabytes of nothing in two megabytes, as one private element."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    head = struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 0x7FFFFFF0)
    zeros = bytes(1 << 24)
    packed = packer.compress(head) + b"".join(packer.compress(zeros) for _ in range(128))
    shell = _deflated(b"", generate_uid())
    return shell[: _end_of_meta(shell)] + packed + packer.flush()


def deflated_items() -> bytes:
    """Give ten million items in some kilobytes."""
    sequence = struct.pack("<HH2sHI", 0x7FDF, 0x1002, b"SQ", 0, 0xFFFFFFFF)
    return _deflated(sequence + _ITEM * 10_000_000, generate_uid())


def items_of_unknown_number() -> bytes:
    """Give a million items in a sequence that does not say its length."""
    opening = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    ending = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return _at_name(_saved(film()), opening + _ITEM * 1_000_000 + ending)


def items_of_known_number() -> bytes:
    """Give a million items in a sequence that is looked at, with its length."""
    head = struct.pack("<HH2sHI", 0x0008, 0x2218, b"SQ", 0, 8_000_000)
    return _at_name(_saved(film()), head + _ITEM * 1_000_000)


def endless_text() -> bytes:
    """Give a code string of five million values."""
    text = b"L\\" * 5_000_000
    head = struct.pack("<HH2sHI", 0x0010, 0x0009, b"UC", 0, len(text))
    return _at_name(_saved(film()), head + text)


def deep_sequences() -> bytes:
    """Give sequences within sequences, a hundred thousand deep."""
    opening = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return _at_name(_saved(film()), (opening + item) * 100_000)


def _great(syntax: str, frame: bytes) -> bytes:
    dataset = film(Rows=_GREAT, Columns=_GREAT, PixelData=encapsulate([frame]))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    return _saved(dataset)


def rle_of_one_byte() -> bytes:
    """Claim a great picture with a stream of one run."""
    return _great(RLELossless, struct.pack("<16I", 2, 64, 66, *[0] * 13) + b"\x81\x00\x81\x00")


def jpeg_ls_of_nothing() -> bytes:
    """Claim a great picture in both headers, with a scan of some bytes."""
    frame = b"\xff\xd8\xff\xf7\x00\x0b\x0c" + struct.pack(">HH", _GREAT, _GREAT)
    frame += b"\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + bytes(40) + b"\xff\xd9"
    return _great(JPEGLSLossless, frame)


def jpeg_2000_of_many_tiles() -> bytes:
    """Claim a great picture of tiles of one pixel."""
    size = struct.pack(">HHIIIIIIIIH", 41, 0, _GREAT, _GREAT, 0, 0, 1, 1, 0, 0, 1) + b"\x0b\x01\x01"
    frame = b"\xff\x4f\xff\x51" + size + b"\xff\x52\x00\x0c\x00\x00\x00\x01\x00\x05\x04\x04\x00\x01"
    frame += b"\xff\x5c\x00\x13\x40" + bytes(16) + b"\xff\xd9"
    return _great(JPEG2000Lossless, frame)


def constant_film_of_great_size() -> bytes:
    """Give a great picture of zeros, honestly compressed to some bytes."""
    size = 2_000
    dataset = film(Rows=size, Columns=size, PixelData=np.zeros((size, size), "<u2").tobytes())
    dataset.compress(RLELossless, generate_instance_uid=False)
    return _saved(dataset)


def many_frames() -> bytes:
    """Claim two thousand million frames."""
    return _saved(film(NumberOfFrames="2147483647"))


def absurd_sides() -> bytes:
    """Claim sides of 65535."""
    return _saved(film(Rows=65535, Columns=65535))


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    bomb.__name__: bomb
    for bomb in (
        deflated_zeros,
        deflated_items,
        items_of_unknown_number,
        items_of_known_number,
        endless_text,
        deep_sequences,
        rle_of_one_byte,
        jpeg_ls_of_nothing,
        jpeg_2000_of_many_tiles,
        constant_film_of_great_size,
        many_frames,
        absurd_sides,
    )
}
