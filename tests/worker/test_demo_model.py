"""The whole worker with the demonstration model: a phantom is read, also after a kill -9.

What the model finds is measured elsewhere (evaluation); here only that a reading comes of it.
"""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import reader
from core.states import FilmState
from core.worker_settings import WorkerSettings
from tests.waiting import wait_until
from tests.worker.house import House
from tests.worker.processes import worker_process
from training.phantom import sample
from training.phantom_dicom import drawn_form, film_dataset

pytestmark = pytest.mark.skipif(
    not (Path(reader.__file__).parent / "demo_model" / "model.safetensors").is_file(),
    reason="there is no demonstration model: train it with training.demo_model",
)
_SLOW = 120.0
"""Seconds for torch to load, and for a film, on a machine that has much else to do."""


@pytest.fixture
def house(tmp_path: Path, upgraded: Path) -> Iterator[House]:
    patient = WorkerSettings(lease_seconds=5.0, progress_timeout_seconds=600.0, device="cpu")
    made = House(tmp_path, upgraded=upgraded, worker=patient)
    yield made
    made.close()


@pytest.mark.slow
def test_a_phantom_is_read_once_although_its_first_worker_is_killed(house: House) -> None:
    phantom = sample(seed=5, index=3, findings=())
    film = house.add(film_dataset(phantom, drawn_form(phantom, 512), datetime.now(UTC)))
    with worker_process(house.settings, program="worker.child"):
        wait_until(lambda: house.readings(film), timeout=_SLOW, what="the flags")
        [first] = house.workers()
        os.kill(first.pid, signal.SIGKILL)
        wait_until(
            lambda: house.film(film).state is FilmState.READ, timeout=_SLOW, what="the reading"
        )
    [whole] = [row for row in house.readings(film) if row.document is not None]
    assert [row.id for row in house.readings(film) if row.current] == [whole.id]
    assert whole.demo
    assert whole.document is not None
    assert whole.document["report"]["findings"]
