"""Covers phantom films: the same for ever, at any size, with findings where the truth says.

Does not cover their looks, which were judged by eye, nor what a model makes of them.
"""

import json

import numpy as np
import pytest

from core.labels import Label
from core.reading import Box
from training.findings import LABELS
from training.phantom import Phantom, View, sample

SIZE = 192


def inside(box: tuple[float, float, float, float], margin: float) -> tuple[slice, slice]:
    """Give the pixels of a box, widened by a margin."""
    x1, y1, x2, y2 = box
    return (
        slice(max(0, int((y1 - margin) * SIZE)), int((y2 + margin) * SIZE) + 1),
        slice(max(0, int((x1 - margin) * SIZE)), int((x2 + margin) * SIZE) + 1),
    )


def test_the_same_seed_gives_the_same_film_and_truth() -> None:
    one, other = sample(3, 5), sample(3, 5)
    assert one.truth() == other.truth()
    assert np.array_equal(one.render(96, 80), other.render(96, 80))


@pytest.mark.parametrize(("seed", "index"), [(4, 5), (3, 6)])
def test_another_seed_or_index_gives_another_film(seed: int, index: int) -> None:
    assert not np.array_equal(sample(3, 5).render(64, 64), sample(seed, index).render(64, 64))


def test_a_film_is_the_same_picture_at_every_size() -> None:
    phantom = sample(8, 2, findings=("pleural effusion",))
    small, large = phantom.render(96, 96), phantom.render(288, 288)
    shrunk = large.reshape(96, 3, 96, 3).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.99


def test_grey_values_are_a_films() -> None:
    film = sample(1, 1).render(120, 100)
    assert film.shape == (100, 120)
    assert film.dtype == np.float32
    assert 0.0 <= float(film.min()) < 0.1
    assert 0.7 < float(film.max()) <= 1.0


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("index", range(4))
def test_a_finding_shows_inside_its_boxes_and_nowhere_else(label: str, index: int) -> None:
    phantom = sample(21, index, findings=(label,))
    assert phantom.labels() == (label,)
    changed = np.abs(phantom.render(SIZE, SIZE) - phantom.without(label).render(SIZE, SIZE))
    assert float(changed.sum()) > 0
    covered = np.zeros_like(changed, dtype=bool)
    for finding in phantom.findings:
        for box in finding.boxes:
            assert float(changed[inside(box, 0.0)].max()) > 0.05
            covered[inside(box, 0.03)] = True
    # Beyond its box a broken bone is displaced too: the whole of its outer part.
    least = 0.3 if label == "fracture" else 0.8
    assert float(changed[covered].sum()) > least * float(changed.sum())


@pytest.mark.parametrize("difficulty", ["default", "hard"])
def test_every_box_is_a_box_on_the_film(difficulty: str) -> None:
    for index in range(60):
        phantom = sample(13, index, difficulty=difficulty)
        for finding in phantom.findings:
            assert finding.boxes
            for box in finding.boxes:
                Box(*box)
        for box in phantom.regions.values():
            Box(*box)


def test_labels_are_those_that_models_are_asked_for() -> None:
    assert set(LABELS) <= {label.value for label in Label}
    assert len(LABELS) == 10


def test_three_films_of_ten_are_normal_and_all_labels_occur() -> None:
    films = [sample(17, index) for index in range(300)]
    normal = sum(not film.findings for film in films)
    assert 60 <= normal <= 120
    assert {label for film in films for label in film.labels()} == set(LABELS)
    assert {film.view for film in films} == {View.AP, View.PA}


def test_asked_findings_are_all_there() -> None:
    asked = ("fracture", "edema", "support devices")
    assert set(sample(2, 9, findings=asked).labels()) == set(asked)
    assert sample(2, 9, findings=()).labels() == ()


def test_sides_are_the_patients() -> None:
    for index in range(12):
        for finding in sample(29, index, findings=("consolidation", "pneumothorax")).findings:
            for box in finding.boxes:
                on_films_left = (box[0] + box[2]) / 2 < 0.5
                assert finding.side == ("right" if on_films_left else "left")


def test_a_hard_film_shows_less_than_the_default_one() -> None:
    def contrast(difficulty: str) -> float:
        films = [
            sample(31, index, difficulty=difficulty, findings=("lung lesion",))
            for index in range(6)
        ]
        return float(np.mean([shown(film) for film in films]))

    def shown(film: Phantom) -> float:
        return float(np.abs(film.render(96, 96) - film.without("lung lesion").render(96, 96)).sum())

    assert contrast("hard") < 0.7 * contrast("default")


def test_the_truth_survives_json() -> None:
    truth = sample(1, 4).truth()
    assert json.loads(json.dumps(truth)) == truth


def test_a_lateral_has_neither_findings_nor_frontal_regions() -> None:
    lateral = sample(1, 0, view=View.LATERAL)
    assert lateral.truth()["labels"] == []
    assert lateral.regions == {}
    frontal = sample(1, 0, view=View.PA, findings=())
    across = [film.render(64, 64)[16:40].mean(axis=0) for film in (lateral, frontal)]
    mirrored = [float(np.corrcoef(row, row[::-1])[0, 1]) for row in across]
    assert mirrored[0] < 0.7 < mirrored[1]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"findings": ("gout",)}, "gout"),
        ({"difficulty": "easy"}, "'easy' is none of default, hard"),
        ({"view": View.LATERAL, "findings": ("edema",)}, "lateral phantom has no findings"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        sample(0, 0, **arguments)  # type: ignore[arg-type]


def test_a_film_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="0 x 10 pixels"):
        sample(0, 0).render(0, 10)
