"""The administrator's page of users: who is let in and out, links, and what is never shown.

Restrictions are `test_restrictions.py`'s, the rules of accounts `tests/db/test_accounts.py`'s.
"""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from core.accounts import AccountRole
from db.accounts import account_named, add_account
from db.api_tokens import find_token, make_token
from db.models import Account, AuditAction, AuditEvent, Study
from tests.web.quick_passwords import make_quick
from tests.web.room import HOST, Room

USERS = "/operations/users"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture
def boss(room: Room, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """An administrator."""
    make_quick(monkeypatch)
    return room.visitor(AccountRole.ADMINISTRATOR, name="boss")


def _account(room: Room, name: str) -> Account:
    with room.db.read() as session:
        return account_named(session, name)


def _link(page: str) -> str:
    found = re.search(rf"https://{HOST}(/sign-in/link\?token=[\w-]+)", page)
    assert found is not None
    return found[1]


def _follow(room: Room, path: str) -> int:
    token = path.partition("token=")[2]
    return room.stranger().post("/sign-in/link", data={"token": token}).status_code


def test_a_person_is_entered_and_gets_a_link(room: Room, boss: TestClient) -> None:
    page = boss.post(USERS, data={"name": "Jane", "person": "Doe^Jane", "roles": "radiologist"})
    assert page.status_code == 200
    assert _account(room, "jane").roles == ["radiologist"]
    assert _follow(room, _link(page.text)) == 303
    assert "sign-in/link" not in boss.get(USERS).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a b"},
        {"name": "boss"},
        {"person": ""},
        {"roles": []},
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_entered(
    room: Room, boss: TestClient, wrong: dict[str, object]
) -> None:
    right = {"name": "jane", "person": "Doe^Jane", "roles": ["radiologist"]}
    answer = boss.post(USERS, data={**right, **wrong})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with room.db.read() as session:
        assert session.scalars(select(Account.name)).all() == ["boss"]


def test_a_reset_takes_the_old_password_away(room: Room, boss: TestClient) -> None:
    with room.db.write() as session:
        roles = [AccountRole.RADIOLOGIST]
        add_account(session, "jane", person="Doe^Jane", roles=roles, password=PASSWORD)
    page = boss.post(f"{USERS}/jane/reset")
    signed_in = room.stranger().post("/sign-in", data={"name": "jane", "password": PASSWORD})
    assert signed_in.status_code == 403
    assert _follow(room, _link(page.text)) == 303
    with room.db.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    changed = [one for one in events if one.action is AuditAction.ACCOUNT_CHANGED]
    assert [(one.actor, one.details["account"]) for one in changed] == [("boss", "jane")]
    assert any(one.action is AuditAction.LINK_MADE and one.actor == "boss" for one in events)


def test_the_last_administrator_cannot_leave(room: Room, boss: TestClient) -> None:
    answer = boss.post(f"{USERS}/boss/enabled", data={"enabled": "false"})
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    demoted = boss.post(f"{USERS}/boss/roles", data={"roles": ["auditor"]})
    assert demoted.status_code == 422
    assert _account(room, "boss").enabled


def test_no_page_shows_a_hash_or_a_token(room: Room, boss: TestClient) -> None:
    with room.db.write() as session:
        roles = [AccountRole.RADIOLOGIST]
        add_account(session, "jane", person="Doe^Jane", roles=roles, password=PASSWORD)
    page = boss.get(USERS).text
    assert "jane" in page
    assert "argon2" not in page


def test_nobody_else_lets_persons_in(room: Room, boss: TestClient) -> None:
    assert boss.get(USERS).status_code == 200
    others = [role for role in AccountRole if role is not AccountRole.ADMINISTRATOR]
    visitor = room.visitor(*others)
    entered = visitor.post(USERS, data={"name": "x", "person": "X", "roles": "administrator"})
    assert entered.status_code == 403
    with room.db.read() as session:
        assert "x" not in session.scalars(select(Account.name)).all()


def test_a_program_keeps_accounts_the_same_way(room: Room, boss: TestClient) -> None:
    new = {"name": "jane", "person_name": "Doe^Jane", "roles": ["radiologist"]}
    link = boss.post("/api/v1/users", json=new)
    assert link.status_code == 200
    assert _follow(room, _link(link.json()["url"])) == 303
    changed = boss.patch("/api/v1/users/jane", json={"roles": ["auditor"], "enabled": False})
    assert (changed.json()["roles"], changed.json()["enabled"]) == (["auditor"], False)
    assert boss.post("/api/v1/users/jane/reset").status_code == 422
    assert boss.patch("/api/v1/users/boss", json={"enabled": False}).status_code == 422
    names = [one["name"] for one in boss.get("/api/v1/users").json()]
    assert names == ["boss", "jane"]
    with room.db.write() as session:
        session.add(Study(uid="1.2.3", patient_id="P", patient_name="N"))
    wish = {"accounts": ["jane"], "reason": "member of our own staff"}
    assert boss.put("/api/v1/restrictions/1.2.3", json=wish).status_code == 200
    assert boss.get("/api/v1/restrictions").json() == [{"study_uid": "1.2.3", **wish}]
    lifted = boss.post("/api/v1/restrictions/1.2.3/lift", json={"reason": wish["reason"]})
    assert lifted.status_code == 204
    assert boss.get("/api/v1/restrictions").json() == []


def test_an_administrator_sees_and_revokes_anybodys_tokens(room: Room, boss: TestClient) -> None:
    with room.db.write() as session:
        jane = add_account(session, "jane", person="Doe^Jane", roles=[AccountRole.RADIOLOGIST])
        first, second = (
            make_token(session, jane, label, actor="jane") for label in ("viewer", "wall")
        )
    page = boss.get(USERS).text
    assert "viewer" in page
    assert first not in page
    revoke = re.search(rf"{USERS}/tokens/\d+/revoke", page.partition(">viewer<")[2])
    assert revoke is not None
    assert boss.post(revoke[0]).status_code == 303
    assert find_token(room.db, first) is None
    (left,) = boss.get("/api/v1/tokens").json()
    assert (left["name"], left["label"]) == ("jane", "wall")
    assert boss.delete(f"/api/v1/tokens/{left['number']}").status_code == 204
    assert find_token(room.db, second) is None
    assert boss.get("/api/v1/tokens").json() == []
    assert boss.delete("/api/v1/tokens/99").status_code == 422
    with room.db.read() as session:
        revoked = select(AuditEvent.actor).where(AuditEvent.action == AuditAction.TOKEN_REVOKED)
        assert session.scalars(revoked).all() == ["boss", "boss"]
