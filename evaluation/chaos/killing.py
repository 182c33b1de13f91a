"""Kills and freezes processes of an installation."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import numpy as np

from evaluation.chaos.house import House
from evaluation.chaos.moments import Logs, Moment, new_file
from evaluation.chaos.processes import Kind, Process, dies_with, processes
from evaluation.chaos.surroundings import Surroundings

_SOON_SECONDS: Final = 0.06
"""The longest time from a moment to its kill."""


class Killer:
    """Kills with -9, at any moment or in one that hurts, and freezes for a while.

    Parameters
    ----------
    house, around
        What is looked at for moments.
    rng
        Which process, which moment, which offset.
    """

    def __init__(self, house: House, around: Surroundings, rng: np.random.Generator) -> None:
        self.kills: Counter[str] = Counter()
        """Processes that SIGKILL ended, those among them that the kernel ended with their
        supervisor."""
        self.in_a_moment: Counter[str] = Counter()
        """Those of the kills that came right after a moment."""
        self.frozen: Counter[str] = Counter()
        self._file = house.settings_file
        self._logs = Logs(house.logs)
        self._rng = rng
        self._stopped: set[int] = set()
        incoming = partial(new_file, house.settings.spool_folder / "incoming")
        arrived = partial(new_file, around.storing.folder)
        committed, read = (
            partial(self._logs.next, "object_stored"),
            partial(self._logs.next, "film_read"),
        )
        self._moments: dict[Kind, tuple[Callable[[], Moment], ...]] = {
            # A film begins to come in; its row was committed and its answer is on its way.
            Kind.GATEWAY: (incoming, committed),
            # A result's bytes are being written; one is at a peer, and nobody noted it.
            Kind.DELIVER: (incoming, arrived, arrived),
            # A reading is whole and about to be committed.
            Kind.WORKER: (read,),
            Kind.READING: (read,),
            Kind.SUPERVISOR: (incoming, arrived, read),
        }

    def await_moment(self, kind: Kind) -> Moment:
        """Begin to look for a moment in which the kill of a kind hurts."""
        moments = self._moments[kind]
        return moments[int(self._rng.integers(len(moments)))]()

    def kill(self, kind: Kind, *, in_a_moment: bool) -> bool:
        """Kill one process of a kind; False where none runs."""
        if in_a_moment:
            time.sleep(float(self._rng.uniform(0, _SOON_SECONDS)))
        found = processes(self._file)
        chosen = self._one(kind, found)
        if chosen is None or not _signal(chosen.pid, signal.SIGKILL):
            return False
        for one in (chosen, *dies_with(chosen, found)):
            self.kills[one.kind.value] += 1
        self.in_a_moment[kind.value] += in_a_moment
        return True

    def freeze(self, kind: Kind) -> int | None:
        """Freeze one process of a kind; gives its id, or None where none runs."""
        chosen = self._one(kind, processes(self._file))
        if chosen is None or not _signal(chosen.pid, signal.SIGSTOP):
            return None
        self.frozen[kind.value] += 1
        self._stopped.add(chosen.pid)
        return chosen.pid

    def thaw(self, pid: int) -> None:
        """Let a frozen process go on, if it is still there."""
        if pid in self._stopped:
            self._stopped.discard(pid)
            if any(one.pid == pid for one in processes(self._file)):
                _signal(pid, signal.SIGCONT)

    def thaw_all(self) -> None:
        """Let everything go on."""
        for pid in list(self._stopped):
            self.thaw(pid)

    def _one(self, kind: Kind, found: list[Process]) -> Process | None:
        those = [one for one in found if one.kind is kind]
        return those[int(self._rng.integers(len(those)))] if those else None


def _signal(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
