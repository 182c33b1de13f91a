"""Many strangers who try passwords, or go to a slow provider, at once: the pages go on.

Over real connections.
"""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from core.web_settings import OidcSettings
from tests.waiting import wait_until
from tests.web.room import Room
from tests.web.served import served
from web.access import proof
from web.access.provider import Provider
from web.access.provider_http import ProviderAwayError
from web.pages.provider import COOKIE

AT_ONCE, WAITING, MORE = 6, 20, 15
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("path", ["/sign-in/provider", "/sign-in/provider/back?state=x&code=x"])
def test_strangers_at_a_slow_provider_take_no_thread_from_the_pages(
    room: Room, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    go_on, waiting = threading.Event(), Counter[str]()

    def slow(_provider: Provider, *_given: object) -> NoReturn:
        waiting["here"] += 1
        go_on.wait(30.0)
        message = "the identity provider does not answer"
        raise ProviderAwayError(message)

    monkeypatch.setattr(Provider, "begin", slow)
    monkeypatch.setattr(Provider, "end", slow)
    oidc = OidcSettings.model_validate(
        {"issuer": "http://127.0.0.1:9", "client_id": "x", "radiologists": ("r",)}
    )
    web = room.settings.web.model_copy(update={"oidc": oidc})
    room.settings = room.settings.model_copy(update={"web": web})
    room.__post_init__()
    made_up = json.dumps(["x", "x", "x", False, False, "/"]).encode().hex()
    answers: list[tuple[int, str | None]] = []

    with served(room) as address, ThreadPoolExecutor(AT_ONCE + WAITING + MORE) as pool:
        place = urlsplit(address)

        def ask(path: str) -> tuple[int, str | None]:
            connection = HTTPConnection(place.hostname or "", place.port, timeout=20.0)
            try:
                connection.request("GET", path, headers={"cookie": f"{COOKIE}={made_up}"})
                answer = connection.getresponse()
                return answer.status, answer.headers["retry-after"]
            finally:
                connection.close()

        visits = [
            pool.submit(lambda: answers.append(ask(path))) for _ in range(AT_ONCE + WAITING + MORE)
        ]
        try:
            wait_until(lambda: len(answers) == MORE, 15.0, "those who are sent away at once")
            wait_until(lambda: waiting["here"] == AT_ONCE, 15.0, "those who go there")
            assert ask("/sign-in")[0] == 200
        finally:
            go_on.set()
        for one in visits:
            one.result(20.0)
    assert Counter(answers) == {(503, "3"): MORE, (503, None): AT_ONCE + WAITING}


def test_strangers_who_guess_take_no_thread_from_the_pages(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, looked_at = threading.Event(), Counter[str]()

    def slow(_kept: str | None, password: str) -> bool:
        looked_at[password] += 1
        return not go_on.wait(30.0)

    monkeypatch.setattr(proof, "fits", slow)
    answers: list[tuple[int, str | None]] = []

    with served(room) as address, ThreadPoolExecutor(AT_ONCE + WAITING + MORE) as pool:
        place = urlsplit(address)

        def ask(method: str, body: str | None = None) -> tuple[int, str | None]:
            connection = HTTPConnection(place.hostname or "", place.port, timeout=20.0)
            try:
                connection.request(method, "/sign-in", body, FORM if body else {})
                answer = connection.getresponse()
                return answer.status, answer.headers["retry-after"]
            finally:
                connection.close()

        def guess(number: int) -> None:
            answers.append(ask("POST", f"name=n{number}&password=guess"))

        guesses = [pool.submit(guess, number) for number in range(AT_ONCE + WAITING + MORE)]
        try:
            wait_until(lambda: len(answers) == MORE, 15.0, "those who are sent away at once")
            wait_until(lambda: looked_at["guess"] == AT_ONCE, 15.0, "those that are looked at")
            assert ask("GET")[0] == 200
        finally:
            go_on.set()
        for one in guesses:
            one.result(20.0)
        assert Counter(answers) == {(503, "3"): MORE, (403, None): AT_ONCE + WAITING}
        assert ask("POST", "name=x&password=again")[0] == 403
