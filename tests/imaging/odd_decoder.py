"""A decoding process whose codec misbehaves as the film's file name asks for.

Run as `python -m tests.imaging.odd_decoder`, in place of `imaging.decode_child`.
"""

import ctypes
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

from imaging.bits import Cells
from imaging.decode_child import decode_request, serve


def _segfault() -> None:
    ctypes.string_at(0)


def _abort() -> None:
    os.abort()


def _loop() -> None:
    while True:
        pass


def _sleep() -> None:
    signal.pause()


def _devour() -> None:
    kept = []
    while True:
        kept.append(np.ones(10_000_000))


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _chatter() -> None:
    os.write(1, b"a codec that prints\n" * 100)


def _panic() -> None:
    message = "a fault of the program"
    raise BaseException(message)  # noqa: TRY002 - what a panic in Rust becomes


def _exit() -> None:
    os._exit(3)


_DEEDS = {
    "segfault": _segfault,
    "abort": _abort,
    "loop": _loop,
    "sleep": _sleep,
    "devour": _devour,
    "killed": _killed,
    "chatter": _chatter,
    "panic": _panic,
    "exit": _exit,
}


def misbehave(request: dict[str, Any]) -> Cells:
    """Do what the file's name says, and then the work."""
    _DEEDS.get(Path(request["path"]).stem, lambda: None)()
    values = decode_request(request)
    return values[1:] if Path(request["path"]).stem == "short" else values


if __name__ == "__main__":
    serve(misbehave)
