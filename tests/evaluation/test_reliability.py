"""Reliability figures against values computed by hand."""

import pytest

from evaluation.reliability import brier, expected_calibration_error


@pytest.mark.parametrize(
    ("scores", "truths", "expected"),
    [
        ([1.0, 0.0], [True, False], 0.0),
        ([1.0, 0.0], [False, True], 1.0),
        ([0.5, 0.8], [True, False], (0.25 + 0.64) / 2),
    ],
)
def test_brier(scores: list[float], truths: list[bool], expected: float) -> None:
    assert brier(scores, truths) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "truths", "expected"),
    [
        ([1.0, 0.0], [True, False], 0.0),
        ([1.0, 0.0], [False, True], 1.0),
        # One bin: 0.72 and 0.78 said, half true.
        ([0.72, 0.78], [True, False], 0.25),
        # Two bins that are off to either side do not make up for each other.
        ([0.25, 0.75], [True, False], 0.75),
        # Three quarters of the films right on average, one quarter off by 0.4.
        ([0.0, 0.0, 0.0, 0.6], [False, False, False, True], 0.1),
    ],
)
def test_expected_calibration_error(
    scores: list[float], truths: list[bool], expected: float
) -> None:
    assert expected_calibration_error(scores, truths) == pytest.approx(expected)


def test_the_number_of_bins_counts() -> None:
    assert expected_calibration_error([0.25, 0.75], [True, False], bins=1) == pytest.approx(0.0)
