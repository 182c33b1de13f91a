"""Decisions on objects that were kept aside, and the errands by which the gateway is asked.

Covered: asking and discarding, each once; what is told; that files of what was decided on go and
rows stay; the same bytes again. What the gateway does with an object is in
`tests/gateway/test_releases.py`.
"""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import WrongArgumentError
from core.states import JobKind, JobState, QuarantineDecision
from db.echoes import ask_echo, last_echoes
from db.engine import Database
from db.errands import Told, end_errand
from db.jobs import Claim, claim
from db.models import AuditAction, AuditEvent, Job, Quarantine
from db.quarantine import A_NOTE, set_aside, waiting_notes
from db.releases import (
    ask_release,
    discard,
    end_release,
    last_releases,
    remove_decided,
    to_release,
)
from db.spool import Spool
from db.status import status_counts
from tests.db.builders import peer


def aside(db: Database, spool: Spool, content: bytes = b"odd", reason: str = "torn") -> int:
    """Keep an object aside, and give its row's number."""
    temporary = spool.temporary()
    temporary.write_bytes(content)
    set_aside(
        db,
        spool,
        temporary,
        reason=reason,
        sop_instance_uid="1.2.9",
        study_uid="1.2",
        calling_ae="MODALITY",
        called_ae="FIRSTREAD",
    )
    with db.read() as session:
        return session.scalars(select(Quarantine.id).order_by(Quarantine.id.desc())).first() or 0


def row(db: Database, number: int) -> Quarantine:
    """Give the row of an object that was kept aside."""
    with db.read() as session:
        return session.get_one(Quarantine, number)


def held(db: Database, kind: JobKind) -> Claim:
    """Claim an errand that must be there."""
    found = claim(db, [kind], worker="gateway", lease_seconds=60.0)
    assert found is not None
    return found


def actions(db: Database) -> list[tuple[AuditAction, str]]:
    """Give the audit's events with who did them, but for those of keeping objects aside."""
    with db.read() as session:
        events = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action != AuditAction.OBJECT_QUARANTINED)
            .order_by(AuditEvent.id)
        ).all()
        return [(event.action, event.actor) for event in events]


def test_what_was_taken_in_is_decided_on_and_its_file_goes(db: Database, spool: Spool) -> None:
    number = aside(db, spool)
    with db.write() as session:
        ask_release(session, number, actor="ada")
    errand = held(db, JobKind.RELEASE)
    with db.read() as session:
        assert to_release(session, errand).called_ae == "FIRSTREAD"
        (last,) = last_releases(session).values()
        assert (last.actor, last.finished_at, last.outcome) == ("ada", None, "")
    with db.write() as session:
        end_release(session, errand, Told("taken in"))
    assert remove_decided(db) == 1
    assert remove_decided(db) == 0
    left = row(db, number)
    assert (left.decision, left.decided_by) == (QuarantineDecision.RELEASED, "ada")
    assert left.decided_at is not None
    assert left.removed_at is not None
    assert not Path(left.path).exists()
    assert actions(db) == [
        (AuditAction.RELEASE_ASKED, "ada"),
        (AuditAction.OBJECT_RELEASED, "ada"),
    ]
    with db.read() as session:
        assert status_counts(session)["quarantined"] == 0


def test_what_cannot_be_taken_in_stays_and_says_why(db: Database, spool: Spool) -> None:
    number = aside(db, spool)
    with db.write() as session:
        ask_release(session, number, actor="ada")
    errand = held(db, JobKind.RELEASE)
    with db.write() as session:
        end_release(session, errand, Told("", "of another patient"))
    assert row(db, number).decision is None
    assert remove_decided(db) == 0
    with db.read() as session:
        last = last_releases(session)[number]
        assert (last.failed, last.outcome) == (True, "of another patient")
        # It is no failed job: nobody need look at it there.
        assert [job.state for job in session.scalars(select(Job))] == [JobState.DONE]
    with db.write() as session:
        ask_release(session, number, actor="ada")


def test_one_at_a_time(db: Database, spool: Spool) -> None:
    number = aside(db, spool)
    with db.write() as session:
        ask_release(session, number, actor="ada")
    with pytest.raises(WrongArgumentError, match="under way"), db.write() as session:
        ask_release(session, number, actor="bob")
    with pytest.raises(WrongArgumentError, match="being taken in"), db.write() as session:
        discard(session, number, why="noise", actor="bob")


@pytest.mark.parametrize("why", ["", "  ", "two\nlines", "x" * 501])
def test_discarding_needs_a_reason(db: Database, spool: Spool, why: str) -> None:
    number = aside(db, spool)
    with pytest.raises(WrongArgumentError, match="reason of one line"), db.write() as session:
        discard(session, number, why=why, actor="ada")
    assert row(db, number).decision is None


def test_what_was_discarded_is_neither_released_nor_discarded_again(
    db: Database, spool: Spool
) -> None:
    number = aside(db, spool, reason=A_NOTE + "names nothing")
    with db.read() as session:
        assert waiting_notes(session, "1.2") == ("names nothing",)
    with db.write() as session:
        discard(session, number, why="sent by mistake", actor="ada")
    with db.read() as session:
        assert waiting_notes(session, "1.2") == ()
        assert status_counts(session)["waiting_notes"] == 0
    for order in (
        lambda session: ask_release(session, number, actor="bob"),
        lambda session: discard(session, number, why="noise", actor="bob"),
    ):
        with pytest.raises(WrongArgumentError, match="discarded by ada"), db.write() as session:
            order(session)
    assert actions(db) == [(AuditAction.OBJECT_DISCARDED, "ada")]


def test_what_was_discarded_and_comes_again_is_to_be_decided_anew(
    db: Database, spool: Spool
) -> None:
    number = aside(db, spool)
    with db.write() as session:
        discard(session, number, why="noise", actor="ada")
    remove_decided(db)
    assert aside(db, spool) == number
    again = row(db, number)
    assert (again.decision, again.decided_by, again.decided_at) == (None, "", None)
    assert (again.times, again.removed_at) == (2, None)
    assert Path(again.path).read_bytes() == b"odd"


def test_what_is_not_there_cannot_be_decided_on(db: Database, spool: Spool) -> None:
    with pytest.raises(WrongArgumentError, match="no object 7"), db.write() as session:
        ask_release(session, 7, actor="ada")
    number = aside(db, spool)
    with db.write() as session:
        found = session.get_one(Quarantine, number)
        found.removed_at = found.received_at
    with pytest.raises(WrongArgumentError, match="was removed on"), db.write() as session:
        ask_release(session, number, actor="ada")


def test_an_echo_is_asked_for_once_and_told(db: Database) -> None:
    pacs = peer(db)
    with db.write() as session:
        ask_echo(session, "pacs", actor="ada")
    with pytest.raises(WrongArgumentError, match="under way"), db.write() as session:
        ask_echo(session, "pacs", actor="bob")
    with pytest.raises(WrongArgumentError, match="no peer is called nobody"), db.write() as session:
        ask_echo(session, "nobody", actor="ada")
    errand = held(db, JobKind.ECHO)
    with db.write() as session:
        end_errand(session, errand, Told("answers C-ECHO"))
    with db.read() as session:
        last = last_echoes(session)[pacs]
    assert (last.failed, last.outcome, last.actor) == (False, "answers C-ECHO", "ada")
    assert last.finished_at is not None
    assert actions(db) == [(AuditAction.PEER_ASKED, "ada")]
