"""Keeps child processes running, and ends them with itself.

A child that ends is started again after a growing pause; SIGTERM and SIGINT end every child in
order, stragglers by force; and when the supervisor itself is killed, its children die with it
(`core.leash`).
"""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from core.child import Child, ChildSpec, Pauses

__all__ = ["ChildSpec", "Pauses", "Supervisor"]

_LOOK_SECONDS = 0.1
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Supervisor:
    """Runs children until it is told to stop.

    Parameters
    ----------
    children
        What to run, in the order of starting.
    pauses
        How patient to be.

    Raises
    ------
    ValueError
        If there is no child, or two have the same name.
    """

    def __init__(self, children: Sequence[ChildSpec], pauses: Pauses | None = None) -> None:
        names = [spec.name for spec in children]
        if not names or len(set(names)) != len(names):
            message = f"a supervisor needs children of different names: {names}"
            raise ValueError(message)
        self._pauses = pauses or Pauses()
        self._children = [Child(spec, self._pauses) for spec in children]
        # Plain flags, not events: a signal handler that sets an event can deadlock with the
        # code that it interrupts.
        self._stopping = False
        self._hurry = False

    def stop(self) -> None:
        """Ask for the end; returns at once. From any thread."""
        self._stopping = True

    def run(self) -> None:
        """Run the children in this thread until `stop`, SIGTERM or SIGINT; then end them all.

        A second signal ends the wait for stragglers. In another thread than the main one no
        signal is caught, and the thread must live as long as the children may.
        """
        with self._signals_caught():
            try:
                while not self._stopping:
                    for child in self._children:
                        child.look()
                    time.sleep(_LOOK_SECONDS)
            finally:
                self._end_all()

    def _end_all(self) -> None:
        for child in self._children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._pauses.grace
        while any(child.running for child in self._children):
            if self._hurry or time.monotonic() >= deadline:
                break
            time.sleep(_LOOK_SECONDS)
        for child in self._children:
            child.kill()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._hurry = self._stopping
        self._stopping = True

    @contextmanager
    def _signals_caught(self) -> Iterator[None]:
        before: dict[signal.Signals, Any] = {}
        if threading.current_thread() is threading.main_thread():
            before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
