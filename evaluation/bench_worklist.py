"""The worklist's page over a busy hospital's rows, while rows change and many pages follow.

    python -m evaluation.bench_worklist --studies 100000 --json

A FirstRead of its own on PostgreSQL holds so many studies of ninety days, a fifth of them waiting
for a person: more than in any hospital. So many browsers as `--followers` says follow the live
news, each in a session of its own and each loading its lists anew for every piece of news, at most
every three seconds, as the page does; meanwhile `--changes` studies change each second. One more
person goes through the parts of the worklist and its filters in turn, over HTTP; what counts is
the time from the request to the last byte of the page. The last line is one JSON object:

- `page_ms`, `p95_ms`: median and 95th percentile over all those pages;
- `views`: the median of each part or filter by itself, in milliseconds;
- `news_ms`: median time from a change's commit to the news of it, as a follower gets them;
- `lists_per_s`: how often followers loaded their lists;
- `studies`, `followers`, `changes_per_s`, `pages`.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select, update

from core.accounts import AccountRole
from core.clock import now
from core.triage import Tier
from db.engine import Database
from db.models import Account, Study
from evaluation.followers import Followers
from evaluation.room.house import RoomHouse, make_house, serving
from evaluation.running import forget_environment
from evaluation.servers.postgres import postgres
from evaluation.worklist_rows import fill
from web.access.csrf import csrf_token
from web.access.sessions import COOKIE

_ROUNDS: Final = 25
_WARM_UP: Final = 2
_SEARCH: Final = "search"
_LISTS: Final = b'id="worklist-shown"'
"""In each page with lists, and in the lists alone; there need be no study in them."""
VIEWS: Final[dict[str, dict[str, str]]] = {
    "drafts": {},
    "no_result": {"place": "no_result"},
    "done": {"place": "done"},
    "all": {"place": "all"},
    "tier": {"tier": "urgent"},
    "flag": {"label": "pneumothorax"},
    "rare_flag": {"label": "pleural other"},
    "state": {"state": "failed"},
    "period": {"period": "day"},
    "mine": {"place": "all", "only": "mine"},
    "unopened": {"only": "unopened"},
    "overdue": {"only": "overdue"},
    _SEARCH: {"place": "all"},
}
"""What is looked at, each by its filters; a search is for the study that came in first of all."""


class Visitor:
    """A person who looks at one page after the other, over one connection.

    Parameters
    ----------
    address
        Of the reading room.
    token
        Of the session.
    """

    def __init__(self, address: str, token: str) -> None:
        place = urlsplit(address)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port)
        self._headers = {"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_token(token)}

    def look(self, view: str) -> float:
        """Load a view; give how long it took, in seconds.

        Raises
        ------
        RuntimeError
            If the answer is no page.
        """
        path = f"/worklist?{urlencode(VIEWS[view])}"
        method, body, headers = "GET", None, self._headers
        if view == _SEARCH:
            path, method = f"/worklist/search?{urlencode(VIEWS[view])}", "POST"
            body = urlencode({"text": "A0000001"})
            headers = {**headers, "content-type": "application/x-www-form-urlencoded"}
        begun = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read()
        taken = time.perf_counter() - begun
        if answer.status != http.client.OK or _LISTS not in page:
            message = f"{view}: status {answer.status}, {len(page)} bytes"
            raise RuntimeError(message)
        return taken


class Changer:
    """Lets studies rise, and be opened for the first time, at an even pace.

    Parameters
    ----------
    db
        The database.
    per_second
        How many.
    """

    def __init__(self, db: Database, per_second: float) -> None:
        self._db = db
        self._pause = 1 / per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.committed: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self._db.read() as session:
            last = session.scalars(select(func.max(Study.id))).one()
        number = 0
        while not self._stop.wait(self._pause):
            number += 7919  # a prime: studies of every age in turn
            chosen = select(Study.uid).where(Study.id == 1 + number % last)
            with self._db.write() as session:
                uid = session.scalars(chosen).one()
                session.execute(
                    update(Study)
                    .where(Study.uid == uid)
                    .values(tier=Tier.URGENT if number % 5 == 0 else Study.tier, changed_at=now())
                )
            self.committed[uid] = time.time()


def measured(house: RoomHouse, tokens: Sequence[str], chosen: argparse.Namespace) -> dict[str, Any]:
    """Let pages follow and rows change, and time what one more person sees."""
    times: dict[str, list[float]] = defaultdict(list)
    db = house.database()
    with serving(house) as services:
        visitor = Visitor(services.address, tokens[0])
        with (
            Followers(services.address, tokens[1:]) as followers,
            Changer(db, chosen.changes) as changer,
        ):
            followers.wait_until_all_follow()
            for number in range(_WARM_UP + chosen.rounds):
                for view in VIEWS:
                    taken = visitor.look(view)
                    if number >= _WARM_UP:
                        times[view].append(taken)
                    if not chosen.json:
                        print(f"{number} {view}: {1000 * taken:.1f} ms")
            delays = followers.delays(changer.committed)
            loads = followers.loads_per_second()
    db.close()
    every = sorted(value for values in times.values() for value in values)
    return {
        "page_ms": _ms(statistics.median(every)),
        "p95_ms": _ms(every[int(0.95 * (len(every) - 1))]),
        "views": {view: _ms(statistics.median(values)) for view, values in times.items()},
        "news_ms": _ms(statistics.median(delays)) if delays else None,
        "lists_per_s": round(loads, 1),
        "studies": chosen.studies,
        "followers": chosen.followers,
        "changes_per_s": chosen.changes,
        "pages": len(every),
    }


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time the worklist's page over many studies.")
    parser.add_argument("--studies", type=int, default=100_000)
    parser.add_argument("--followers", type=int, default=50)
    parser.add_argument("--changes", type=float, default=5.0, help="each second")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="of all views")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    chosen = parser.parse_args(arguments)
    forget_environment()
    with postgres() as server, tempfile.TemporaryDirectory(prefix="firstread-worklist-") as name:
        url = json.dumps(server.new_database())
        house = make_house(Path(name), more=f"[database]\nurl = {url}\n")
        tokens = [
            house.sign_in(f"reader{number}", AccountRole.RADIOLOGIST)
            for number in range(chosen.followers + 1)
        ]
        db = house.database()
        with db.read() as session:
            accounts = list(session.scalars(select(Account.id)))
        fill(db, chosen.studies, accounts)
        db.close()
        print(json.dumps(measured(house, tokens, chosen)))


if __name__ == "__main__":
    main()
