"""The quality gate's verdicts with the classifier that is shipped.

Covered: phantoms of a series that neither the classifier nor its thresholds were made with, each
defect with its own reason; how guesses become verdicts; odd pictures; time. How real films fare is
tested with evaluation, the measurements in `test_quality_measures`, the files in
`test_quality_weights`.
"""

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from reader.quality.gate import MIRRORED_REMARK, decide, judge
from reader.quality.guess import guess
from reader.quality.verdict import Probabilities, Reason, Verdict
from reader.quality.weights import Thresholds, load
from training.phantom import View, sample
from training.quality.others import other

_SEED = 74_002
_COUNT = 24
_SIDE = 256

Pictures = list[np.ndarray]


def _phantom(index: int, view: View | None = None) -> np.ndarray:
    hard = "hard" if index % 2 else "default"
    phantom = sample(_SEED, index, difficulty=hard, view=view)
    film = phantom.render(round(_SIDE * phantom.aspect), _SIDE)
    return np.asarray(film * 255, dtype=np.uint8)


@pytest.fixture(scope="module")
def films() -> Pictures:
    return [_phantom(index) for index in range(_COUNT)]


def _reasons(pictures: Pictures) -> Counter[Reason | None]:
    return Counter(judge(picture).reason for picture in pictures)


def test_upright_frontals_pass(films: Pictures) -> None:
    assert _reasons(films) == {None: _COUNT}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_films_are_refused_with_their_turn(films: Pictures, turns: int) -> None:
    words = {1: "90 degrees counter-clockwise", 2: "180 degrees", 3: "90 degrees clockwise"}
    for film in films:
        verdict = judge(np.rot90(film, turns))
        assert verdict.reason is Reason.ROTATED
        assert verdict.text.endswith(words[turns])


def test_inverted_films_are_refused(films: Pictures) -> None:
    assert _reasons([255 - film for film in films]) == {Reason.INVERTED: _COUNT}


def test_laterals_are_refused() -> None:
    laterals = [_phantom(index, View.LATERAL) for index in range(_COUNT)]
    assert _reasons(laterals) == {Reason.LATERAL: _COUNT}


