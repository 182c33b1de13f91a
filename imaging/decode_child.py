"""The process that may die: waits, warm, and decodes each film in a copy of itself.

Run as `python -m imaging.decode_child`. It says one line when it is ready; then, for each request
(a line of JSON) on its standard input, it forks. The copy takes its limits upon itself, decodes,
writes the answer (a line of JSON, then the values' bytes) and ends. So no film finds what an
earlier one left in memory, and nothing that a codec does reaches the next film.

When a copy dies, its parent ends as well, with 128 + the signal's number as a shell does: whoever
asked knows from that what happened. When whoever asked is gone, standard input ends, and both
processes end at once, in the middle of a decode too.

Needs fork(2) and setrlimit(2): Linux, or another Unix. On others than Linux the memory limit is
left out, since the size of the process to which it is added is not known there.
"""

import contextlib
import gc
import json
import math
import os
import resource
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from core.errors import FirstReadError
from core.leash import die_with_parent
from imaging.bits import Cells
from imaging.compressed import decode_compressed

READY: Final = b"ready\n"
FAULT: Final = 1
"""Exit status after a fault of this program's own."""
_SIGNALLED: Final = 128
_STATM: Final = Path("/proc/self/statm")
Work = Callable[[dict[str, Any]], Cells]


def decode_request(request: dict[str, Any]) -> Cells:
    """Do what a request asks for."""
    return decode_compressed(Path(request["path"]), maximum_pixels=request["maximum_pixels"])


def serve(work: Work = decode_request) -> None:
    """Answer requests until standard input ends.

    Parameters
    ----------
    work
        What is done with each, in a process of its own.
    """
    # A core dump would hold pictures; and whatever a codec prints must not get between answers.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests = sys.stdin.buffer.raw if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer
    answers = os.dup(sys.stdout.fileno())
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    # What is here already is never garbage: left alone, its memory stays shared with the copies.
    gc.freeze()
    os.write(answers, READY)
    for line in iter(requests.readline, b""):
        _fork(work, json.loads(line), requests, answers)


def _fork(work: Work, request: dict[str, Any], requests: BinaryIO, answers: int) -> None:
    """Work in a copy of this process; end this one if the copy does not end well."""
    parent = os.getpid()
    alive, life = os.pipe()
    copy = os.fork()
    if not copy:
        _in_the_copy(work, request, answers, parent)
    os.close(life)
    _wait(copy, alive, requests)
    os.close(alive)
    _, status = os.waitpid(copy, 0)
    if os.WIFSIGNALED(status):
        os._exit(_SIGNALLED + os.WTERMSIG(status))
    if os.WEXITSTATUS(status):
        os._exit(FAULT)


def _wait(copy: int, alive: int, requests: BinaryIO) -> None:
    """Wait for the copy's end; bring it about if whoever asked is gone."""
    poll = select.poll()
    poll.register(alive, select.POLLIN)
    # For its end only, which is always told: the next request may be there before the copy is gone.
    poll.register(requests, 0)
    for descriptor, _ in poll.poll():
        if descriptor == requests.fileno():
            os.kill(copy, signal.SIGKILL)


def _in_the_copy(work: Work, request: dict[str, Any], answers: int, parent: int) -> None:
    status = FAULT
    try:
        die_with_parent(parent)
        _limit(request)
        _write(answers, *_answer(work, request))
        status = 0
    finally:
        # Not sys.exit: nothing that this process inherited is to be closed or flushed twice.
        os._exit(status)


def _limit(request: dict[str, Any]) -> None:
    """Bind this process to the limits of a request; none of them can be lifted again."""
    if _STATM.exists():
        pages = int(_STATM.read_text(encoding="ascii").split()[0])
        size = pages * resource.getpagesize() + request["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    seconds = math.ceil(request["processor_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # Neither signal has a handler, so the kernel ends a process that is deep in a codec as well.
    signal.setitimer(signal.ITIMER_REAL, request["clock_seconds"])


def _answer(work: Work, request: dict[str, Any]) -> tuple[dict[str, Any], memoryview]:
    try:
        values = np.ascontiguousarray(work(request))
    except MemoryError:
        return {"error": "memory"}, memoryview(b"")
    except FirstReadError as error:
        return {"error": "unreadable", "text": str(error)}, memoryview(b"")
    except OSError as error:
        return {"error": "file", "text": os.strerror(error.errno or 0)}, memoryview(b"")
    told = {"dtype": values.dtype.name, "shape": values.shape}
    return told, values.view(np.uint8).reshape(-1).data


def _write(answers: int, told: dict[str, Any], values: memoryview) -> None:
    pieces = [memoryview(json.dumps(told).encode() + b"\n"), values]
    for piece in pieces:
        left = piece
        while left:
            left = left[os.write(answers, left) :]


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        serve()
