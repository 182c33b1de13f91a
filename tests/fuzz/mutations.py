"""Damage to files, by a seed: what lines, disks, faulty software and malice do to them."""

import random
import struct
from collections.abc import Callable
from typing import Final

Damage = Callable[[random.Random, bytearray], bytearray]
_PREAMBLE: Final = 132
_LONG_VRS: Final = (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OD", b"OF", b"OL", b"UC", b"UR")
_SHORT_VRS: Final = (b"CS", b"LO", b"PN", b"DA", b"TM", b"UI", b"IS", b"DS", b"US", b"AS", b"AT")
_ODD_TEXTS: Final = (
    b"../../../../etc/passwd",
    b"'; DROP TABLE study; --",
    b"<script>alert(1)</script>",
    b"a|b^c~d\\e&f\rMSH|^~\\&|",
    b"\x00\x01\x1b\n\r\x85",
    b"%s%n{0}${jndi}",
    b"\xff\xfe\xfd",
    b"1.2..3.",
    b"9" * 64,
)
_LENGTHS: Final = (0, 1, 0x7FFF, 0xFFFF, 0xFFFE, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)


def mutated(data: bytes, number: int) -> tuple[bytes, str]:
    """Damage a file once to five times.

    Parameters
    ----------
    data
        A whole file.
    number
        The same number does the same damage to the same file.

    Returns
    -------
    tuple
        The damaged file, and the names of what was done.
    """
    random_ = random.Random(number)  # noqa: S311 - the same damage again is the point
    damaged, done = bytearray(data), []
    for _ in range(random_.choice((1, 1, 1, 2, 2, 3, 5))):
        damage = random_.choice(_DAMAGES)
        if len(damaged) > _PREAMBLE:
            damaged = damage(random_, damaged)
            done.append(damage.__name__.strip("_"))
    return bytes(damaged), "+".join(done)


def _flip_bits(random_: random.Random, data: bytearray) -> bytearray:
    for _ in range(random_.choice((1, 2, 8, 64, 400))):
        data[random_.randrange(_PREAMBLE, len(data))] ^= 1 << random_.randrange(8)
    return data


def _flip_header_bits(random_: random.Random, data: bytearray) -> bytearray:
    end = min(len(data), 2400)
    for _ in range(random_.choice((1, 1, 2, 4, 16))):
        data[random_.randrange(_PREAMBLE, end)] ^= 1 << random_.randrange(8)
    return data


def _cut_off(random_: random.Random, data: bytearray) -> bytearray:
    return data[: random_.randrange(len(data))]


def _cut_out(random_: random.Random, data: bytearray) -> bytearray:
    start = random_.randrange(_PREAMBLE, len(data))
    del data[start : start + random_.choice((1, 2, 7, 64, 3000))]
    return data


def _insert(random_: random.Random, data: bytearray) -> bytearray:
    start = random_.randrange(_PREAMBLE, len(data))
    data[start:start] = random_.randbytes(random_.choice((1, 2, 8, 100)))
    return data


def _repeat(random_: random.Random, data: bytearray) -> bytearray:
    start = random_.randrange(_PREAMBLE, len(data))
    piece = data[start : start + random_.choice((8, 64, 512))]
    data[start:start] = piece * random_.choice((1, 2, 50))
    return data


def _overwrite(random_: random.Random, data: bytearray) -> bytearray:
    start = random_.randrange(_PREAMBLE, len(data))
    text = random_.choice(_ODD_TEXTS)
    data[start : start + len(text)] = text
    return data


def _wrong_length(random_: random.Random, data: bytearray) -> bytearray:
    """Find an explicit VR and change the length behind it."""
    vr = random_.choice((*_LONG_VRS, *_SHORT_VRS))
    places = _places(data, vr)
    if not places:
        return _flip_header_bits(random_, data)
    at = random_.choice(places)
    length = random_.choice(_LENGTHS)
    if vr in _LONG_VRS:
        data[at + 4 : at + 8] = struct.pack("<I", length)
    else:
        data[at + 2 : at + 4] = struct.pack("<H", length & 0xFFFF)
    return data


def _wrong_vr(random_: random.Random, data: bytearray) -> bytearray:
    places = _places(data, random_.choice(_SHORT_VRS))
    if places:
        at = random_.choice(places)
        data[at : at + 2] = random_.choice((*_LONG_VRS, *_SHORT_VRS, b"XX", b"\x00\x00"))
    return data


def _absurd_size(random_: random.Random, data: bytearray) -> bytearray:
    """Give Rows, Columns, Bits or Planar Configuration another value."""
    element = random_.choice((0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103, 0x0002, 0x0006))
    at = data.find(struct.pack("<HH", 0x0028, element) + b"US")
    if at >= 0:
        data[at + 8 : at + 10] = struct.pack("<H", random_.choice((0, 1, 7, 255, 32768, 65535)))
    return data


def _many_frames(random_: random.Random, data: bytearray) -> bytearray:
    at = data.find(struct.pack("<HH", 0x0028, 0x0010) + b"US")
    if at >= 0:
        number = random_.choice((b"0 ", b"-1", b"99999999", b"1e9 ", b"x ", b"2147483648"))
        data[at:at] = struct.pack("<HH2sH", 0x0028, 0x0008, b"IS", len(number)) + number
    return data


def _deep_sequences(random_: random.Random, data: bytearray) -> bytearray:
    """Put sequences of undefined length into each other, and leave some without an end."""
    at = data.find(struct.pack("<HH", 0x0010, 0x0010) + b"PN")
    if at >= 0:
        depth = random_.choice((5, 200, 3000))
        opening = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
        opening += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
        closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        data[at:at] = opening * depth + closing * random_.choice((depth, depth // 2, 0))
    return data


def _other_syntax(random_: random.Random, data: bytearray) -> bytearray:
    """Name another transfer syntax of the same length, or none that there is."""
    at = data.find(b"1.2.840.10008.1.2")
    end = at + 1
    while at >= 0 and end < len(data) and (chr(data[end]).isdigit() or data[end] == ord(".")):
        end += 1
    if at >= 0:
        other = random_.choice(
            (b"1.2.840.10008.1.2.4.80", b"1.2.840.10008.1.2.1.99", b"1.2.3", b"")
        )
        data[at:end] = other.ljust(end - at, b"\x00")[: end - at]
    return data


def _other_charset(random_: random.Random, data: bytearray) -> bytearray:
    at = data.find(struct.pack("<HH", 0x0008, 0x0008) + b"CS")
    if at >= 0:
        name = random_.choice((b"ISO 2022 IR 999 ", b"\\ISO 2022 IR 87 ", b"UTF-7 ", b"GB18030 "))
        data[at:at] = struct.pack("<HH2sH", 0x0008, 0x0005, b"CS", len(name)) + name
    return data


def _places(data: bytearray, vr: bytes) -> list[int]:
    found: list[int] = []
    start = _PREAMBLE
    while len(found) < 64 and (at := data.find(vr, start)) >= 0:
        found.append(at)
        start = at + 1
    return found


_DAMAGES: Final[tuple[Damage, ...]] = (
    _flip_bits,
    _flip_header_bits,
    _flip_header_bits,
    _cut_off,
    _cut_out,
    _insert,
    _repeat,
    _overwrite,
    _wrong_length,
    _wrong_length,
    _wrong_vr,
    _absurd_size,
    _absurd_size,
    _many_frames,
    _deep_sequences,
    _other_syntax,
    _other_charset,
)
