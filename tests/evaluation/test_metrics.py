"""The measures against values computed by hand."""

import pytest

from core.reading import Box
from evaluation.metrics import (
    Counts,
    Detection,
    auroc,
    average_precision,
    best_ious,
    iou,
    mean,
)

A = Box(0.0, 0.0, 0.4, 0.4)
B = Box(0.5, 0.5, 0.9, 0.9)
HALF_OF_A = Box(0.0, 0.0, 0.4, 0.2)
ELSEWHERE = Box(0.0, 0.9, 0.1, 1.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (A, A, 1.0),
        (A, B, 0.0),
        (A, HALF_OF_A, 0.5),
        (A, Box(0.2, 0.2, 0.6, 0.6), 0.04 / 0.28),
        (A, Box(0.4, 0.0, 0.8, 0.4), 0.0),  # they only touch
    ],
)
def test_iou(one: Box, other: Box, expected: float) -> None:
    assert iou(one, other) == pytest.approx(expected)
    assert iou(other, one) == pytest.approx(expected)


def test_the_best_overlap_of_each_true_box() -> None:
    assert best_ious((HALF_OF_A, B), (A, B, ELSEWHERE)) == pytest.approx([0.5, 1.0, 0.0])
    assert best_ious((), (A,)) == [0.0]


def test_counts() -> None:
    films = [(True, True), (True, True), (True, False), (False, True), (False, False)]
    counts = sum((Counts.of(said=said, true=true) for said, true in films), Counts())
    assert (counts.hits, counts.false_alarms, counts.misses, counts.positives) == (2, 1, 1, 3)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == pytest.approx(2 / 3)
    assert counts.f1 == pytest.approx(2 / 3)


def test_measures_of_nothing_are_zero() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1, mean([])) == (0, 0, 0, 0)
    assert Counts(misses=2).f1 == 0


@pytest.mark.parametrize(
    ("films", "expected"),
    [
        ([Detection(1.0, (A,), (A,))], 1.0),
        ([Detection(1.0, (), (A,))], 0.0),
        ([Detection(1.0, (ELSEWHERE,), (A,))], 0.0),
        # Two films, the surer one right: precision 1 up to recall 0.5 (51 of 101 levels).
        ([Detection(0.9, (A,), (A,)), Detection(0.1, (B,), (A,))], 51 / 101),
        # The surer one wrong: precision 0.5 up to recall 0.5.
        ([Detection(0.9, (B,), (A,)), Detection(0.1, (A,), (A,))], 0.5 * 51 / 101),
        # Equal confidence: one point, recall 0.5 and precision 0.5, in either order.
        ([Detection(1.0, (A,), (A,)), Detection(1.0, (B,), (A,))], 0.5 * 51 / 101),
        ([Detection(1.0, (B,), (A,)), Detection(1.0, (A,), (A,))], 0.5 * 51 / 101),
        # A false alarm on a normal film lowers the precision, a surer hit stays.
        ([Detection(0.9, (A,), (A,)), Detection(0.5, (B,), ())], 1.0),
        ([Detection(0.4, (A,), (A,)), Detection(0.5, (B,), ())], 0.5),
        # One true box can be hit once.
        ([Detection(1.0, (A, HALF_OF_A), (A,))], 0.5),
        # Just enough, and each box takes the one that it fits best.
        ([Detection(1.0, (HALF_OF_A,), (A,))], 1.0),
        ([Detection(1.0, (HALF_OF_A, A), (A, HALF_OF_A))], 1.0),
    ],
)
def test_average_precision(films: list[Detection], expected: float) -> None:
    assert average_precision(films) == pytest.approx(expected)


def test_average_precision_of_no_truth_is_unknown() -> None:
    assert average_precision([Detection(0.9, (A,), ())]) is None
    assert average_precision([]) is None


@pytest.mark.parametrize(
    ("present", "absent", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        # 0.8 wins twice; 0.4 wins once, and ties none of them.
        ([0.8, 0.4], [0.5, 0.3], 0.75),
        # 0.8 wins three, 0.5 ties with one and wins two: 5.5 of 6.
        ([0.8, 0.5], [0.5, 0.3, 0.1], 5.5 / 6),
        ([], [0.1], None),
        ([0.1], [], None),
    ],
)
def test_area_under_the_curve(
    present: list[float], absent: list[float], expected: float | None
) -> None:
    assert auroc(present, absent) == (None if expected is None else pytest.approx(expected))
