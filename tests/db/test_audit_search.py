"""Looking for events of the audit by person, on both databases.

The page and the calls are in tests/web/test_audit_page.py.
"""

import pytest

from db.audit import OPERATOR, record
from db.audit_search import AuditQuestion, find_events
from db.engine import Database
from db.models import AuditAction


def _write(db: Database, account: str | None, reason: str = "") -> None:
    with db.write() as session:
        if account is not None:
            session.info[OPERATOR] = account
        record(session, AuditAction.DRAFT_REJECTED, actor="Roe^Rita", reason=reason)


@pytest.fixture
def namesakes(db: Database) -> Database:
    """Events of two accounts that bear one name, and of nobody's account."""
    _write(db, "rroe", reason="odd \0 and \ud800")
    _write(db, "rita.roe2", reason='as "operator": "rroe" said')
    _write(db, None, reason="rroe}")
    return db


@pytest.mark.parametrize(
    ("person", "found"),
    [
        ("rroe", [1]),
        ("RITA.Roe2", [2]),
        ("roe", [1, 2, 3]),
        ("e^r", [1, 2, 3]),
        ("rita_roe2", []),
        ("%", []),
        ("}", []),
        ('"', []),
        ("operator", []),
    ],
)
def test_a_persons_account_is_found_as_the_name_is(
    namesakes: Database, person: str, found: list[int]
) -> None:
    with namesakes.read() as session:
        events, _more = find_events(session, AuditQuestion(person=person), limit=9)
    assert sorted(event.event_id for event in events) == found


def test_an_account_of_another_kind_is_found(db: Database) -> None:
    _write(db, "HOSPITAL\\ada_1@desk")
    with db.read() as session:
        for part in ("hospital\\ada", "ada_1@"):
            events, _more = find_events(session, AuditQuestion(person=part), limit=9)
            assert len(events) == 1
