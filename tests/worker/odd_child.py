"""A worker process whose model does something odd at its first film, run by `worker.run`.

The environment tells what: `ODD_ACT` names the act, and `ODD_MARK` a file that the first film
makes, so that a later attempt, in whatever process, finds everything in order.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.worker_settings import WorkerSettings
from reader.protocol import OnText
from tests.worker.odd_reader import OddReader
from worker.child import serve
from worker.order import Order


def _work_for_ever(on_progress: OnText) -> None:
    while True:
        on_progress("report")
        # The pace of its work, as of a model's tokens; no test waits by it.
        time.sleep(0.01)


def _hang(_on_progress: OnText) -> None:
    signal.pause()


def _hang_with_python_held(_on_progress: OnText) -> None:
    # Unlike CDLL, PyDLL keeps the interpreter's lock: no other thread runs either.
    ctypes.PyDLL(None).pause()


def _die(_on_progress: OnText) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


_ACTS: dict[str, Callable[[OnText], None]] = {
    "work for ever": _work_for_ever,
    "hang": _hang,
    "hang with python held": _hang_with_python_held,
    "die": _die,
}


def _load(_settings: WorkerSettings, _on_text: OnText) -> OddReader:
    mark = Path(os.environ["ODD_MARK"])
    odd = _ACTS.get(os.environ.get("ODD_ACT", ""))

    def act(on_progress: OnText) -> None:
        if odd is not None and not mark.exists():
            mark.write_text(str(os.getpid()))
            odd(on_progress)

    return OddReader(act)


if __name__ == "__main__":
    serve(Order.model_validate_json(sys.stdin.read()), _load)
