"""Kills and freezes processes of an installation."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from typing import Final

import numpy as np

from evaluation.chaos.house import House
from evaluation.chaos.moments import Logs, Moment, new_file
from evaluation.chaos.processes import Kind, Process, dies_with, processes
from evaluation.chaos.surroundings import Surroundings

_MOMENT_SECONDS: Final = 1.5
"""How long a moment is waited for before the kill comes anyway."""
_SOON_SECONDS: Final = 0.06
"""The longest offset after a moment."""
_WORK: Final = {
    Kind.GATEWAY: ("object_stored",),
    Kind.DELIVER: ("published", "delivered"),
    Kind.WORKER: ("film_read",),
    Kind.READING: ("film_read",),
    Kind.SUPERVISOR: ("object_stored", "delivered", "film_read"),
}
"""What a kind logs that it did: it is to do something between most of its kills."""


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
        self._done: dict[Kind, int] = dict.fromkeys(Kind, 0)
        incoming = new_file(house.settings.spool_folder / "incoming")
        arrived = new_file(around.storing.folder)
        committed, read = self._logs.next("object_stored"), self._logs.next("film_read")
        self._moments: dict[Kind, tuple[Moment, ...]] = {
            # A film begins to come in; its row was committed and its answer is on its way.
            Kind.GATEWAY: (incoming, committed),
            # A result's bytes are being written; one is at a peer, and nobody noted it.
            Kind.DELIVER: (incoming, arrived, arrived),
            # A reading is whole and about to be committed.
            Kind.WORKER: (read,),
            Kind.READING: (read,),
            Kind.SUPERVISOR: (incoming, arrived, read),
        }

    def has_worked(self, kind: Kind) -> bool:
        """Tell whether a kind did some of its work since it was killed last."""
        return self._work(kind) > self._done[kind]

    def kill(self, kind: Kind) -> bool:
        """Kill one process of a kind; False where none runs."""
        met = False
        if self._rng.random() < 0.6:  # noqa: PLR2004 - the others at any moment at all
            moments = self._moments[kind]
            met = moments[int(self._rng.integers(len(moments)))](_MOMENT_SECONDS)
            if met:
                time.sleep(float(self._rng.uniform(0, _SOON_SECONDS)))
        found = processes(self._file)
        chosen = self._one(kind, found)
        if chosen is None or not _signal(chosen.pid, signal.SIGKILL):
            return False
        for one in (chosen, *dies_with(chosen, found)):
            self.kills[one.kind.value] += 1
            self._done[one.kind] = self._work(one.kind)
        self.in_a_moment[kind.value] += met
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

    def _work(self, kind: Kind) -> int:
        return sum(self._logs.count(event) for event in _WORK[kind])

    def _one(self, kind: Kind, found: list[Process]) -> Process | None:
        those = [one for one in found if one.kind is kind]
        return those[int(self._rng.integers(len(those)))] if those else None


def _signal(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
