"""When what is done: drawn from the seed, carried out by one thread."""

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from evaluation.chaos.killing import Killer
from evaluation.chaos.moments import Moment
from evaluation.chaos.plan import Plan
from evaluation.chaos.processes import Kind, kinds
from evaluation.chaos.troubles import Ending, Troubles

_LOOK_SECONDS: Final = 0.004
_PATIENCE_SECONDS: Final = 12.0
"""The longest that a moment is waited for before the kill comes all the same."""
_AT_ONCE: Final = 0.25
"""Share of the kills that wait for no moment: they may hit a process that is only starting."""
_TROUBLES_A_MINUTE: Final = 11


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Wish:
    """A kill that waits for its moment."""

    come: Moment
    until: float


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
        self._acts: list[tuple[float, int, Callable[[], object]]] = []
        # Kills that are due, and the one of each kind that waits for its moment: one after the
        # other, so that what one waits for is not spoiled by the next.
        self._due: Counter[Kind] = Counter()
        self._wishes: dict[Kind, _Wish] = {}
        self._now = 0.0
        for kind in kinds(embedded=plan.embedded):
            for at in self._times(plan.kills_tried(kind), plan.seconds):
                self._put(at, partial(self._want, kind))
        possible = troubles.all()
        order = rng.permutation(len(possible))
        count = max(1, round(_TROUBLES_A_MINUTE * plan.minutes))
        for number, at in enumerate(self._times(count, plan.seconds)):
            # Each in its turn, so that every one happens in a run of some minutes.
            self._put(at, partial(self._trouble, possible[order[number % len(possible)]]))

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
            while self._acts and self._acts[0][0] <= self._now:
                heapq.heappop(self._acts)[2]()
            for kind in self._due:
                self._look_at(kind)
            time.sleep(_LOOK_SECONDS)

    def _times(self, count: int, seconds: float) -> list[float]:
        """Draw times over a span, one in each of as many equal parts of it."""
        part = seconds / count
        return [float(part * (number + self._rng.random())) for number in range(count)]

    def _put(self, at: float, act: Callable[[], object]) -> None:
        heapq.heappush(self._acts, (at, next(self._numbers), act))

    def _want(self, kind: Kind) -> None:
        self._due[kind] += 1

    def _look_at(self, kind: Kind) -> None:
        """Kill one of a kind if one is due and its moment has come."""
        if self._due[kind] == 0:
            return
        wish = self._wishes[kind] = self._wishes.get(kind) or self._wish(kind)
        come = wish.come()
        if (come or self._now >= wish.until) and self._killer.kill(kind, in_a_moment=come):
            self._due[kind] -= 1
            del self._wishes[kind]

    def _wish(self, kind: Kind) -> _Wish:
        if self._rng.random() < _AT_ONCE:
            return _Wish(_never, self._now)
        return _Wish(self._killer.await_moment(kind), self._now + _PATIENCE_SECONDS)

    def _trouble(self, trouble: Callable[[], Ending]) -> None:
        ending = trouble()
        self._put(self._now + ending.after_seconds, ending.act)
