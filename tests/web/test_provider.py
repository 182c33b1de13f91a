"""Signing in at an identity provider, which is a process of its own that speaks HTTP.

Covered: the whole way with PKCE, nonce, state and client secret; whom it makes of claims; each lie
that an ID token can tell; a way back that another browser began; a provider that lies elsewhere.
Not covered: TLS to it, which is the standard library's.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.clock import now
from core.web_settings import OidcSettings
from db.accounts import account_named, add_account, set_enabled
from db.models import Account, SignIn
from db.sign_ins import lock_sign_in
from tests.web.identity_provider import CLIENT, SECRET, running_provider
from tests.web.room import HOST, Room, open_room
from web.access.provider import Provider
from web.access.provider_http import ProviderAwayError, ProviderHttp
from web.access.sessions import COOKIE

JANE = {
    "sub": "s1",
    "preferred_username": "Jane.Doe",
    "family_name": "Doe",
    "given_name": "Jane",
    "roles": ["readers", "something"],
}


@pytest.fixture(scope="module")
def provider_port() -> Iterator[int]:
    """Where the provider listens."""
    with running_provider() as port:
        yield port


@pytest.fixture
def house(provider_port: int, migrated_room: Path, tmp_path: Path) -> Iterator[Callable[..., Room]]:
    """Build a room that has a provider."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    path = tmp_path / "firstread.db"
    path.write_bytes(migrated_room.read_bytes())
    opened: list[Room] = []

    def build(**settings: object) -> Room:
        oidc = OidcSettings(
            **{  # type: ignore[arg-type]
                "issuer": f"http://127.0.0.1:{provider_port}",
                "client_id": CLIENT,
                "client_secret_file": secret,
                "radiologists": ("readers",),
                "administrators": ("bosses",),
                **settings,
            }
        )
        opened.append(open_room(tmp_path, f"sqlite:///{path}", oidc=oidc))
        return opened[-1]

    yield build
    for room in opened:
        room.db.close()


def _visit(url: str, person: Mapping[str, object], lie: str = "") -> str:
    """Be the browser at the provider, and give where it sends us back to."""
    parts = urlsplit(url)
    more = urlencode({"person": json.dumps(person), "lie": lie})
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", f"{parts.path}?{parts.query}&{more}")
    location = connection.getresponse().headers["location"]
    connection.close()
    assert location.startswith(f"https://{HOST}/sign-in/provider/back?")
    return str(location)


def _sign_in(
    client: TestClient,
    person: Mapping[str, object],
    lie: str = "",
    begin: str = "/sign-in/provider",
) -> tuple[int, str]:
    gone = client.get(begin)
    assert gone.status_code == 303
    answer = client.get(_visit(gone.headers["location"], person, lie))
    return answer.status_code, answer.headers.get("location", answer.text)


def test_who_comes_back_is_in_with_the_roles_of_the_claims(house: Callable[..., Room]) -> None:
    room = house()
    client = room.stranger()
    assert _sign_in(client, JANE, begin="/sign-in/provider?next=/account") == (303, "/account")
    assert client.get("/account").status_code == 200
    with room.db.read() as session:
        account = session.scalars(select(Account)).one()
    assert (account.name, account.person_name) == ("jane.doe", "Doe^Jane")
    assert account.roles == ["radiologist"]
    assert account.password_hash is None


def test_the_same_person_is_known_again_by_subject_alone(house: Callable[..., Room]) -> None:
    room = house()
    assert _sign_in(room.stranger(), JANE)[0] == 303
    first = room.stranger()
    changed = {**JANE, "preferred_username": "other", "family_name": "Roe"}
    assert _sign_in(first, changed)[0] == 303
    with room.db.read() as session:
        account = session.scalars(select(Account)).one()
    assert (account.name, account.person_name) == ("jane.doe", "Roe^Jane")


def test_other_roles_end_the_sessions_that_go_on(house: Callable[..., Room]) -> None:
    room = house()
    before = room.stranger()
    _sign_in(before, JANE)
    _sign_in(room.stranger(), {**JANE, "roles": "bosses"})
    assert before.get("/account").status_code == 303
    with room.db.read() as session:
        assert session.scalars(select(Account.roles)).one() == ["administrator"]


def test_an_account_of_the_same_name_is_somebody_elses(house: Callable[..., Room]) -> None:
    room = house()
    with room.db.write() as session:
        add_account(session, "jane.doe", person="X", roles=[AccountRole.ADMINISTRATOR])
    assert _sign_in(room.stranger(), JANE)[0] == 303
    with room.db.read() as session:
        rows = {row.name: row.roles for row in session.scalars(select(Account))}
    assert rows.pop("jane.doe") == ["administrator"]
    ((name, roles),) = rows.items()
    assert name.startswith("jane.doe.")
    assert roles == ["radiologist"]


@pytest.mark.parametrize("roles", [[], ["something"], None, {"readers": 1}, [["readers"]]])
def test_nobody_is_in_without_a_role(house: Callable[..., Room], roles: object) -> None:
    room = house()
    status, words = _sign_in(room.stranger(), {**JANE, "roles": roles})
    assert status == 403
    assert "nobody gave you a role" in words
    with room.db.read() as session:
        assert session.scalars(select(SignIn)).all() == []


def test_losing_every_role_ends_the_sessions(house: Callable[..., Room]) -> None:
    room = house()
    client = room.stranger()
    _sign_in(client, JANE)
    _sign_in(room.stranger(), {**JANE, "roles": []})
    assert client.get("/account").status_code == 303


def test_who_is_disabled_here_stays_out(house: Callable[..., Room]) -> None:
    room = house()
    _sign_in(room.stranger(), JANE)
    with room.db.write() as session:
        account = account_named(session, "jane.doe")
        set_enabled(session, account, enabled=False, actor="test")
    assert _sign_in(room.stranger(), JANE)[0] == 403


