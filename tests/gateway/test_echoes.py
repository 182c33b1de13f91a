"""Peers that an administrator has asked, and what is told of them.

Covered: an answer, none, a peer that is gone meanwhile, and a thread that dies each time. The
question itself is `tests/gateway/test_reach.py`'s.
"""

from pathlib import Path

from sqlalchemy import update

from core.states import JobKind, JobState
from db.echoes import ask_echo, last_echoes
from db.engine import Database
from db.errands import LastErrand
from db.models import Job, Peer
from gateway.echoes import Echoes
from tests.gateway.edge import add_peer, make_settings, open_edge, prepare_database


def asked(folder: Path, port: int, *, attempts: int = 0) -> LastErrand:
    """Have a peer at a port asked, and give what is told."""
    settings = make_settings(folder)
    prepare_database(settings)
    db = Database(settings.database_url)
    try:
        number = add_peer(db, "pacs", ae_title="FIRSTREAD", port=port)
        with db.write() as session:
            ask_echo(session, "pacs", actor="ada")
            session.execute(update(Job).where(Job.kind == JobKind.ECHO).values(attempts=attempts))
        thread = Echoes(settings, db)
        assert thread.step()
        assert not thread.step()
        with db.read() as session:
            assert session.get_one(Job, 1).state is JobState.DONE
            assert session.get_one(Peer, number).failures == 0
            return last_echoes(session)[number]
    finally:
        db.close()


def test_a_peer_that_answers(tmp_path: Path) -> None:
    with open_edge(tmp_path / "other", allowed_ae_titles=("FIRSTREAD",)) as other:
        told = asked(tmp_path / "ours", other.port)
    assert (told.failed, told.outcome, told.actor) == (False, "answers C-ECHO", "ada")
    assert told.finished_at is not None


def test_a_peer_that_is_away(tmp_path: Path) -> None:
    with open_edge(tmp_path / "other") as other:
        port = other.port
    told = asked(tmp_path / "ours", port)
    assert told.failed
    assert "127.0.0.1" in told.outcome


def test_one_that_kills_whoever_asks_is_not_asked_for_ever(tmp_path: Path) -> None:
    told = asked(tmp_path, 104, attempts=3)
    assert (told.failed, told.outcome) == (
        True,
        "whoever carried it out stopped answering, each time",
    )
