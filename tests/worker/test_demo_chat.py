"""A talk with the demonstration model: three turns about a phantom, one in mid-reading.

Whether its answers are true is measured elsewhere (evaluation); here, that they come, that the
picture is encoded once for all turns, and that the reading around one is what it is without.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

import reader
from core.states import FilmState, TurnState
from core.worker_settings import WorkerSettings
from db.workers import SignOfLife
from tests.worker.house import House
from tests.worker.talking import events, question, turn
from training.phantom import sample
from training.phantom_dicom import drawn_form, film_dataset
from worker.chat import Talker
from worker.child import load
from worker.draft import Drafter
from worker.heartbeat import Heartbeat
from worker.interruptions import Interruptions
from worker.pulse import Pulse

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(reader.__file__).parent / "demo_model" / "model.safetensors").is_file(),
        reason="there is no demonstration model: train it with training.demo_model",
    ),
]
_IN_THE_MIDDLE = 20
"""Tokens of a reading before somebody asks."""


@pytest.fixture
def house(tmp_path: Path, upgraded: Path) -> Iterator[House]:
    made = House(tmp_path, upgraded=upgraded, worker=WorkerSettings(device="cpu"))
    yield made
    made.close()


def _add(house: House) -> int:
    """Take in the same picture under new names."""
    phantom = sample(seed=5, index=3, findings=("cardiomegaly",))
    film = film_dataset(phantom, drawn_form(phantom, 512), datetime.now(UTC))
    film.StudyInstanceUID, film.SOPInstanceUID = generate_uid(), generate_uid()
    film.file_meta.MediaStorageSOPInstanceUID = film.SOPInstanceUID
    return house.add(film)


def _report(house: House, film: int) -> object:
    [found] = house.readings(film)
    assert found.document is not None
    return found.document["report"]


def test_three_turns_the_last_in_the_middle_of_a_reading(house: House) -> None:
    model = load(WorkerSettings(device="cpu", self_test=False), lambda _text: None)
    turns: list[int] = []
    tokens = 0

    def between() -> None:
        nonlocal tokens
        tokens += 1
        if tokens == _IN_THE_MIDDLE:
            turns.append(question(house, first, "Is there anything else?"))
            interruptions.ring()
        interruptions()

    with Pulse() as pulse:
        heartbeat = Heartbeat(house.db, pulse, SignOfLife("w1", 1), house.settings.worker)
        talker = Talker(house.db, model, house.settings, heartbeat, "w1")
        interruptions = Interruptions(talker.answer_one)
        first = _add(house)
        assert Drafter(house.db, model, house.settings, heartbeat, "w1").draft_one()
        for words in ("Is there cardiomegaly?", "Where is it?"):
            turns.append(question(house, first, words))
            assert talker.answer_one()
        second = _add(house)
        assert Drafter(house.db, model, house.settings, heartbeat, "w1", between).draft_one()

    told = [turn(house, one) for one in turns]
    assert [one.state for one in told] == [TurnState.ANSWERED] * 3
    assert [one.told for one in told] == [0, 1, 2]
    assert all(one.demo for one in told)
    assert all(len(events(house, one.id)) > 2 for one in told)
    assert told[1].boxes
    assert tokens > 2 * _IN_THE_MIDDLE
    assert house.film(second).state is FilmState.READ
    # The same picture, read once in peace and once with a question in between.
    assert _report(house, second) == _report(house, first)
