"""`firstread show` in an installation: films and results that lie in its spool.

Covers: the film of a presentation state, and the results of a film, that are nowhere beside the
file; a database that does not answer; that looking makes no database. Not covered: PostgreSQL.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from sqlalchemy import select, text

from commands.operator import operator
from commands.show import show
from core.errors import DatabaseAwayError
from core.settings import load_settings
from core.states import ResultKind
from db.engine import Database
from db.models import AuditAction, AuditEvent
from db.spool import Spool
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from tests.db.builders import built, peer, publish, read_next, reading
from tests.db.builders import film as take_in_film
from tests.dicom_sr.readings import ORDINARY, draft_of
from tests.gateway.edge import make_settings, prepare_database


@pytest.fixture
def state(tmp_path: Path, film: Path) -> Path:
    """Hold a presentation state of the film in a folder of its own."""
    header = dcmread(film, stop_before_pixels=True)
    objects = build_all(ORDINARY, draft_of(ORDINARY), header, BuildContext())
    path = tmp_path / "elsewhere" / "state.dcm"
    path.parent.mkdir()
    path.write_bytes(encoded(objects[ResultKind.GSPS]))
    return path


@pytest.fixture
def settings_file(tmp_path: Path, film: Path, state: Path) -> Path:
    """Set up an installation that has the film, and the presentation state of a reading of it."""
    house = tmp_path / "house"
    house.mkdir()
    settings = make_settings(house)
    prepare_database(settings)
    db, spool = Database(settings.database_url), Spool(settings.spool_folder, 0)
    uid = str(dcmread(film, stop_before_pixels=True).SOPInstanceUID)
    take_in_film(db, spool, uid=uid, content=film.read_bytes())
    number = peer(db)
    said = reading()
    result = built(spool, said, read_next(db, said), number, kind=ResultKind.GSPS)
    kept = spool.keep_bytes(state.read_bytes(), "gsps.dcm")
    publish(db, dataclasses.replace(result, path=kept))
    db.close()
    file = tmp_path / "firstread.toml"
    file.write_text(f'data = "{house}"\n')
    return file


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_the_film_is_found_in_the_spool(
    settings_file: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(settings_file, state, None, None, as_json=True)
    seen = told(capsys)
    assert "spool" in seen["film"]
    assert Path(seen["picture"]).is_file()


def test_who_looked_is_noted(
    settings_file: Path, state: Path, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database(load_settings(settings_file).database_url)
    looked = select(AuditEvent).where(AuditEvent.action == AuditAction.OBJECTS_VIEWED)
    assert show(settings_file, state, None, None, as_json=True)
    spooled = told(capsys)["film"]
    with db.read() as session:
        (event,) = session.scalars(looked).all()
    uid = str(dcmread(film, stop_before_pixels=True).SOPInstanceUID)
    assert (event.actor, event.study_id) == (operator(), 1)
    assert event.details["objects"] == [uid]
    # What is nowhere in the spool is its owner's own business.
    assert show(settings_file, state, film, None, as_json=True)
    out = state.with_name("out.png")
    assert show(settings_file, Path(spooled), None, out, as_json=True)
    with db.read() as session:
        _, again = session.scalars(looked).all()
    assert len(again.details["objects"]) == 2
    with db.write() as session:
        session.execute(text("DROP TABLE audit_head"))
    out.unlink()
    with pytest.raises(DatabaseAwayError):
        show(settings_file, Path(spooled), None, out, as_json=True)
    assert not out.exists()
    db.close()


def test_the_results_are_found_in_the_spool(
    settings_file: Path, film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone" / "film.dcm"
    alone.parent.mkdir()
    alone.write_bytes(film.read_bytes())
    assert show(settings_file, alone, None, None, as_json=True)
    (remark,) = told(capsys)["remarks"]
    assert remark.startswith("with the marks of ")
    assert "spool" in remark


def test_a_database_that_does_not_answer_is_said(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "away.toml"
    file.write_text('[database]\nurl = "postgresql+psycopg://nobody@127.0.0.1:1/none"\n')
    assert not show(file, state, None, None, as_json=True)
    assert any("the spool was not looked through" in one for one in told(capsys)["remarks"])


def test_looking_makes_no_database(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "empty.toml"
    file.write_text(f'data = "{tmp_path / "nowhere"}"\n')
    assert not show(file, state, None, None, as_json=True)
    assert told(capsys)["film"] is None
    assert not (tmp_path / "nowhere").exists()
