"""Sessions at the server: the idle lock, programs' tokens, and what another site cannot do.

Covered over the application itself. That only a person's acts keep a screen open is held here by
the headers that browsers send; the script that tells of keystrokes is `tests/browser/test_lock.py`.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.clock import now
from db.accounts import account_named, set_enabled, set_password
from db.api_tokens import make_token
from db.models import ApiToken, FailedSignIn, SignIn
from db.passwords import hash_password
from db.sign_in_attempts import TooManyAttemptsError, begin_attempt
from tests.web.quick_passwords import make_quick
from tests.web.room import HOST, Room

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
NAVIGATES = {"sec-fetch-mode": "navigate"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    make_quick(monkeypatch)


def _seen(room: Room, ago: timedelta) -> None:
    with room.db.write() as session:
        session.scalars(select(SignIn)).one().seen_at = now() - ago


def _idle(room: Room) -> timedelta:
    with room.db.read() as session:
        return now() - session.scalars(select(SignIn.seen_at)).one()


def _lock(client: TestClient) -> None:
    assert client.post("/api/v1/session/lock").json()["locked"] is True


def test_a_screen_locks_when_nobody_did_anything(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    _seen(room, timedelta(minutes=16))
    assert client.get("/account").headers["location"] == "/unlock?next=/account"
    refused = client.get("/api/v1/worklist")
    assert refused.status_code == 401
    part = client.get("/account", headers={"hx-request": "true"})
    assert (part.status_code, part.headers["hx-trigger"]) == (401, "firstread:refused")
    assert "location" not in part.headers
    assert client.post("/account/sessions/end").status_code == 401


def test_pages_that_ask_for_news_keep_no_screen_open(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    _seen(room, timedelta(minutes=14))
    client.get("/account", headers={"sec-fetch-mode": "cors"})
    client.get("/api/v1/session")
    assert _idle(room) > timedelta(minutes=13)
    client.get("/account", headers=NAVIGATES)
    assert _idle(room) < timedelta(minutes=1)


def test_a_keystroke_keeps_it_open(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    _seen(room, timedelta(minutes=14))
    assert client.post("/api/v1/session/use").status_code == 200
    assert _idle(room) < timedelta(minutes=1)


def test_no_keystroke_opens_a_locked_one(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    _lock(client)
    assert client.post("/api/v1/session/use").status_code == 401
    assert client.get("/account", headers=NAVIGATES).status_code == 303
    assert client.get("/api/v1/session").json()["locked"] is True


def test_the_password_opens_it_and_guessing_is_paused(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST, name="jane")
    with room.db.write() as session:
        account_named(session, "jane").password_hash = hash_password(PASSWORD)
    _lock(client)
    url = "/api/v1/session/unlock"
    answers = [client.post(url, json={"password": "wrong"}).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]
    assert client.get("/account").status_code == 303
    thief = TestClient(
        room.application,
        base_url=f"https://{HOST}",
        client=("10.1.2.3", 1),
        headers=dict(client.headers),
    )
    thief.cookies.update(client.cookies)
    assert thief.post(url, json={"password": PASSWORD}).status_code == 429
    with room.db.write() as session:
        session.execute(update(FailedSignIn).values(pause_until=now()))
    opened = client.post(url, json={"password": PASSWORD})
    assert (opened.status_code, opened.json()["locked"]) == (200, False)
    assert client.get("/account").status_code == 200


def test_strangers_who_guess_keep_no_screen_locked(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST, name="jane")
    with room.db.write() as session:
        account_named(session, "jane").password_hash = hash_password(PASSWORD)
    _lock(client)
    for number in range(50):
        with suppress(TooManyAttemptsError):
            begin_attempt(room.db, "jane", f"10.0.0.{number % 4}")
        begin_attempt(room.db, f"nobody{number}", "testclient")
    assert client.post("/unlock", data={"password": PASSWORD}).status_code == 303
    with pytest.raises(TooManyAttemptsError):
        begin_attempt(room.db, "jane", "10.0.0.9")


def test_a_page_without_scripts_unlocks_too(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST, name="jane")
    with room.db.write() as session:
        account_named(session, "jane").password_hash = hash_password(PASSWORD)
    _lock(client)
    assert client.post("/unlock", data={"password": "wrong"}).status_code == 403
    done = client.post("/unlock", data={"password": PASSWORD, "next": "/account?x=1"})
    assert (done.status_code, done.headers["location"]) == (303, "/account?x=1")


def _program(room: Room, *roles: AccountRole) -> TestClient:
    room.visitor(*roles, name="owner")
    with room.db.write() as session:
        token = make_token(session, account_named(session, "owner"), "test", actor="test")
    client = room.stranger()
    client.headers["authorization"] = f"Bearer {token}"
    return client


def test_a_program_does_what_its_person_may_and_no_more(room: Room) -> None:
    program = _program(room, AccountRole.RADIOLOGIST)
    assert program.get("/api/v1/session").json()["name"] == "owner"
    assert program.get("/account").status_code == 303
    assert program.post("/api/v1/session/lock").status_code == 422


@pytest.mark.parametrize("end", ["revoked", "old", "disabled"])
def test_a_token_ends(room: Room, end: str) -> None:
    program = _program(room, AccountRole.RADIOLOGIST)
    with room.db.write() as session:
        row = session.scalars(select(ApiToken)).one()
        if end == "revoked":
            row.revoked_at = now()
        elif end == "old":
            row.expires_at = now()
        else:
            set_enabled(session, account_named(session, "owner"), enabled=False, actor="test")
    refused = program.get("/api/v1/session")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("said", ["Bearer nonsense", "Basic eDp5", "Bearer", "x"])
def test_nonsense_is_no_token(room: Room, said: str) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    client.headers["authorization"] = said
    assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    "said",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}.evil.example"},
        {"x-csrf-token": ""},
        {"x-csrf-token": "0" * 64},
    ],
)
def test_another_site_changes_nothing(room: Room, said: dict[str, str]) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    assert client.post("/sign-out", headers=said).status_code == 403
    assert client.get("/account").status_code == 200


def test_our_own_pages_change_things(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST)
    said = {"sec-fetch-site": "same-origin", "origin": f"https://{HOST}"}
    assert client.post("/account/sessions/end", headers=said).status_code == 303
    token = client.headers.pop("x-csrf-token")
    form = {"csrf_token": token}
    assert client.post("/account/sessions/end", data=form).status_code == 303
    assert client.post("/account/sessions/end").status_code == 403


@pytest.mark.parametrize(
    "said", [{"sec-fetch-site": "cross-site"}, {"origin": "https://x.example"}]
)
def test_another_site_signs_nobody_in(room: Room, said: dict[str, str]) -> None:
    answer = room.stranger().post("/sign-in", data={"name": "x", "password": "y"}, headers=said)
    assert answer.status_code == 403
    assert "another site" in answer.text


@pytest.mark.parametrize("host", ["evil.example", f"{HOST}.evil.example", "", "[::x]", "a b"])
def test_another_name_is_not_ours(room: Room, host: str) -> None:
    answer = room.visitor(AccountRole.RADIOLOGIST).get("/account", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "localhost", f"{HOST.upper()}."])
def test_addresses_and_our_names_are_ours(room: Room, host: str) -> None:
    assert room.stranger().get("/sign-in", headers={"host": host}).status_code == 200


def test_a_body_without_end_is_not_taken(room: Room) -> None:
    client = room.stranger()
    assert client.post("/sign-in", content=b"x" * (2 * 1024 * 1024 + 1)).status_code == 413


def test_changing_the_password_ends_the_other_sessions(room: Room) -> None:
    client = room.visitor(AccountRole.RADIOLOGIST, name="jane")
    with room.db.write() as session:
        set_password(session, account_named(session, "jane"), hash_password(PASSWORD), actor="x")
    assert client.get("/account").status_code == 303
