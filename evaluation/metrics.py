"""The few measures that are used here, small enough to be checked by hand."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.reading import Box


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a label was right and wrong.

    Parameters
    ----------
    hits
        Said and true.
    false_alarms
        Said and not true.
    misses
        True and not said.
    """

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.hits + other.hits,
            self.false_alarms + other.false_alarms,
            self.misses + other.misses,
        )

    @classmethod
    def of(cls, *, said: bool, true: bool) -> "Counts":
        """Count one film."""
        return cls(int(said and true), int(said and not true), int(true and not said))

    @property
    def precision(self) -> float:
        """Share of what was said that is true; 0 where nothing was said."""
        return _ratio(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float:
        """Share of what is true that was said; 0 where nothing is true."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; 0 where nothing was said and nothing is true."""
        return _ratio(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)

    @property
    def positives(self) -> int:
        """Number of films on which it is true."""
        return self.hits + self.misses


def iou(one: Box, other: Box) -> float:
    """Give the area that two boxes share over the area that they cover together."""
    wide = min(one.x2, other.x2) - max(one.x1, other.x1)
    tall = min(one.y2, other.y2) - max(one.y1, other.y1)
    if wide <= 0 or tall <= 0:
        return 0.0
    shared = wide * tall
    return shared / (_area(one) + _area(other) - shared)


def best_ious(said: Sequence[Box], true: Sequence[Box]) -> list[float]:
    """Give for each true box the overlap with the box said that fits it best, 0 for none."""
    return [max((iou(box, target) for box in said), default=0.0) for target in true]


@dataclass(frozen=True, slots=True)
class Detection:
    """The boxes of one label on one film, as said and as true.

    Parameters
    ----------
    confidence
        One for all boxes said of the film.
    said, true
        The boxes.
    """

    confidence: float
    said: tuple[Box, ...]
    true: tuple[Box, ...]


def average_precision(detections: Iterable[Detection], threshold: float = 0.5) -> float | None:
    """Give the average precision of one label, as COCO defines it.

    Boxes are taken by falling confidence; those of equal confidence (all boxes of a film among
    them) enter together, so that no order of ties makes a figure better. A box is a hit if it
    overlaps, by at least the threshold, a true box of its film that no box before it has taken;
    the precision, made falling from the right, is averaged over 101 levels of recall.

    Parameters
    ----------
    detections
        One per film.
    threshold
        Least intersection over union of a hit.

    Returns
    -------
    float or None
        In [0, 1]; None where no film has a true box.
    """
    films = sorted(detections, key=lambda film: -film.confidence)
    wanted = sum(len(film.true) for film in films)
    if not wanted:
        return None
    points: list[tuple[float, float]] = []
    hits = drawn = 0
    for place, film in enumerate(films):
        hits += _matches(film, threshold)
        drawn += len(film.said)
        last_of_ties = place + 1 == len(films) or films[place + 1].confidence < film.confidence
        if last_of_ties and drawn:
            points.append((hits / wanted, hits / drawn))
    levels = (level / 100 for level in range(101))
    return (
        sum(
            max((precision for recall, precision in points if recall >= level), default=0.0)
            for level in levels
        )
        / 101
    )


def auroc(present: Sequence[float], absent: Sequence[float]) -> float | None:
    """Give the area under the receiver operating characteristic of some scores.

    It is the share of pairs, one of each kind, in which the positive has the higher score; equal
    scores count half (Hanley and McNeil, 1982).

    Parameters
    ----------
    present, absent
        Scores of the films on which the finding is, and of those on which it is not.

    Returns
    -------
    float or None
        In [0, 1]; None where either kind is missing.
    """
    if not present or not absent:
        return None
    below = sorted(absent)
    won = sum((bisect_left(below, score) + bisect_right(below, score)) / 2 for score in present)
    return won / (len(present) * len(absent))


def mean(values: Iterable[float]) -> float:
    """Give the mean, 0 of nothing."""
    kept = list(values)
    return _ratio(sum(kept), len(kept))


def _matches(film: Detection, threshold: float) -> int:
    """Count the boxes that take a true box, each the free one that it fits best."""
    free = list(film.true)
    hits = 0
    for box in film.said:
        best = max(free, key=lambda target: iou(box, target), default=None)
        if best is not None and iou(box, best) >= threshold:
            free.remove(best)
            hits += 1
    return hits


def _area(box: Box) -> float:
    return (box.x2 - box.x1) * (box.y2 - box.y1)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
