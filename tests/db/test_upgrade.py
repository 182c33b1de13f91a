"""Migrations: from empty to the models' tables, on both databases, once and only once.

A database of the first revision with a film in it keeps that film through every later one.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.orm import Session

from core.errors import DatabaseAwayError, SettingsError
from core.states import Standing
from db.engine import create_database_engine
from db.models import Base, Instance, ModelRow, Study
from db.standings import standing_of
from db.upgrade import alembic_config, pending_revisions, upgrade
from tests.peers.postgres import PostgresServer

_OLD_STUDY = """
    INSERT INTO study (id, uid, patient_id, issuer, patient_name, birth_date, sex, accession,
        description, state, review, tier, received_at, changed_at)
    VALUES (1, '1.2', 'P', '', '', '', '', '', '', 'waiting', 'none', 0,
        '2026-01-01 00:00:00', '2026-01-01 00:00:00')
"""
_OLD_FILM = """
    INSERT INTO instance (id, study_id, uid, sop_class_uid, series_uid, transfer_syntax_uid,
        modality, view, path, state, rule, purpose, indication, calling_ae, called_ae, received_at)
    VALUES (1, 1, '1.2.3', '1', '1', '1', 'CR', 'PA', '/film', 'queued', '', 'read', 'cough',
        '', '', '2026-01-01 00:00:00')
"""

_OLD_JOB = """
    INSERT INTO job (id, kind, state, instance_id, study_id, urgency, due_at, attempts, token,
        progress, created_at)
    VALUES (1, 'draft', 'done', 1, 1, 0, '2026-01-01 00:00:00', 1, 1, '', '2026-01-01 00:00:00')
"""
_OLD_READING = """
    INSERT INTO reading (id, instance_id, study_id, job_id, "current", model_uid, model, demo, tier,
        flags, document, flagged_at, completed_at)
    VALUES ('r', 1, 1, 1, true, '2.25.1', '{"name": "old"}', false, 1,
        '[{"label": "edema", "presence": "present", "score": null}]', '{}',
        '2026-01-01 00:00:00', '2026-01-01 00:00:00')
"""


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without a table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'new folder' / '100%.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture
def upgraded(empty_url: str) -> Iterator[Connection]:
    """A connection to an upgraded database."""
    upgrade(empty_url)
    engine = create_database_engine(empty_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_an_upgraded_database_is_what_the_models_say(upgraded: Connection) -> None:
    context = MigrationContext.configure(upgraded, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_the_partial_indexes_are_partial(upgraded: Connection) -> None:
    # Alembic's comparison does not look at an index's condition.
    indexes = {
        index["name"]: index.get("dialect_options", {})
        for table in ("job", "reading")
        for index in inspect(upgraded).get_indexes(table)
    }
    option = f"{upgraded.dialect.name}_where"
    conditions = {
        name: str(options[option])
        for name, options in indexes.items()
        if options.get(option) is not None
    }
    assert conditions.keys() == {
        "uq_job_open_draft",
        "uq_job_waiting_publish",
        "uq_reading_current",
    }
    assert "draft" in conditions["uq_job_open_draft"]
    assert "publish" in conditions["uq_job_waiting_publish"]


def test_an_upgrade_can_be_run_again(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)
    assert pending_revisions(empty_url) == []


def test_two_upgrades_at_once_wait_for_each_other(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    errors: list[Exception] = []

    def run() -> None:
        try:
            upgrade(empty_url)
        except Exception as error:  # noqa: BLE001 - told by the main thread
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert pending_revisions(empty_url) == []


def test_a_database_without_tables_tells_what_waits(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    assert pending_revisions(empty_url) == [f"000{n}" for n in range(1, 7)]


def test_an_older_database_keeps_its_films(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    engine = create_database_engine(empty_url)
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(_OLD_STUDY))
        connection.execute(text(_OLD_FILM))
    upgrade(empty_url)
    with Session(engine) as session:
        film = session.scalars(select(Instance)).one()
        assert (film.uid, film.study.uid, film.indication) == ("1.2.3", "1.2", "cough")
        assert (film.technique, film.comparison) == (None, None)
    engine.dispose()


def test_what_was_there_before_the_reading_room_goes_on_as_it_was(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    engine = create_database_engine(empty_url)
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (_OLD_STUDY, _OLD_FILM, _OLD_JOB, _OLD_READING):
            connection.exec_driver_sql(statement)
    upgrade(empty_url)
    with Session(engine) as session:
        study = session.scalars(select(Study)).one()
        # Nobody could open it here: it never rises since nobody did.
        assert (study.waited_at, study.waited) == (study.received_at, False)
        model = session.scalars(select(ModelRow)).one()
        assert (model.uid, model.identity, model.demo) == ("2.25.1", {"name": "old"}, False)
        assert model.first_seen_at == datetime(2026, 1, 1, tzinfo=UTC)
        assert standing_of(session, "2.25.1") is Standing.RESEARCH
    engine.dispose()


def test_the_way_down_leaves_nothing(upgraded: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = upgraded
    command.downgrade(config, "base")
    assert inspect(upgraded).get_table_names() == ["alembic_version"]
    assert upgraded.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 0


def test_a_database_that_is_away_is_told() -> None:
    with pytest.raises(DatabaseAwayError):
        upgrade("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    upgrade(empty_url)
    engine = create_database_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for look in (upgrade, pending_revisions):
        with pytest.raises(SettingsError, match="newer version"):
            look(empty_url)
