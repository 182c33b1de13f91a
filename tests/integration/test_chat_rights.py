"""Asking, answering, putting back and calling off under the roles of PostgreSQL that do them.

The film and its reading are made as PostgreSQL's superuser; what else each role may do is in
test_rights.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from core.accounts import AccountRole
from core.labels import Label
from core.states import JobKind, TurnState
from db.accounts import add_account
from db.chat import Asking, ask, cancel
from db.chat_answers import Answered, store_answer, turn_for, write_piece
from db.chat_events import pieces_after, waiting_for
from db.engine import Database
from db.jobs import claim
from db.leases import release_lost
from db.models import ChatTurn, Instance
from db.rights import Role
from db.roles import apply
from db.spool import Spool
from db.upgrade import upgrade
from tests.db.builders import film, lease_ended, let_show, model, read_next, reading
from tests.integration.installation import url_of
from tests.peers.postgres import PostgresServer

PREFIX = "chat"
_UID = "1.2.3.4.700"
_FORBIDDEN = {
    Role.WEB: ("UPDATE chat_turn SET question = ''", "UPDATE chat_turn SET answer = ''"),
    Role.WORKER: ("UPDATE chat_turn SET question = ''", "INSERT INTO chat_turn (id) VALUES (9)"),
    Role.GATEWAY: ("UPDATE chat_turn SET answer = ''",),
    Role.READER: (
        "UPDATE chat_turn SET state = 'failed'",
        "INSERT INTO chat_event (id) VALUES (9)",
    ),
}


@pytest.fixture
def owner(postgres_server: PostgresServer) -> Iterator[Database]:
    """A database with the roles."""
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, PREFIX)
    db = Database(url)
    yield db
    db.close()


@pytest.mark.slow
def test_each_role_may_do_its_part_and_no_more(owner: Database, tmp_path: Path) -> None:
    number = film(owner, Spool(tmp_path, 0), uid=_UID)
    read_next(owner, reading(Label.EDEMA))
    let_show(owner, model())
    roles = {
        role: Database(url_of(owner.url, f"{PREFIX}_{role}"))
        for role in (Role.WEB, Role.WORKER, Role.GATEWAY, Role.READER)
    }
    web, worker = roles[Role.WEB], roles[Role.WORKER]
    with web.write() as session:
        account = add_account(session, "ann", person="Ann", roles=(AccountRole.RADIOLOGIST,))
        session.flush()
        asking = Asking(account.id, "ann")
        study = session.get_one(Instance, number).study_id

    def asked() -> int:
        with web.write() as session:
            return ask(session, asking, study, _UID, "Why?")

    first = asked()
    lost = claim(worker, [JobKind.CHAT], worker="w", lease_seconds=60.0)
    assert lost is not None
    turn_for(worker, lost, model().uid)
    lease_ended(owner, lost)
    assert release_lost(roles[Role.GATEWAY]) == 1
    held = claim(worker, [JobKind.CHAT], worker="w", lease_seconds=60.0)
    assert held is not None
    turn_for(worker, held, model().uid)
    write_piece(worker, held, first, "Because.", model().uid)
    store_answer(worker, held, first, Answered("Because.", (), 0), model())
    second = asked()
    with web.write() as session:
        cancel(session, asking, second)
    with web.read() as session:
        kinds = [piece.kind.value for piece in pieces_after(session, first)]
        assert waiting_for(session, second) is None
        assert session.get_one(ChatTurn, first).state is TurnState.ANSWERED
    assert kinds == ["begin", "begin", "text", "end"]
    for role, statements in _FORBIDDEN.items():
        for statement in statements:
            with (
                pytest.raises(exc.ProgrammingError, match="permission denied"),
                roles[role].write() as session,
            ):
                session.execute(text(statement))
    for db in roles.values():
        db.close()
