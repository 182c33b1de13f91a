"""Asking, reporting and searching under the roles of PostgreSQL that do them.

What the roles must not do is in test_rights.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from core.commitment_report import CommitmentReport
from core.states import CommitmentState, CommitmentWay
from db.commitment_answers import Taken, note_unanswered, take_report
from db.commitment_requests import note_asked, open_request, put_off_asking
from db.commitment_status import commitment_counts
from db.engine import Database
from db.models import Peer
from db.rights import Role
from db.roles import apply
from db.searches import note_search, take_for_search
from db.spool import Spool
from db.upgrade import upgrade
from tests.db.stored_results import RULES, asked_peer, hurry, reference, rows, store, ways
from tests.integration.installation import url_of
from tests.peers.postgres import PostgresServer

PREFIX = "commitment"
GONE = 0x0112


@pytest.fixture
def owner(postgres_server: PostgresServer) -> Iterator[Database]:
    """A database with the roles."""
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, PREFIX)
    db = Database(url)
    yield db
    db.close()


def under(owner: Database, role: Role) -> Database:
    return Database(url_of(owner.url, f"{PREFIX}_{role}"))


@pytest.mark.slow
def test_each_role_may_do_its_part(owner: Database, tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    pacs = asked_peer(owner)
    study = store(owner, spool, pacs)
    deliver, gateway, reader = (
        under(owner, role) for role in (Role.DELIVER, Role.GATEWAY, Role.READER)
    )
    most = RULES.maximum_requests
    with deliver.write() as session:
        put_off_asking(session, pacs, "away", 0.0)
        note_asked(session, pacs)
        silent = open_request(session, pacs, study, maximum_requests=most)
    assert silent is not None
    with deliver.write() as session:
        assert note_unanswered(session, silent.commitment_id, RULES)
    hurry(owner)
    with deliver.write() as session:
        request = open_request(session, pacs, study, maximum_requests=most)
    assert request is not None
    lost, kept, unsaid = request.objects
    report = CommitmentReport(
        request.transaction_uid, frozenset({reference(kept)}), {reference(lost): GONE}
    )
    with gateway.write() as session:
        assert take_report(session, (pacs,), report, RULES) is Taken.NOTED
    with owner.write() as session:
        session.execute(update(Peer).values(commitment=CommitmentWay.FIND))
    with deliver.write() as session:
        note_unanswered(session, request.commitment_id, RULES)
    with deliver.write() as session:
        (wanted,) = take_for_search(session, pacs, study, maximum_requests=most, seconds=1.0)
    with deliver.write() as session:
        note_search(session, wanted, RULES, found=True)
    with reader.read() as session:
        (counts,) = commitment_counts(session)
    assert wanted.uid == unsaid.uid
    assert (counts["committed"], counts["lost"]) == (2, 1)
    assert [one.state for one in ways(owner)] == ["waiting", "committed", "committed"]
    assert {row.state for row in rows(owner)} == {CommitmentState.TIMED_OUT}
    for db in (deliver, gateway, reader):
        db.close()
