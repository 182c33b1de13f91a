"""Browsers that follow the worklist, without browsers: each does over HTTP what the page does.

They run in a process of their own, so that their work is not the measured one's.
"""

import http.client
import json
import multiprocessing
import random
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Final, Self
from urllib.parse import urlsplit

from core.errors import FirstReadError
from web.access.sessions import COOKIE

_AT_MOST_EVERY_SECONDS: Final = 3.0
"""Between two loads of one page, as its own script paces them: the pause is what is imitated."""
_MOMENT_SECONDS: Final = 0.7
"""Within which pages that heard the same news load, so that they do not all come at once."""
_START_SECONDS: Final = 60.0


class Followers:
    """So many pages that follow, for as long as the context goes on.

    Parameters
    ----------
    address
        Of the reading room.
    tokens
        Of the sessions, one for each.
    """

    def __init__(self, address: str, tokens: Sequence[str]) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_follow_all, args=(address, list(tokens), theirs), daemon=True
        )
        self._count = len(tokens)
        self._result: tuple[dict[str, float], float] | None = None

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.join()

    def wait_until_all_follow(self) -> None:
        """Wait until each has been greeted.

        Raises
        ------
        FirstReadError
            If some are not, in a minute.
        """
        if not self._ours.poll(_START_SECONDS):
            message = f"not all of {self._count} pages came to follow"
            raise FirstReadError(message)
        self._ours.recv()

    def delays(self, committed: Mapping[str, float]) -> list[float]:
        """Give how long the last news of each study took, in seconds.

        Parameters
        ----------
        committed
            When each study's last change was committed, by its UID; news of an earlier change of
            it are left out.
        """
        heard, _ = self._told()
        return [heard[uid] - at for uid, at in committed.items() if heard.get(uid, 0.0) >= at]

    def loads_per_second(self) -> float:
        """Give how often all of them together loaded their lists."""
        return self._told()[1]

    def _told(self) -> tuple[dict[str, float], float]:
        if self._result is None:
            self._ours.send("tell")
            self._result = self._ours.recv()
        return self._result


class _Page:
    """One page that follows."""

    def __init__(self, address: str, token: str) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "", place.port
        self._headers = {"cookie": f"{COOKIE}={token}"}
        self._edition = ""
        self._wanted = threading.Event()
        self.following = threading.Event()
        self.heard: dict[str, float] = {}
        self.loads = 0
        for work in (self._follow, self._load):
            threading.Thread(target=work, daemon=True).start()

    def _follow(self) -> None:
        connection = http.client.HTTPConnection(self._host, self._port)
        connection.request("GET", "/worklist/live", headers=self._headers)
        answer = connection.getresponse()
        event = ""
        while line := answer.readline().decode().strip("\n") or "-":
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                self._told(event, json.loads(line.removeprefix("data: ")))

    def _told(self, event: str, news: Mapping[str, object]) -> None:
        self._edition = str(news.get("edition", self._edition))
        self.following.set()
        studies = news.get("studies", ())
        for study in studies if isinstance(studies, list) else ():
            self.heard[study["uid"]] = time.time()
        if event == "hello" or studies or news.get("everything"):
            self._wanted.set()

    def _load(self) -> None:
        connection = http.client.HTTPConnection(self._host, self._port)
        while self._wanted.wait():
            self._wanted.clear()
            time.sleep(random.uniform(0, _MOMENT_SECONDS))  # noqa: S311 - a pause, no secret
            headers = {**self._headers, "hx-request": "true", "x-edition": self._edition}
            connection.request("GET", "/worklist/lists", headers=headers)
            connection.getresponse().read()
            self.loads += 1
            time.sleep(_AT_MOST_EVERY_SECONDS)


def _follow_all(address: str, tokens: Sequence[str], told: Connection) -> None:
    pages = [_Page(address, token) for token in tokens]
    for page in pages:
        page.following.wait()
    begun = time.monotonic()
    before = sum(page.loads for page in pages)
    told.send("all follow")
    told.recv()
    heard: dict[str, float] = {}
    for page in pages:
        for uid, at in page.heard.items():
            # The first of them: news go to all at once, and each reads them when its turn comes.
            heard[uid] = min(at, heard.get(uid, at))
    loads = sum(page.loads for page in pages) - before
    told.send((heard, loads / (time.monotonic() - begun)))
