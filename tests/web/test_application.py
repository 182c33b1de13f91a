"""Every route says who may use it, every answer carries the headers, strangers get nowhere.

What each page shows is tested beside it.
"""

import pytest
from fastapi import FastAPI

from core.accounts import AccountRole
from tests.web.room import Room
from web import application as building
from web.access.guard import GuardedRouter, guard_of
from web.application import routes
from web.headers import CONTENT_SECURITY_POLICY


def test_a_route_that_says_nothing_is_not_served(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = GuardedRouter()
    careless.add_api_route("/careless", lambda: "come in")
    monkeypatch.setattr(building, "ROUTERS", (*building.ROUTERS, careless))
    with pytest.raises(RuntimeError, match="/careless"):
        building.application(room.settings, room.db)


def test_every_route_has_a_guard(room: Room) -> None:
    application: FastAPI = room.application
    found = list(routes(application))
    assert found
    assert all(guard_of(route) is not None for route in found)


def test_a_stranger_is_sent_to_sign_in(room: Room) -> None:
    answer = room.stranger().get("/")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/"


def test_a_person_gets_to_the_first_page(room: Room) -> None:
    answer = room.visitor(AccountRole.RADIOLOGIST).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/worklist")


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere"])
def test_every_answer_says_what_a_browser_may_do(room: Room, path: str) -> None:
    answer = room.stranger().get(path)
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_scripts_are_kept_for_good(room: Room) -> None:
    address = room.application.state.services.renderer.asset("script/page.js")
    answer = room.stranger().get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_who_came_over_tls_is_to_come_so_for_long(room: Room) -> None:
    assert "max-age" in room.stranger().get("/sign-in").headers["strict-transport-security"]
    plain = room.settings.model_copy(
        update={"web": room.settings.web.model_copy(update={"public_url": None})}
    )
    room.application = building.application(plain, room.db)
    answer = room.stranger().get("/sign-in", headers={"host": "127.0.0.1"})
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers
