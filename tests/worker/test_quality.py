"""What the quality gate's verdict does to a film; the verdicts themselves are tested with reader.

Covered: a refused film never reaches the model and ends as not read with its reason, under each
setting, where the header says what it shows and where it does not; what else a film may end as is
tested in `test_draft`, real films in `test_real_films`.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import NotReadError
from core.states import FilmState, JobState, StudyState
from core.worker_settings import QualityGate, WorkerSettings
from db.workers import SignOfLife
from reader.quality.weights import load
from tests.worker.house import House, film_dataset
from tests.worker.odd_reader import OddReader
from training.phantom import View, sample
from training.quality.others import other
from worker.draft import Drafter
from worker.film import read_film
from worker.heartbeat import Heartbeat
from worker.pulse import Pulse
from worker.quality import quality_remarks

_SEED = 74_001


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with Pulse() as made:
        yield made


@pytest.fixture(scope="module")
def phantom() -> np.ndarray:
    """Give a frontal phantom as uint16 grey levels of 12 bits."""
    levels: np.ndarray = (sample(_SEED, 0, findings=()).render(320, 320) * 4095).astype(np.uint16)
    return levels


def _saved(folder: Path, pixels: np.ndarray) -> Path:
    path = folder / "film.dcm"
    film_dataset(pixels).save_as(path, enforce_file_format=True)
    return path


def test_a_frontal_film_is_read_without_a_word(phantom: np.ndarray, tmp_path: Path) -> None:
    reading = read_film(_saved(tmp_path, phantom), OddReader(), reading_id="r1")
    assert [remark.code for remark in reading.quality] == ["window_estimated"]


def test_a_turned_film_never_reaches_the_model(phantom: np.ndarray, tmp_path: Path) -> None:
    reader = OddReader()
    path = _saved(tmp_path, np.rot90(phantom).copy())
    with pytest.raises(NotReadError, match="turned by 90 degrees counter-clockwise"):
        read_film(path, reader, reading_id="r1")
    assert reader.seen == []


def test_a_site_may_have_it_read_with_a_remark(phantom: np.ndarray, tmp_path: Path) -> None:
    path = _saved(tmp_path, np.rot90(phantom, 2).copy())
    reading = read_film(path, OddReader(), reading_id="r1", quality_gate="remark")
    (_, remark) = reading.quality
    assert remark.code == "quality_rotated"
    assert "Should not have been read: " in remark.text


def test_a_site_may_have_no_look_at_all(phantom: np.ndarray, tmp_path: Path) -> None:
    path = _saved(tmp_path, np.rot90(phantom, 2).copy())
    reading = read_film(path, OddReader(), reading_id="r1", quality_gate="off")
    assert [remark.code for remark in reading.quality] == ["window_estimated"]


@pytest.mark.parametrize("gate", ["refuse", "remark", "off"])
@pytest.mark.parametrize("asked", ["view", "body part and view"])
def test_what_the_header_leaves_open_the_picture_must_show(
    phantom: np.ndarray, tmp_path: Path, gate: QualityGate, asked: str
) -> None:
    reader = OddReader()
    sound = _saved(tmp_path, phantom)
    read_film(sound, reader, reading_id="r1", quality_gate=gate, asked_of_pixels=asked)
    assert len(reader.seen) == 1
    turned = _saved(tmp_path, np.rot90(phantom).copy())
    with pytest.raises(NotReadError, match=f"^{asked} uncertain: not plain from the header, and"):
        read_film(turned, reader, reading_id="r2", quality_gate=gate, asked_of_pixels=asked)
    assert len(reader.seen) == 1


def test_a_doubtful_picture_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    film = (sample(_SEED, 0).render(256, 256) * 255).astype(np.uint8)
    gate = load()
    strict = replace(gate, thresholds=replace(gate.thresholds, clear=0.999_999))
    monkeypatch.setattr("reader.quality.gate.load", lambda: strict)
    assert quality_remarks(film, "refuse") == ()
    with pytest.raises(NotReadError, match=r"view uncertain: .* does not show it clearly enough"):
        quality_remarks(film, "refuse", asked="view")


def test_a_lateral_against_its_header_is_an_uncertain_view() -> None:
    lateral = sample(_SEED, 1, view=View.LATERAL).render(256, 256)
    with pytest.raises(NotReadError, match=r"^view uncertain: the header says a frontal view, but"):
        quality_remarks((lateral * 255).astype(np.uint8), "refuse")


def test_another_thing_against_its_header_is_an_uncertain_body_part() -> None:
    thing = np.kron(other(_SEED, 3), np.ones((2, 2)))
    with pytest.raises(NotReadError, match=r"^body part uncertain: the header says a chest, but"):
        quality_remarks((thing * 255).astype(np.uint8), "refuse")


def test_a_refused_film_is_not_read_and_never_failed(
    house: House, pulse: Pulse, phantom: np.ndarray
) -> None:
    house.settings = house.settings.model_copy(update={"worker": WorkerSettings()})
    turned, sound = house.add_film(np.rot90(phantom).copy()), house.add_film(phantom)
    heartbeat = Heartbeat(house.db, pulse, SignOfLife("w1", 1), house.settings.worker)
    drafter = Drafter(house.db, OddReader(), house.settings, heartbeat, "w1")
    assert drafter.draft_one()
    assert drafter.draft_one()
    assert house.film(turned).state is FilmState.NOT_READ
    assert "turned by 90 degrees" in (house.film(turned).reason or "")
    assert house.readings(turned) == []
    assert house.draft(turned).state is JobState.DONE
    assert house.study_of(turned).state is StudyState.NOT_READ
    assert house.film(sound).state is FilmState.READ
