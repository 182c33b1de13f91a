"""One claimed film to each of its ends, with a real database and real pixels.

The model is replaced by `OddReader`; the process around it, leases that run out in time and the
doorbell are tested beside.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from core.errors import (
    DatabaseAwayError,
    EngineAnswerError,
    EngineAwayError,
    ModelFolderError,
    OutOfMemoryError,
    PeerUnavailableError,
    UnparseableAnswerError,
)
from core.states import FilmState, JobKind, JobState, StudyState
from core.triage import Tier
from core.worker_settings import WorkerSettings
from db import jobs
from db.workers import SignOfLife
from reader.protocol import OnText, ignore
from tests.worker.house import House, smooth_picture
from tests.worker.odd_reader import Act, OddReader
from worker.draft import Drafter
from worker.heartbeat import Heartbeat
from worker.pulse import Pulse


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with Pulse() as made:
        yield made


def _drafter(house: House, pulse: Pulse, act: Act = ignore) -> Drafter:
    heartbeat = Heartbeat(house.db, pulse, SignOfLife("w1", 1), house.settings.worker)
    return Drafter(house.db, OddReader(act), house.settings, heartbeat, "w1")


def _fail(error: Exception, _on_progress: OnText) -> None:
    raise error


class _Often:
    """Raises each of its errors once, then lets things be."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.calls = 0

    def __call__(self, _on_progress: OnText) -> None:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)


def test_there_is_nothing_to_draft(house: House, pulse: Pulse) -> None:
    assert not _drafter(house, pulse).draft_one()


def test_a_film_is_read(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    drafter = _drafter(house, pulse)
    assert drafter.draft_one()
    assert not drafter.draft_one()
    assert house.film(film).state is FilmState.READ
    assert house.draft(film).state is JobState.DONE
    assert house.study_of(film).state is StudyState.DRAFT_READY
    assert house.study_of(film).tier is Tier.URGENT
    [reading] = house.readings(film)
    assert reading.current
    assert reading.document is not None
    assert reading.document["report"]["findings"] == "Right pneumothorax."


def test_the_flags_are_committed_before_the_report(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    seen = []

    def look(_on_progress: OnText) -> None:
        [row] = house.readings(film)
        seen.append((row.flags[0]["label"], row.document, house.study_of(film).tier))

    _drafter(house, pulse, look).draft_one()
    assert seen == [("pneumothorax", None, Tier.URGENT)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (UnparseableAnswerError("the report is empty"), "the report is empty"),
        (ModelFolderError("weights are gone"), "weights are gone"),
    ],
)
def test_a_permanent_error_fails_the_film_and_never_makes_it_normal(
    house: House, pulse: Pulse, error: Exception, reason: str
) -> None:
    film = house.add_film()
    _drafter(house, pulse, partial(_fail, error)).draft_one()
    assert house.film(film).state is FilmState.FAILED
    assert house.film(film).reason == reason
    assert house.draft(film).state is JobState.FAILED
    assert house.study_of(film).state is StudyState.FAILED
    # The flags stand, and no whole reading does.
    assert [row.document for row in house.readings(film)] == [None]
    assert house.study_of(film).tier is Tier.URGENT


def test_noise_is_quarantined_before_the_model_sees_it(house: House, pulse: Pulse) -> None:
    noise = np.random.default_rng(0).integers(0, 4096, (96, 80), dtype=np.uint16)
    film = house.add_film(noise)
    drafter = _drafter(house, pulse)
    drafter.draft_one()
    assert house.film(film).state is FilmState.QUARANTINED
    assert "noise" in (house.film(film).reason or "")
    assert house.readings(film) == []


def test_a_thumbnail_is_not_read_with_its_reason(house: House, pulse: Pulse) -> None:
    film = house.add_film(smooth_picture(40, 40))
    _drafter(house, pulse).draft_one()
    assert house.film(film).state is FilmState.NOT_READ
    assert "40 x 40" in (house.film(film).reason or "")
    assert house.study_of(film).state is StudyState.NOT_READ


def test_a_film_above_the_limit_of_pixels_is_not_decoded(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    gateway = house.settings.gateway.model_copy(update={"maximum_pixels": 1000})
    house.settings = house.settings.model_copy(update={"gateway": gateway})
    _drafter(house, pulse).draft_one()
    assert house.film(film).state is FilmState.QUARANTINED


@pytest.mark.parametrize("error", [PeerUnavailableError("engine away"), RuntimeError("Doe^Jane")])
def test_an_error_that_may_pass_is_tried_again_after_a_pause(
    house: House, pulse: Pulse, error: Exception
) -> None:
    film = house.add_film()
    drafter = _drafter(house, pulse, _Often(error))
    drafter.draft_one()
    job = house.draft(film)
    assert job.state is JobState.WAITING
    assert job.due_at > job.created_at
    assert "Doe" not in (job.error or "")
    assert house.film(film).state is FilmState.QUEUED
    assert not drafter.draft_one()


def test_a_film_waits_for_an_engine_that_is_away_however_long(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    away = [EngineAwayError("the endpoint answers HTTP 503")] * 5
    drafter = _drafter(house, pulse, _Often(*away))
    for _ in away:
        house.make_due(film)
        assert drafter.draft_one()
        assert house.film(film).state is FilmState.QUEUED
        draft = house.draft(film)
        assert (draft.state, draft.attempts) == (JobState.WAITING, 0)
        assert draft.error == "the endpoint answers HTTP 503"
        assert not drafter.draft_one()  # it pauses
    house.make_due(film)
    assert drafter.draft_one()
    assert house.film(film).state is FilmState.READ


def test_an_endpoint_that_talks_nonsense_is_not_asked_for_ever(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    drafter = _drafter(house, pulse, partial(_fail, EngineAnswerError("it is no JSON")))
    for _ in range(house.settings.worker.maximum_attempts):
        house.make_due(film)
        drafter.draft_one()
    assert house.film(film).state is FilmState.FAILED
    assert "it is no JSON" in (house.film(film).reason or "")


def test_the_last_attempt_fails_the_film(house: House, pulse: Pulse) -> None:
    house.settings = house.settings.model_copy(
        update={"worker": WorkerSettings(maximum_attempts=1, quality_gate="off")}
    )
    film = house.add_film()
    _drafter(house, pulse, partial(_fail, RuntimeError("Doe^Jane"))).draft_one()
    assert house.film(film).state is FilmState.FAILED
    assert "RuntimeError at test_draft.py:" in (house.film(film).reason or "")
    assert "Doe" not in (house.film(film).reason or "")


def test_memory_that_runs_out_once_costs_nothing(house: House, pulse: Pulse) -> None:
    film = house.add_film()
    act = _Often(OutOfMemoryError("out of memory while writing"))
    _drafter(house, pulse, act).draft_one()
    assert act.calls == 2
    assert house.film(film).state is FilmState.READ
    assert sum(row.current for row in house.readings(film)) == 1


def test_memory_that_runs_out_twice_fails_that_film_and_the_worker_goes_on(
    house: House, pulse: Pulse
) -> None:
    large, next_one = house.add_film(), house.add_film()
    out = OutOfMemoryError("out of memory while writing")
    drafter = _drafter(house, pulse, _Often(out, out))
    assert drafter.draft_one()
    assert house.film(large).state is FilmState.FAILED
    assert house.film(large).reason == "out of memory while writing"
    assert drafter.draft_one()
    assert house.film(next_one).state is FilmState.READ


def test_a_missing_file_is_tried_again_since_a_disk_may_come_back(
    house: House, pulse: Pulse
) -> None:
    film = house.add_film()
    (house.settings.spool_folder / house.film(film).path).unlink()
    _drafter(house, pulse).draft_one()
    assert house.film(film).state is FilmState.QUEUED
    assert "FileNotFoundError" in (house.draft(film).error or "")


def test_a_reading_under_a_lost_lease_is_dropped(house: House, pulse: Pulse) -> None:
    film = house.add_film()

    def lose(_on_progress: OnText) -> None:
        with house.db.write() as session:
            job = session.get_one(type(house.draft(film)), house.draft(film).id)
            job.token += 1
            job.worker = "w2"

    _drafter(house, pulse, lose).draft_one()
    assert house.film(film).state is FilmState.READING
    assert house.draft(film).worker == "w2"
    assert [row.document for row in house.readings(film)] == [None]


def test_a_heartbeat_that_finds_the_lease_lost_ends_the_reading_early(
    house: House, pulse: Pulse
) -> None:
    film = house.add_film()
    reached: list[str] = []

    def lose(on_progress: OnText) -> None:
        with house.db.write() as session:
            session.get_one(type(house.draft(film)), house.draft(film).id).token += 1
        drafter.heartbeat.beat()
        on_progress("report")
        reached.append("the report")

    drafter = _drafter(house, pulse, lose)
    assert drafter.draft_one()
    assert not reached


def test_a_stop_gives_the_film_back_without_counting_the_attempt(
    house: House, pulse: Pulse
) -> None:
    film = house.add_film()

    def stop(on_progress: OnText) -> None:
        drafter.heartbeat.stop_soon()
        on_progress("report")

    drafter = _drafter(house, pulse, stop)
    drafter.draft_one()
    assert house.draft(film).state is JobState.WAITING
    assert house.draft(film).attempts == 0
    assert house.film(film).state is FilmState.QUEUED


def test_a_database_that_is_away_for_a_moment_costs_no_reading(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = house.add_film()
    away = iter([True, True, False])
    write = house.db.write

    def flicker(_on_progress: OnText) -> None:
        def sometimes() -> object:
            if next(away, False):
                message = "away"
                raise DatabaseAwayError(message)
            return write()

        monkeypatch.setattr(house.db, "write", sometimes)

    _drafter(house, pulse, flicker).draft_one()
    assert next(away, None) is None
    assert house.film(film).state is FilmState.READ


def test_a_database_that_stays_away_lets_the_lease_run_out(house: House, pulse: Pulse) -> None:
    impatient = WorkerSettings(lease_seconds=0.3, quality_gate="off")
    house.settings = house.settings.model_copy(update={"worker": impatient})
    house.add_film()

    def away() -> object:
        message = "away"
        raise DatabaseAwayError(message)

    with pytest.MonkeyPatch.context() as patch:
        drafter = _drafter(house, pulse, lambda _on: patch.setattr(house.db, "write", away))
        with pytest.raises(DatabaseAwayError):
            drafter.draft_one()
    assert jobs.waiting(house.db, (JobKind.DRAFT,)) == 0


def test_other_kinds_of_work_are_left_alone(house: House, pulse: Pulse) -> None:
    house.add_film()
    _drafter(house, pulse).draft_one()
    assert jobs.waiting(house.db, (JobKind.PUBLISH,)) == 1
    assert not _drafter(house, pulse).draft_one()
