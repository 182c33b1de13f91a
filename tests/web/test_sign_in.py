"""Signing in by password and by link, pauses, sessions and their ends.

Covered over the application itself, with its cookies. The lock on top of an open page is
`tests/browser/test_lock.py`'s, the identity provider `test_provider.py`'s.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.clock import now
from db import passwords
from db.accounts import account_named, add_account, set_enabled, set_roles
from db.api_tokens import every_token
from db.models import Account, AuditAction, AuditEvent, SignIn
from db.one_time_links import make_link
from db.resets import reset_by_link
from tests.web.quick_passwords import make_quick
from tests.web.room import Room
from web.access import proof
from web.access.sessions import COOKIE

NAME, PASSWORD = "jane", "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    make_quick(monkeypatch)


@pytest.fixture
def jane(room: Room) -> Room:
    """A room with one radiologist who has a password."""
    with room.db.write() as session:
        add_account(
            session, NAME, person="Doe^Jane", roles=[AccountRole.RADIOLOGIST], password=PASSWORD
        )
    return room


def _try(client: TestClient, password: str = PASSWORD, name: str = NAME, **more: str) -> int:
    answer = client.post("/sign-in", data={"name": name, "password": password, **more})
    return answer.status_code


def test_the_right_password_begins_a_session_and_goes_on(jane: Room) -> None:
    client = jane.stranger()
    answer = client.post(
        "/sign-in", data={"name": " JANE ", "password": PASSWORD, "next": "/account?x=1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?x=1")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"],
)
def test_one_never_goes_on_to_another_site(jane: Room, elsewhere: str) -> None:
    answer = jane.stranger().post(
        "/sign-in", data={"name": NAME, "password": PASSWORD, "next": elsewhere}
    )
    assert answer.headers["location"] == "/"


def test_a_wrong_password_and_a_wrong_name_get_the_same_page(jane: Room) -> None:
    wrong = jane.stranger().post("/sign-in", data={"name": NAME, "password": "not the one"})
    nobody = jane.stranger().post("/sign-in", data={"name": "nobody", "password": "not the one"})
    assert wrong.status_code == nobody.status_code == 403
    assert wrong.text == nobody.text
    assert COOKIE not in wrong.headers.get("set-cookie", "")


@pytest.mark.parametrize("name", [NAME, "nobody"])
def test_a_pause_begins_for_names_that_nobody_has_too(jane: Room, name: str) -> None:
    client = jane.stranger()
    assert [_try(client, "wrong", name) for _ in range(6)] == [403] * 5 + [429]
    assert _try(client, PASSWORD, name) == 429


def test_another_name_from_the_same_address_is_not_held_up(jane: Room) -> None:
    client = jane.stranger()
    for _ in range(6):
        _try(client, "wrong", "somebody")
    assert _try(client) == 303


def test_a_session_begins_under_a_new_token(jane: Room) -> None:
    """Whoever planted a token in a browser has nothing of the session that begins there."""
    client = jane.stranger()
    client.cookies.set(COOKIE, "planted", domain="firstread.test", path="/")
    assert _try(client) == 303
    first = client.cookies[COOKIE]
    assert first != "planted"
    thief = jane.stranger()
    thief.cookies.set(COOKIE, "planted", domain="firstread.test", path="/")
    assert thief.get("/account").status_code == 303
    client.cookies.clear()
    _try(client)
    assert client.cookies[COOKIE] != first


def test_tokens_are_kept_as_digests_alone(jane: Room) -> None:
    client = jane.stranger()
    _try(client)
    with jane.db.read() as session:
        kept = session.scalars(select(SignIn.token_sha256)).one()
    assert client.cookies[COOKIE] not in kept


def test_signing_out_ends_the_session_at_the_server(jane: Room) -> None:
    client = jane.visitor(AccountRole.RADIOLOGIST)
    token = client.cookies[COOKIE]
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    again = jane.stranger()
    again.cookies.set(COOKIE, token, domain="firstread.test", path="/")
    assert again.get("/account").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("change", ["disabled", "roles"])
def test_sessions_end_when_what_one_may_do_changes(room: Room, change: str) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST, name="sue")
    assert client.get("/account").status_code == 200
    with room.db.write() as session:
        sue = account_named(session, "sue")
        if change == "disabled":
            set_enabled(session, sue, enabled=False, actor="test")
        else:
            set_roles(session, sue, [AccountRole.AUDITOR], actor="test")
    assert client.get("/account").status_code == 303


def test_a_session_ends_after_its_hours(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    with room.db.write() as session:
        session.scalars(select(SignIn)).one().begun_at = now() - timedelta(hours=13)
    assert client.get("/account").headers["location"].startswith("/sign-in")


def test_a_link_is_not_used_up_by_looking(jane: Room) -> None:
    with jane.db.write() as session:
        path = make_link(session, account_named(session, NAME), actor="test")
    client = jane.stranger()
    for _ in range(2):
        shown = client.get(path)
        assert shown.status_code == 200
        assert "set-cookie" not in shown.headers
    token = path.partition("token=")[2]
    used = client.post("/sign-in/link", data={"token": token, "next": "/account"})
    assert (used.status_code, used.headers["location"]) == (303, "/account")
    assert client.get("/account").status_code == 200
    assert jane.stranger().post("/sign-in/link", data={"token": token}).status_code == 403


def test_only_the_latest_link_is_good_and_not_for_ever(jane: Room) -> None:
    with jane.db.write() as session:
        account = account_named(session, NAME)
        first = make_link(session, account, actor="test")
        second = make_link(session, account, actor="test", lifetime=timedelta(0))
    for path in (first, second):
        token = path.partition("token=")[2]
        assert jane.stranger().post("/sign-in/link", data={"token": token}).status_code == 403


def test_who_signs_in_by_a_link_sets_a_first_password(room: Room) -> None:
    with room.db.write() as session:
        account = add_account(session, "new", person="New", roles=[AccountRole.AUDITOR])
        path = make_link(session, account, actor="test")
    client = room.stranger()
    client.post("/sign-in/link", data={"token": path.partition("token=")[2]})
    page = client.get("/account").text
    client.headers["x-csrf-token"] = page.partition('name="csrf-token" content="')[2][:64]
    before = client.cookies[COOKIE]
    short = client.post("/account/password", data={"new": "short", "again": "short"})
    assert short.status_code == 422
    done = client.post("/account/password", data={"new": PASSWORD, "again": PASSWORD})
    assert done.status_code == 303
    assert client.cookies[COOKIE] != before
    assert _try(room.stranger(), PASSWORD, "new") == 303


def test_the_old_password_is_asked_for(jane: Room) -> None:
    client = jane.stranger()
    _try(client)
    page = client.get("/account").text
    client.headers["x-csrf-token"] = page.partition('name="csrf-token" content="')[2][:64]
    new = {"new": "another long password", "again": "another long password"}
    assert client.post("/account/password", data={"old": "wrong", **new}).status_code == 422
    assert client.post("/account/password", data={"old": PASSWORD, **new}).status_code == 303
    assert _try(jane.stranger()) == 403


def test_the_audit_says_who_came_and_went_and_who_was_paused(jane: Room) -> None:
    client = jane.stranger()
    _try(client)
    other = jane.stranger()
    for _ in range(5):
        _try(other, "wrong", "my-password-by-mistake")
    with jane.db.read() as session:
        events = {(event.action, event.actor) for event in session.scalars(select(AuditEvent))}
        assert session.scalars(select(Account.signed_in_at)).one() is not None
    assert (AuditAction.SIGNED_IN, NAME) in events
    assert (AuditAction.SIGN_IN_PAUSED, "unknown") in events


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen once a password was compared, and before anything comes of it."""

    def fits(kept: str | None, password: str) -> bool:
        right = passwords.fits(kept, password)
        act()
        return right

    monkeypatch.setattr(proof, "fits", fits)


def _reset(room: Room) -> None:
    with room.db.write() as session:
        account = account_named(session, NAME)
        reset_by_link(session, account, timedelta(days=1), actor="boss")


def _disable(room: Room) -> None:
    with room.db.write() as session:
        set_enabled(session, account_named(session, NAME), enabled=False, actor="boss")


@pytest.mark.parametrize("act", [_reset, _disable])
def test_a_password_that_is_taken_away_while_it_is_compared_opens_nothing(
    jane: Room, monkeypatch: pytest.MonkeyPatch, act: Callable[[Room], None]
) -> None:
    _meanwhile(monkeypatch, lambda: act(jane))
    assert _try(jane.stranger()) == 403
    with jane.db.read() as session:
        assert session.scalars(select(SignIn)).all() == []


def test_a_stolen_session_ends_with_a_reset_whatever_it_was_about(
    jane: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [jane.stranger() for _ in range(3)]
    for client in clients:
        _try(client)
        page = client.get("/account").text
        client.headers["x-csrf-token"] = page.partition('name="csrf-token" content="')[2][:64]
    unlocking, changing, making = clients
    token = unlocking.headers["x-csrf-token"]
    unlocking.post("/api/v1/session/lock", headers={"x-csrf-token": token})
    acts: list[Callable[[], object]] = [
        lambda: unlocking.post("/unlock", data={"password": PASSWORD}),
        lambda: changing.post(
            "/account/password",
            data={"old": PASSWORD, "new": "one of the thief's", "again": "one of the thief's"},
        ),
        lambda: making.post("/account/tokens", data={"password": PASSWORD, "label": "thief"}),
    ]
    with jane.db.read() as session:
        kept = account_named(session, NAME).password_hash
    for act, client in zip(acts, clients, strict=True):
        with monkeypatch.context() as patch:
            _meanwhile(patch, lambda: _reset(jane))
            act()
        assert client.get("/account").headers["location"].startswith("/sign-in")
        with jane.db.write() as session:
            account = account_named(session, NAME)
            assert account.password_hash is None
            assert every_token(session) == []
            # As it was, for the next one.
            account.password_hash = kept
            session.query(SignIn).update({"ended_at": None, "locked_at": None})


def test_a_hash_of_old_parameters_is_renewed_at_a_sign_in(
    jane: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jane.db.read() as session:
        before = account_named(session, NAME).password_hash
    monkeypatch.setattr(proof, "is_outdated", lambda _: True)
    assert _try(jane.stranger()) == 303
    with jane.db.read() as session:
        assert account_named(session, NAME).password_hash not in {None, before}
