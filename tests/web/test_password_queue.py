"""Many strangers who try passwords at once, over real connections: the pages go on."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.waiting import wait_until
from tests.web.room import Room
from tests.web.served import served
from web.access import proof

AT_ONCE, WAITING, MORE = 6, 20, 15
FORM = {"content-type": "application/x-www-form-urlencoded"}


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
