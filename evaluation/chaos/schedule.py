"""When what is done: drawn from the seed, carried out by one thread."""

import heapq
import itertools
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from evaluation.chaos.killing import Killer
from evaluation.chaos.plan import Plan
from evaluation.chaos.processes import Kind, kinds
from evaluation.chaos.troubles import Ending, Troubles

_AGAIN_SECONDS: Final = 0.3
"""After which a kill is tried again that found nobody, or nobody who had worked yet."""
_PATIENCE_SECONDS: Final = 12.0
"""The longest that a process is given to do some work before it is killed all the same."""
_AT_ONCE: Final = 0.25
"""Share of the kills that wait for no work: they may hit a process that is only starting."""
_TROUBLES_A_MINUTE: Final = 11


class Schedule:
    """The acts of one run, in the order of their times.

    Parameters
    ----------
    plan
        How long, and how many kills.
    killer, troubles
        Who acts.
    rng
        Draws the times.
    """

    def __init__(
        self, plan: Plan, killer: Killer, troubles: Troubles, rng: np.random.Generator
    ) -> None:
        self._plan = plan
        self._killer = killer
        self._rng = rng
        self._numbers = itertools.count()
        self._acts: list[tuple[float, int, Callable[[], None]]] = []
        self._now = 0.0
        for kind in kinds(embedded=plan.embedded):
            for at in self._times(plan.kills_tried(kind), plan.seconds):
                self._put(at, self._kill_of(kind, at))
        possible = troubles.all()
        count = max(1, round(_TROUBLES_A_MINUTE * plan.minutes))
        for number, at in enumerate(self._times(count, plan.seconds)):
            # Each in its turn, so that every one happens in a run of some minutes.
            self._put(at, self._trouble_of(possible[number % len(possible)]))

    def run(self, enough: Callable[[], bool]) -> float:
        """Do everything at its time, and what is late at once.

        Parameters
        ----------
        enough
            Asked once the plan's time is over: where it is not, as on a slow machine, what is left
            is done until it is, or the longest time is over.

        Returns
        -------
        float
            The seconds that it took.
        """
        begun = time.monotonic()
        while True:
            self._now = time.monotonic() - begun
            over = self._now > self._plan.seconds and enough()
            if over or self._now > self._plan.longest_seconds:
                return self._now
            if self._acts and self._acts[0][0] <= self._now:
                heapq.heappop(self._acts)[2]()
            else:
                due = self._acts[0][0] - self._now if self._acts else _AGAIN_SECONDS
                time.sleep(min(due, _AGAIN_SECONDS))

    def _times(self, count: int, seconds: float) -> list[float]:
        """Draw times over a span, one in each of as many equal parts of it."""
        part = seconds / count
        return [float(part * (number + self._rng.random())) for number in range(count)]

    def _put(self, at: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._acts, (at, next(self._numbers), act))

    def _kill_of(self, kind: Kind, at: float) -> Callable[[], None]:
        waits = self._rng.random() > _AT_ONCE

        def act() -> None:
            early = waits and self._now < at + _PATIENCE_SECONDS
            if (early and not self._killer.has_worked(kind)) or not self._killer.kill(kind):
                self._put(self._now + _AGAIN_SECONDS, act)

        return act

    def _trouble_of(self, trouble: Callable[[], Ending]) -> Callable[[], None]:
        def act() -> None:
            ending = trouble()
            self._put(self._now + ending.after_seconds, lambda: _end(ending))

        return act


def _end(ending: Ending) -> None:
    ending.act()
