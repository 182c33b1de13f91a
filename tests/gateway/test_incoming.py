"""The temporary file of one data set: its bytes, a full disk, and its removal."""

import errno
from pathlib import Path

import pytest

from core.errors import StorageFullError
from db.spool import Spool
from gateway.incoming import IncomingFile


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 0)


def test_the_bytes_are_the_preamble_and_the_fragments(spool: Spool) -> None:
    incoming = IncomingFile(spool.temporary())
    incoming.open(spool, b"head")
    incoming.write(b"one")
    incoming.write(b"two")
    incoming.finish()
    assert incoming.error is None
    assert incoming.path.read_bytes() == b"headonetwo"
    incoming.close()
    assert not incoming.path.exists()


def test_a_file_that_was_kept_is_not_removed(spool: Spool) -> None:
    incoming = IncomingFile(spool.temporary())
    incoming.open(spool, b"head")
    incoming.finish()
    kept = spool.keep(incoming.path, "received.dcm")
    incoming.close()
    assert kept.read_bytes() == b"head"


def test_below_the_reserve_nothing_is_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 1 << 62)
    incoming = IncomingFile(spool.temporary())
    incoming.open(spool, b"head")
    incoming.write(b"one")
    incoming.finish()
    assert isinstance(incoming.error, StorageFullError)
    assert not incoming.path.exists()


def test_a_disk_that_fills_up_is_noted_and_raises_nothing(spool: Spool) -> None:
    incoming = IncomingFile(spool.temporary())
    incoming.open(spool, b"")
    assert incoming._stream is not None
    incoming._stream.close()
    incoming._stream = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - closed by finish
    incoming.write(b"one")
    assert isinstance(incoming.error, OSError)
    assert incoming.error.errno == errno.ENOSPC
    incoming.write(b"two")
    incoming.close()


def test_a_disk_that_fills_up_at_the_last_flush_is_noted(spool: Spool) -> None:
    incoming = IncomingFile(spool.temporary())
    incoming.open(spool, b"")
    assert incoming._stream is not None
    incoming._stream.close()
    incoming._stream = Path("/dev/full").open("wb")  # noqa: SIM115 - closed by finish
    incoming.write(b"one")
    assert incoming.error is None
    incoming.finish()
    assert isinstance(incoming.error, OSError)
