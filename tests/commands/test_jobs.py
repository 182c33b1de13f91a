"""`firstread jobs`: what waits and what failed, and what an administrator may do about it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.states import FilmState, JobKind, JobState
from db.engine import Database
from db.job_orders import LISTED_AT_ONCE
from db.models import Instance, Job
from db.readings import film_failed
from db.spool import Spool
from tests.commands.shell import firstread
from tests.db.builders import claim_draft, film
from tests.gateway.edge import make_settings, prepare_database


class House:
    """An installation with a settings file and two failed films."""

    def __init__(self, folder: Path) -> None:
        settings = make_settings(folder)
        prepare_database(settings)
        self.file = folder / "firstread.toml"
        self.file.write_text(f'data = "{folder}"\n')
        self.db = Database(settings.database_url)
        spool = Spool(settings.spool_folder, 0)
        self.films = [film(self.db, spool) for _ in range(2)]
        self.jobs = []
        for _ in self.films:
            held = claim_draft(self.db)
            film_failed(self.db, held, "out of \x1b[31mmemory")
            self.jobs.append(held.job_id)

    def jobs_(self, *arguments: str) -> tuple[int, Any, str]:
        """Run one command; give its exit code, its JSON where it prints any, and its errors."""
        done = firstread("--settings", str(self.file), "jobs", *arguments)
        said = json.loads(done.stdout) if "--json" in arguments and done.stdout else done.stdout
        return done.returncode, said, done.stderr

    def state(self, number: int) -> FilmState:
        """Give a film's state."""
        with self.db.read() as session:
            return session.get_one(Instance, number).state


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_failed_jobs_are_listed_tried_anew_and_called_off(house: House) -> None:
    code, said, _ = house.jobs_("list", "--state", "failed", "--json")
    assert code == 1
    assert [(one["job"], one["state"]) for one in said["jobs"]] == [
        (number, JobState.FAILED.value) for number in house.jobs
    ]
    code, said, _ = house.jobs_("list")
    assert code == 1
    assert "\x1b" not in said
    assert house.jobs_("cancel", str(house.jobs[0]))[0] == 0
    code, said, _ = house.jobs_("retry", "--all", "--json")
    assert (code, said) == (0, {"again": [house.jobs[1]], "kept": {}})
    assert [house.state(number) for number in house.films] == [FilmState.FAILED, FilmState.QUEUED]
    assert house.jobs_("list")[0] == 0


def test_open_jobs_hide_no_failed_one(house: House) -> None:
    with house.db.write() as session:
        session.execute(update(Job).values(state=JobState.CANCELLED))
        echoes = [Job(kind=JobKind.ECHO) for _ in range(LISTED_AT_ONCE)]
        session.add_all(echoes)
        session.flush()
        last = echoes[-1].id
        echoes[-1].state, echoes[-1].error = JobState.FAILED, "poison"
    code, said, _ = house.jobs_("list", "--json")
    assert code == 1
    assert (said["jobs"][0]["job"], said["jobs"][0]["error"]) == (last, "poison")
    assert said["counts"] == {
        "waiting": LISTED_AT_ONCE - 1,
        "claimed": 0,
        "failed": 1,
        "cancelled": len(house.jobs),
    }
    assert (len(said["jobs"]), said["left_out"]) == (LISTED_AT_ONCE, len(house.jobs))
    code, said, words = house.jobs_("list")
    assert (code, "poison" in said) == (1, True)
    assert f"{len(house.jobs)} more are left out" in words
    assert "1 failed" in words


def test_wrong_numbers_are_told(house: House) -> None:
    for arguments in (
        ("retry", "999"),
        ("cancel", "9" * 20),
        ("retry", str(2**63)),
        ("retry",),
        ("retry", "1", "--all"),
    ):
        code, _, error = house.jobs_(*arguments)
        assert code == 2
        assert "job" in error.lower()
