"""Every route x every role: what is declared is what is written down, and what is answered.

The table is `route_roles.py`, written by hand. Each route is asked as a stranger, as each role in a
browser, in a locked session, and by a program. What a route answers to whom it lets in is tested
beside it; here it only must not be a refusal.
"""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from core.accounts import AccountRole
from db.accounts import account_named
from db.api_tokens import make_token
from db.upgrade import upgrade
from tests.web.room import Room, open_room
from tests.web.route_roles import WRITTEN
from web.access.guard import Guard, guard_of
from web.application import routes

_REFUSED = {401, 403}
_STREAMS = {"GET /worklist/live"}
"""They go on until the visitor leaves: asked only by who is refused."""

_ANSWER_OTHERWISE = {
    "POST /sign-out",
    "POST /api/v1/session/lock",
    "POST /unlock",
    "POST /api/v1/session/unlock",
    "POST /account/password",
}
"""They end the session, or refuse who has no password; `test_session.py` asks them."""


def _declared(room: Room) -> dict[str, Guard]:
    found = {}
    for route in routes(room.application):
        guard = guard_of(route)
        assert guard is not None
        for method in getattr(route, "methods", set()) - {"HEAD"}:
            found[f"{method} {getattr(route, 'path', '')}"] = guard
    return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One room for all questions; nothing is in it."""
    folder = tmp_path_factory.mktemp("asked")
    url = f"sqlite:///{folder / 'firstread.db'}"
    upgrade(url)
    room = open_room(folder, url)
    yield room
    room.db.close()


@pytest.fixture(scope="module")
def visitors(asked: Room) -> dict[AccountRole, TestClient]:
    """One person of each role."""
    return {role: asked.visitor(role, name=role.value) for role in AccountRole}


def _ask(client: TestClient, line: str) -> int:
    method, path = line.split(" ")
    filled = re.sub(r"\{[^}]*(number|version|turn_id)[^}]*\}", "1", path)
    return client.request(method, re.sub(r"\{[^}]*\}", "1.2.3", filled)).status_code


def test_what_is_declared_is_what_is_written(asked: Room) -> None:
    declared = {line: guard.roles for line, guard in _declared(asked).items()}
    assert declared == WRITTEN


def test_only_unlocking_and_leaving_work_while_locked(asked: Room) -> None:
    works = {line for line, guard in _declared(asked).items() if guard.while_locked}
    assert works == {
        "POST /sign-out",
        "GET /unlock",
        "POST /unlock",
        "GET /prove",
        "GET /api/v1/session",
        "POST /api/v1/session/lock",
        "POST /api/v1/session/unlock",
    }


def test_programs_use_the_api_and_nothing_else(asked: Room) -> None:
    for line, guard in _declared(asked).items():
        assert guard.programs == line.split(" ")[1].startswith(("/api/", "/dicom-web/")), line


@pytest.mark.parametrize("role", list(AccountRole))
def test_each_role_gets_in_where_it_is_written_and_nowhere_else(
    visitors: dict[AccountRole, TestClient], role: AccountRole
) -> None:
    wrong = []
    for line, roles in WRITTEN.items():
        if roles is None or line in _ANSWER_OTHERWISE:
            continue
        if role in roles:
            if line not in _STREAMS and _ask(visitors[role], line) in _REFUSED:
                wrong.append(line)
        elif _ask(visitors[role], line) != 403:
            wrong.append(line)
    assert wrong == []


def test_strangers_get_nowhere(asked: Room) -> None:
    stranger = asked.stranger()
    for line, roles in WRITTEN.items():
        if roles is not None:
            api = line.split(" ")[1].startswith(("/api/", "/dicom-web/"))
            wanted = 401 if api or not line.startswith("GET") else 303
            assert _ask(stranger, line) == wanted, line


def test_a_program_has_its_persons_roles(
    asked: Room, visitors: dict[AccountRole, TestClient]
) -> None:
    assert visitors
    program = asked.stranger()
    with asked.db.write() as session:
        auditor = account_named(session, AccountRole.AUDITOR.value)
        program.headers["authorization"] = f"Bearer {make_token(session, auditor, 'x', actor='x')}"
    for line, guard in _declared(asked).items():
        if guard.programs and guard.roles is not None:
            refused = _ask(program, line) in _REFUSED if line not in _STREAMS else True
            assert refused == (AccountRole.AUDITOR not in guard.roles) or "/session/" in line, line
