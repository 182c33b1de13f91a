"""What the senders have to send, and what they were told; nothing here is asked of FirstRead."""

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from evaluation.chaos.answers import Answer
from evaluation.chaos.films import Film


class Sort(StrEnum):
    """Why an object is sent."""

    WHOLE = "whole"
    AGAIN = "again"
    """One that was acknowledged before."""
    IMPOSTOR = "impostor"
    """Other content under the UID of one that was acknowledged before."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Consignment:
    """What one sender sends over one association.

    Parameters
    ----------
    sort, films
        What it is, and of which films.
    """

    sort: Sort
    films: tuple[Film, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent in all, and what came of it by the clients' own words.

    Parameters
    ----------
    tried
        UIDs of whole films that were sent at least once.
    acknowledged
        Those among them that were answered with success.
    taken_broken
        UIDs of broken objects that were answered with success.
    answers
        Number of answers by sort and outcome: `success`, `refused`, `none`.
    """

    tried: frozenset[str]
    acknowledged: frozenset[str]
    taken_broken: frozenset[str]
    answers: dict[str, dict[str, int]]


class Ledger:
    """The films of a run; used by every sender.

    What was not acknowledged is sent again until it is.

    Parameters
    ----------
    films, broken
        What there is to be sent.
    seconds
        The time over which the films are spread.
    """

    def __init__(self, films: Sequence[Film], broken: Sequence[Film], seconds: float) -> None:
        self._films = list(films)
        self._waiting = deque(films)
        self._broken = deque(broken)
        self._seconds = seconds
        self._begun: float | None = None
        self._released = 0
        self._tried: set[str] = set()
        self._acknowledged: dict[str, Film] = {}
        self._taken_broken: set[str] = set()
        self._answers: dict[str, Counter[str]] = {sort.value: Counter() for sort in Sort}
        self._lock = threading.Lock()

    def take(self, rng: np.random.Generator) -> Consignment | None:
        """Give one sender what to send next; None where it is to wait a moment."""
        draw = rng.random()
        with self._lock:
            if draw < 0.08 and self._broken:  # noqa: PLR2004 - shares of the traffic
                return Consignment(Sort.BROKEN, (self._broken.popleft(),))
            if draw < 0.20 and self._acknowledged:  # noqa: PLR2004 - as above
                known = list(self._acknowledged.values())
                sort = Sort.AGAIN if draw < 0.15 else Sort.IMPOSTOR  # noqa: PLR2004 - as above
                return Consignment(sort, (known[int(rng.integers(len(known)))],))
            count = min(int(rng.integers(1, 5)), len(self._waiting), self._due())
            films = tuple(self._waiting.popleft() for _ in range(count))
            self._released += count
            self._tried |= {film.uid for film in films}
        return Consignment(Sort.WHOLE, films) if films else None

    def note(self, consignment: Consignment, answers: Sequence[Answer]) -> None:
        """Note what was answered; what was not acknowledged goes back."""
        good = {answer.uid for answer in answers if answer.status == 0}
        counts = Counter(_outcome(answer) for answer in answers)
        counts["none"] += max(0, len(consignment.films) - len(answers))
        with self._lock:
            self._answers[consignment.sort.value].update(counts)
            if consignment.sort is Sort.WHOLE:
                for film in consignment.films:
                    if film.uid in good:
                        self._acknowledged[film.uid] = film
                    else:
                        self._waiting.append(film)
                        self._released -= 1
            elif consignment.sort is Sort.BROKEN:
                self._taken_broken |= good
                if not answers or any(answer.status is None for answer in answers):
                    self._broken.extend(consignment.films)

    def sent(self) -> Sent:
        """Give what was sent until now."""
        with self._lock:
            return Sent(
                frozenset(self._tried),
                frozenset(self._acknowledged),
                frozenset(self._taken_broken),
                {sort: dict(counts) for sort, counts in self._answers.items()},
            )

    def film(self, uid: str) -> Film:
        """Give the film with a UID."""
        return next(film for film in self._films if film.uid == uid)

    def _due(self) -> int:
        """Give how many more films may leave by now, so that they are spread over the time."""
        if self._begun is None:
            self._begun = time.monotonic()
        share = (time.monotonic() - self._begun) / self._seconds
        return max(0, int(len(self._films) * min(1.0, 1.15 * share)) + 2 - self._released)


def _outcome(answer: Answer) -> str:
    if answer.status is None:
        return "none"
    return "success" if answer.status == 0 else "refused"