@pytest.mark.parametrize(
    "lie",
    ["issuer", "audience", "expired", "nonce", "no_nonce", "none", "secret", "signature", "stale",
     "subject"],
)  # fmt: skip
def test_a_token_that_lies_lets_nobody_in(house: Callable[..., Room], lie: str) -> None:
    room = house()
    client = room.stranger()
    assert _sign_in(client, JANE, lie)[0] == 403
    assert COOKIE not in client.cookies
    with room.db.read() as session:
        assert session.scalars(select(Account)).all() == []


def test_a_way_back_that_another_browser_began_leads_nowhere(house: Callable[..., Room]) -> None:
    """Else somebody could have another person work in his own session."""
    room = house()
    villain, victim = room.stranger(), room.stranger()
    way_back = _visit(villain.get("/sign-in/provider").headers["location"], JANE)
    assert victim.get(way_back).status_code == 403
    victim.get("/sign-in/provider")
    assert victim.get(way_back).status_code == 403


def test_a_code_is_good_once(house: Callable[..., Room]) -> None:
    client = house().stranger()
    way_back = _visit(client.get("/sign-in/provider").headers["location"], JANE)
    kept = dict(client.cookies)
    assert client.get(way_back).status_code == 303
    client.cookies.update(kept)
    assert client.get(way_back).status_code >= 400


def test_a_provider_outside_of_its_networks_is_not_asked(house: Callable[..., Room]) -> None:
    answer = house(networks=("10.0.0.0/8",)).stranger().get("/sign-in/provider")
    assert answer.status_code == 500
    assert "outside of web.oidc.networks" in answer.text


def test_a_provider_that_is_away_is_told(house: Callable[..., Room]) -> None:
    answer = house(issuer="http://127.0.0.1:9").stranger().get("/sign-in/provider")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text


def test_a_provider_that_is_away_is_left_in_peace_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def away(_http: ProviderHttp, url: str) -> dict[str, object]:
        asked.append(url)
        message = "the identity provider does not answer"
        raise ProviderAwayError(message)

    monkeypatch.setattr(ProviderHttp, "get", away)
    provider = Provider(
        OidcSettings.model_validate(
            {"issuer": "http://127.0.0.1:9", "client_id": "x", "radiologists": ("r",)}
        )
    )
    for _ in range(3):
        with pytest.raises(ProviderAwayError, match="does not answer"):
            provider.name()
    assert len(asked) == 1
    monkeypatch.setattr("web.access.provider._PEACE_SECONDS", 0.0)
    with pytest.raises(ProviderAwayError):
        provider.name()
    assert len(asked) == 2


def test_proving_again_opens_a_locked_screen_for_the_same_person_alone(
    house: Callable[..., Room],
) -> None:
    room = house()
    client = room.stranger()
    _sign_in(client, JANE)
    with room.db.write() as session:
        lock_sign_in(session, session.scalars(select(SignIn.id)).one())
    assert client.get("/account").headers["location"].startswith("/unlock")
    assert "max_age=0" in client.get("/prove").headers["location"]
    assert _sign_in(client, {**JANE, "sub": "s2"}, begin="/prove")[0] == 403
    assert _sign_in(client, JANE, "stale", begin="/prove")[0] == 403
    assert client.get("/account").status_code == 303
    assert _sign_in(client, JANE, begin="/prove?next=/account") == (303, "/account")
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("left", ["locked", "signed out"])
def test_what_the_provider_remembers_opens_no_screen_that_was_left(
    house: Callable[..., Room], left: str
) -> None:
    client = house().stranger()
    _sign_in(client, JANE)
    token = client.get("/api/v1/session").json()["csrf_token"]
    away = "/api/v1/session/lock" if left == "locked" else "/sign-out"
    client.post(away, headers={"x-csrf-token": token})
    gone = client.get("/sign-in/provider").headers["location"]
    assert "prompt=login" in gone
    assert "max_age=0" in gone
    remembered = {**JANE, "auth_time": int(time.time()) - 300}
    assert client.get(_visit(gone, remembered)).status_code == 403
    assert client.get("/account").status_code == 303
    assert _sign_in(client, JANE)[0] == 303
    assert client.get("/account").status_code == 200
    assert "prompt=login" not in client.get("/sign-in/provider").headers["location"]


def test_a_silent_visit_proves_nothing_that_the_provider_did_not_see(
    house: Callable[..., Room],
) -> None:
    """Else a passer-by at an open screen comes by it to what asks for a proof."""
    room = house()
    client = room.stranger()

    def token() -> int:
        form = {"label": "x", "csrf_token": client.get("/api/v1/session").json()["csrf_token"]}
        return client.post("/account/tokens", data=form).status_code

    remembered = {**JANE, "auth_time": int(time.time()) - 300}
    assert _sign_in(client, remembered)[0] == 303
    assert token() == 422
    assert _sign_in(client, JANE, begin="/prove")[0] == 303
    assert token() == 200
    assert _sign_in(client, remembered)[0] == 303
    assert token() == 422


def test_a_provider_whose_clock_is_ahead_proves_nothing_for_later(
    house: Callable[..., Room],
) -> None:
    room = house()
    _sign_in(room.stranger(), {**JANE, "auth_time": int(time.time()) + 3600})
    with room.db.read() as session:
        assert session.scalars(select(SignIn.proved_at)).one() <= now()


def test_there_is_no_provider_where_none_is_set(room: Room) -> None:
    assert room.stranger().get("/sign-in/provider").status_code == 404
    assert "hospital" not in room.stranger().get("/sign-in").text
