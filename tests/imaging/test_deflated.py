"""Inflating a deflated stream: its end, its size, its damage."""

import io
import zlib

import pytest

from core.errors import UnreadableObjectError
from imaging.deflated import inflate

START = 7
LIMIT = 64 << 20


def stream(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return bytes(START) + packer.compress(content) + packer.flush()


@pytest.mark.parametrize("size", [0, 10, 5 << 20])
def test_whole_stream_is_inflated(size: int) -> None:
    assert inflate(io.BytesIO(stream(b"ab" * size)), START, LIMIT).read() == b"ab" * size


def test_what_follows_the_stream_is_ignored() -> None:
    assert inflate(io.BytesIO(stream(b"abc") + b"\x00"), START, LIMIT).read() == b"abc"


def test_stream_without_end_is_refused() -> None:
    with pytest.raises(UnreadableObjectError, match="cut off"):
        inflate(io.BytesIO(stream(bytes(range(256)) * 40)[:-3]), START, LIMIT)


def test_damaged_stream_is_refused() -> None:
    with pytest.raises(UnreadableObjectError, match="damaged"):
        inflate(io.BytesIO(bytes(START) + b"\xff" * 50), START, LIMIT)


def test_bomb_is_refused_at_the_limit() -> None:
    bomb = stream(bytes(8 << 20))
    assert len(bomb) < 10_000
    inflate(io.BytesIO(bomb), START, 8 << 20)
    with pytest.raises(UnreadableObjectError, match="more than 4194304 bytes"):
        inflate(io.BytesIO(bomb), START, 4 << 20)