@pytest.mark.parametrize("part", ["left", "right", "top", "bottom"])
def test_half_a_film_is_hardly_ever_read(films: Pictures, part: str) -> None:
    halves = []
    for film in films:
        rows, columns = film.shape
        down, across = {
            "left": (slice(None), slice(columns // 2)),
            "right": (slice(None), slice(columns // 2, None)),
            "top": (slice(rows // 2), slice(None)),
            "bottom": (slice(rows // 2, None), slice(None)),
        }[part]
        halves.append(film[down, across])
    # A lower or upper half of a tall film is as wide as a film may be, and shows both lungs.
    assert _reasons(halves)[None] <= (_COUNT // 4 if part in {"top", "bottom"} else 0)


def test_other_pictures_are_refused() -> None:
    pictures = [(other(_SEED, index) * 255).astype(np.uint8) for index in range(64)]
    reasons = _reasons([np.kron(picture, np.ones((2, 2), np.uint8)) for picture in pictures])
    assert reasons[None] == 0
    assert reasons[Reason.NOT_CHEST] + reasons[Reason.NOISE] > 55


@pytest.mark.slow
def test_a_mirrored_film_is_read_with_a_word_or_refused_far_more_often_than_a_sound_one(
    films: Pictures,
) -> None:
    def spoken_of(verdict: Verdict) -> bool:
        return verdict.reason is Reason.MIRRORED or MIRRORED_REMARK in verdict.remarks

    mirrored = sum(spoken_of(judge(film[:, ::-1])) for film in films)
    sound = sum(spoken_of(judge(film)) for film in films)
    assert sound <= 1
    assert mirrored >= _COUNT // 2


def test_a_film_in_a_wide_frame_and_with_another_tone_still_passes(films: Pictures) -> None:
    for film in films[:6]:
        framed = np.pad(film, ((30, 60), (80, 10)))
        dark = (255 * (film / 255.0) ** 2.2).astype(np.uint8)
        assert judge(framed).reason is None
        assert judge(dark).reason is None


def test_arrays_and_pictures_in_grey_and_in_colour_are_judged_alike(films: Pictures) -> None:
    film = films[0]
    grey = judge(film)
    rgb = np.repeat(film[..., None], 3, axis=2)
    for same in (rgb, Image.fromarray(film), Image.fromarray(rgb)):
        verdict = judge(same)
        assert verdict.reason is grey.reason
        assert verdict.probabilities is not None
        assert grey.probabilities is not None
        assert verdict.probabilities.good == pytest.approx(grey.probabilities.good, abs=0.02)


def test_what_is_guessed_turns_with_the_picture(films: Pictures) -> None:
    gate, film = load(), films[0]
    square = film[:, : min(film.shape)][: min(film.shape)]
    first = guess(square, gate)
    turned = guess(np.rot90(square), gate)
    flipped = guess(np.ascontiguousarray(square[:, ::-1]), gate)
    inverted = guess(255 - square, gate)
    near = 1e-3
    assert turned.turned[0] == pytest.approx(first.upright, abs=near)
    assert turned.mirrored == pytest.approx(first.mirrored, abs=near)
    assert flipped.upright == pytest.approx(first.upright, abs=near)
    assert flipped.mirrored == pytest.approx(1 - first.mirrored, abs=near)
    assert inverted.inverted == pytest.approx(1 - first.inverted, abs=near)
    assert inverted.frontal == pytest.approx(first.frontal, abs=near)


_GOOD = Probabilities(
    frontal=0.98,
    lateral=0.01,
    other=0.01,
    upright=0.97,
    turned=(0.01, 0.01, 0.01),
    inverted=0.01,
    cut=0.02,
    mirrored=0.1,
)
_THRESHOLDS = Thresholds(good=0.4, mirrored=0.98, mirrored_remark=0.8, clear=0.85)


@pytest.mark.parametrize(
    ("guessed", "reason"),
    [
        (_GOOD, None),
        (replace(_GOOD, mirrored=0.97), None),
        (replace(_GOOD, mirrored=0.981), Reason.MIRRORED),
        (replace(_GOOD, frontal=0.2, lateral=0.1, other=0.7), Reason.NOT_CHEST),
        (replace(_GOOD, frontal=0.2, lateral=0.7, other=0.1, cut=0.99), Reason.LATERAL),
        (replace(_GOOD, frontal=0.2, lateral=0.4, other=0.4), Reason.DOUBTFUL),
        (replace(_GOOD, upright=0.1, turned=(0.1, 0.1, 0.7)), Reason.ROTATED),
        (replace(_GOOD, inverted=0.9), Reason.INVERTED),
        (replace(_GOOD, cut=0.9), Reason.CUT),
        (replace(_GOOD, cut=0.9, inverted=0.95), Reason.INVERTED),
        (replace(_GOOD, cut=0.45, inverted=0.45), Reason.DOUBTFUL),
        (replace(_GOOD, frontal=0.55, lateral=0.25, other=0.2, cut=0.4), Reason.DOUBTFUL),
        # Nothing is said of the sides of what is refused anyway.
        (replace(_GOOD, mirrored=0.999, cut=0.9), Reason.CUT),
    ],
)
def test_how_guesses_become_a_verdict(guessed: Probabilities, reason: Reason | None) -> None:
    said, text = decide(guessed, _THRESHOLDS)
    assert said is reason
    assert bool(text) is (reason is not None)


@pytest.mark.parametrize(
    ("guessed", "reason"),
    [
        (_GOOD, None),
        (replace(_GOOD, frontal=0.85), None),
        (replace(_GOOD, frontal=0.84), Reason.UNCLEAR),
        (replace(_GOOD, frontal=0.84, mirrored=0.999), Reason.UNCLEAR),
        (replace(_GOOD, frontal=0.2, lateral=0.7, other=0.1), Reason.LATERAL),
        (replace(_GOOD, cut=0.9), Reason.CUT),
    ],
)
def test_a_picture_that_is_asked_must_be_clear(
    guessed: Probabilities, reason: Reason | None
) -> None:
    said, text = decide(guessed, _THRESHOLDS, asked=True)
    assert said is reason
    assert bool(text) is (reason is not None)


@pytest.mark.slow
def test_what_is_asked_is_never_judged_more_mildly(films: Pictures) -> None:
    laterals = [_phantom(index, View.LATERAL) for index in range(_COUNT)]
    things = [(other(_SEED, index) * 255).astype(np.uint8) for index in range(_COUNT)]
    for picture in [*films, *laterals, *things]:
        plain, asked = judge(picture), judge(picture, asked=True)
        assert plain.reason is None or asked.reason is plain.reason
        assert asked.reason in {plain.reason, Reason.UNCLEAR}
    # Of clear films nothing is lost.
    assert sum(judge(film, asked=True).reason is None for film in films) >= _COUNT - 1


def test_odd_pictures_are_judged_without_a_crash_and_none_is_read() -> None:
    rng = np.random.default_rng(0)
    for _ in range(1000):
        rows, columns = (int(side) for side in np.exp(rng.uniform(0, 6, 2)))
        colours = () if rng.random() < 0.7 else (3,)
        low, high = sorted(int(level) for level in rng.integers(0, 256, 2))
        picture = rng.integers(low, high + 1, (rows, columns, *colours), dtype=np.uint8)
        if rng.random() < 0.3:
            picture[: rows // 2] = 0
        verdict = judge(picture)
        assert verdict.reason is not None, picture.shape
        assert verdict.text


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (64, 4000), (2000, 65)])
def test_thin_pictures_are_refused(shape: tuple[int, int]) -> None:
    ramp = np.linspace(0, 255, shape[0] * shape[1]).reshape(shape).astype(np.uint8)
    assert judge(ramp).reason is not None


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 100), np.uint8),
        np.zeros((100, 100), np.uint16),
        np.zeros((100, 100, 4), np.uint8),
        np.zeros((2, 100, 100, 3), np.uint8),
        Image.new("RGBA", (100, 100)),
        Image.new("I;16", (100, 100)),
    ],
)
def test_what_is_no_picture_of_eight_bits_is_an_error_of_the_caller(
    picture: np.ndarray | Image.Image,
) -> None:
    with pytest.raises(ValueError, match="a film must be"):
        judge(picture)


def test_a_large_film_is_judged_within_a_second_of_one_core(films: Pictures) -> None:
    large = np.asarray(Image.fromarray(films[0]).resize((2048, 2500)))
    judge(large)
    spent = []
    for _ in range(5):
        # The processor's time, since other work shares the machine.
        start = time.process_time()
        judge(large)
        spent.append(time.process_time() - start)
    assert min(spent) < 1.0
