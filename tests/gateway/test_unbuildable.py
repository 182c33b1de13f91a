"""Results that cannot be built: attempts are counted, also by whoever dies of them, and told.

The building itself is made to fail, in this process or in one that it kills; everything else is
real. What a film's broken bytes do is in test_deliver.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.states import JobState
from gateway import building
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, read_film, running
from tests.waiting import wait_until

_DIE = """
import os, signal, sys
from core.settings import Settings
from gateway import building
from gateway.run import run_deliver

def die(*_arguments, **_values):
    os.kill(os.getpid(), signal.SIGKILL)

building.build_results = die
run_deliver(Settings.model_validate_json(sys.stdin.read()))
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house") as opened:
        yield opened


def test_results_that_can_never_be_built_fail_after_their_attempts(
    house: House, pacs: ResultPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.peer("pacs", pacs.port)
    read_film(house.db, house.spool)
    tried: list[None] = []

    def die(*_arguments: object, **_values: object) -> None:
        tried.append(None)
        message = "a value of the header"
        raise OSError(message)

    monkeypatch.setattr(building, "build_results", die)
    with running(house.settings, house.db, house.spool):
        wait_until(lambda: house.publish_jobs()[0].state is JobState.FAILED, 20.0, "the end")
    (job,) = house.publish_jobs()
    most = house.settings.delivery.maximum_attempts
    assert len(tried) == job.attempts == most
    # What a library says may be a patient's.
    assert job.error == f"OSError (attempt {most}, the last one)"
    assert pacs.tried == []


def test_results_that_kill_each_deliverer_fail_after_their_attempts(
    house: House, pacs: ResultPeer
) -> None:
    house.peer("pacs", pacs.port)
    read_film(house.db, house.spool)
    most = 2
    delivery = house.settings.delivery.model_copy(update={"maximum_attempts": most})
    settings = house.settings.model_copy(update={"delivery": delivery})
    for _ in range(most):
        killed = subprocess.run(
            [sys.executable, "-c", _DIE],
            input=settings.model_dump_json(),
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": "."},
            check=False,
            text=True,
            timeout=60,
        )
        assert killed.returncode == -9
    # The next one finds out at once, and goes on with what else there is.
    with running(settings, house.db, house.spool):
        wait_until(lambda: house.publish_jobs()[0].state is JobState.FAILED, 20.0, "the end")
        read_film(house.db, house.spool)
        house.wait_for(3)
    error = house.publish_jobs()[0].error or ""
    assert error.endswith(f"stopped answering at: claimed (attempt {most}, the last one)")
