"""What the quality gate measures before it guesses, and what it sees of a picture."""

import numpy as np
import pytest

from reader.quality.measures import measure, refusal
from reader.quality.prepare import SIDE, WORKING_SIDE, channels, reduced, small, without_border
from reader.quality.verdict import Measures, Reason

_SOUND = Measures(500, 400, spread=200.0, smoothness=0.98, colour=0.0, aspect=0.8)


def _ramp(rows: int, columns: int) -> np.ndarray:
    y, x = np.mgrid[0:rows, 0:columns]
    levels: np.ndarray = (20 + 200 * (x + y) / (rows + columns)).astype(np.uint8)
    return levels


def _measured(picture: np.ndarray) -> Measures:
    return measure((picture.shape[0], picture.shape[1]), reduced(picture))[0]


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (_ramp(63, 200), Reason.TOO_SMALL),
        (_ramp(200, 63), Reason.TOO_SMALL),
        (np.full((300, 300), 128, np.uint8), Reason.CONSTANT),
        (np.full((300, 300), 128, np.uint8) + _ramp(300, 300) // 32, Reason.CONSTANT),
        (np.random.default_rng(0).integers(0, 256, (150, 150), np.uint8), Reason.NOISE),
        (np.stack([_ramp(200, 200), *2 * [_ramp(200, 200)[::-1]]], axis=2), Reason.COLOUR),
        (_ramp(100, 400), Reason.STRIP),
        (_ramp(400, 100), Reason.STRIP),
        (_ramp(200, 200), None),
        (np.repeat(_ramp(200, 200)[..., None], 3, axis=2), None),
    ],
)
def test_pictures_that_no_classifier_is_asked_about(
    picture: np.ndarray, reason: Reason | None
) -> None:
    refused = refusal(_measured(picture))
    assert (refused[0] if refused else None) is reason


def test_a_few_marks_in_colour_do_no_harm() -> None:
    picture = np.repeat(_ramp(400, 400)[..., None], 3, axis=2)
    picture[10:60, 10:100] = (255, 0, 0)
    measures = _measured(picture)
    assert 0.01 < measures.colour < 0.05
    assert refusal(measures) is None


def test_the_reason_tells_the_size() -> None:
    refused = refusal(_measured(_ramp(40, 50)))
    assert refused is not None
    assert refused[1] == "too small to read: 40 x 50 pixels"


def test_a_large_picture_is_shrunk_and_a_small_one_left() -> None:
    assert reduced(_ramp(2500, 2000)).shape == (WORKING_SIDE, round(WORKING_SIDE * 0.8))
    assert reduced(_ramp(100, 90)).shape == (100, 90)
    assert reduced(_ramp(1, 5000)).shape == (1, WORKING_SIDE)


@pytest.mark.parametrize("level", [0, 90, 255])
def test_borders_of_one_grey_are_cut_off(level: int) -> None:
    inner = _ramp(100, 80)
    framed = np.pad(inner, ((15, 4), (0, 22)), constant_values=level)
    assert np.array_equal(without_border(framed), inner)


def test_a_frame_within_a_frame_is_cut_off_too() -> None:
    inner = _ramp(100, 80)
    framed = np.pad(np.pad(inner, 2, constant_values=255), 12)
    assert np.array_equal(without_border(framed), inner)


def test_a_picture_of_nothing_but_border_is_left_alone() -> None:
    assert without_border(np.full((30, 20), 7, np.uint8)).shape == (30, 20)


def test_never_more_than_most_of_a_picture_is_taken_for_border() -> None:
    picture = np.zeros((200, 200), np.uint8)
    picture[150:160, 150:160] = _ramp(10, 10)
    assert min(without_border(picture).shape) > 1


def test_what_the_classifier_sees_does_not_change_with_tone() -> None:
    film = small(_ramp(120, 100)) + 30 * np.sin(np.arange(SIDE) / 4)[None].astype(np.float32)
    rising = np.exp(film / 100)
    one, other = channels(np.stack([film, rising]))
    assert np.abs(one - other).mean() < 0.02


def test_what_the_classifier_sees_turns_over_with_polarity() -> None:
    film = small(_ramp(120, 100)) + 30 * np.sin(np.arange(SIDE) / 4)[None].astype(np.float32)
    one, other = channels(np.stack([film, -film]))
    assert np.abs(one + other).max() < 0.02


def test_equal_greys_share_one_rank() -> None:
    film = np.zeros((1, SIDE, SIDE), np.float32)
    film[:, SIDE // 2 :] = 1
    ranks = channels(film)[0, 0]
    assert np.unique(ranks).tolist() == pytest.approx([-0.5, 0.5])


def test_a_constant_picture_is_no_division_by_zero() -> None:
    seen = channels(np.full((2, SIDE, SIDE), 3.0, np.float32))
    assert np.isfinite(seen).all()
    assert refusal(_SOUND) is None
