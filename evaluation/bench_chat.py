"""From a question to the first words of its answer, while a worker reads film after film.

    python -m evaluation.bench_chat --json

The reading room's pages and one worker, each a process, in embedded form with the demonstration
model and a queue of phantom films that does not end while it is measured. A radiologist's program
asks about one film, turn after turn, over HTTP, and follows the answers. What counts is the time
from sending the question to the first words in the stream: the ring, the token at which the reading
is interrupted, the claim, the model, the commit of the words, and the look that finds them. The
first question encodes the film.

The last line is one JSON object:

- `first_words_p50_ms`, `first_words_p95_ms`, `first_words_most_ms`;
- `whole_p50_ms`: to the end of the answer;
- `questions`, `films_meanwhile`: how many films were read in between;
- `device`, `model`.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import func, select

from core.accounts import AccountRole
from core.clock import now
from core.errors import FirstReadError
from core.policy_toml import built_in
from core.states import FilmState
from db.accounts import add_account
from db.api_tokens import make_token
from db.engine import Database
from db.intake import take_in
from db.models import Instance, Study, WorkerRow
from db.spool import Spool
from evaluation.room.house import Services, make_house, serving
from evaluation.servers.waiting import wait_for
from gateway.eligibility import decide
from gateway.headers import received_object
from training.phantom import sample
from training.phantom_dicom import drawn_form, film_dataset

_QUESTIONS: Final = 20
_QUEUE: Final = 60
_SEED: Final = 88
_SIDE: Final = 640
_PATIENCE_SECONDS: Final = 240.0
_OF_ONE_PERSON: Final = 10
"""Questions: fewer than one person may ask within a minute."""
_ASKED: Final = ("Is there cardiomegaly?", "Is there anything else?", "What is your impression?")


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that asks about one film.

    Parameters
    ----------
    place
        Host and port of the pages.
    token
        A radiologist's.
    talk
        Address of the calls about the film.
    """

    place: str
    token: str
    talk: str

    def ask(self, question: str) -> tuple[float, float]:
        """Ask, and follow the answer; give the seconds to its first words and to its end."""
        began = time.perf_counter()
        turn = json.loads(self._call("POST", "/turns", {"question": question}).read())["id"]
        stream = self._call("GET", f"/turns/{turn}/events")
        first = 0.0
        for line in stream:
            if line.startswith(b"event: text") and not first:
                first = time.perf_counter() - began
            elif line.startswith(b"event: end"):
                return first, time.perf_counter() - began
        message = f"question {turn} had no answer"
        raise FirstReadError(message)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> HTTPResponse:
        line = HTTPConnection(self.place, timeout=_PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        line.request(method, self.talk + path, json.dumps(body) if body else None, headers)
        answer = line.getresponse()
        if answer.status >= 400:  # noqa: PLR2004 - errors of HTTP begin here
            message = f"{method} {path} was answered {answer.status}: {answer.read()!r}"
            raise FirstReadError(message)
        return answer


def measured(folder: Path, questions: int) -> dict[str, Any]:
    """Ask so many questions while films are read, and measure.

    Raises
    ------
    FirstReadError
        If a question has no answer, or the queue of films ended before the last one.
    """
    house = make_house(folder / "house")
    db, spool = house.database(), house.spool()
    try:
        _queue(db, spool, range(1))
        with serving(house, "worker") as services:
            wait_for(lambda: _read(db) == 1, _PATIENCE_SECONDS, "the first film's reading")
            _queue(db, spool, range(1, _QUEUE))
            persons = [
                _caller(db, services, number) for number in range(-(-questions // _OF_ONE_PERSON))
            ]
            before = _read(db)
            times = [
                persons[number // _OF_ONE_PERSON].ask(_ASKED[number % len(_ASKED)])
                for number in range(questions)
            ]
            read = _read(db)
            if read >= _QUEUE:
                message = f"all {_QUEUE} films were read before the last question"
                raise FirstReadError(message)
            return _summary(times) | {"films_meanwhile": read - before, **_worker(db)}
    finally:
        db.close()


def _queue(db: Database, spool: Spool, numbers: range) -> None:
    """Take phantom films in, to be read."""
    for number in numbers:
        phantom = sample(seed=_SEED, index=number, findings=())
        film = film_dataset(phantom, drawn_form(phantom, _SIDE), now())
        temporary = spool.temporary()
        film.save_as(temporary, enforce_file_format=True)
        received = received_object(
            film, temporary, calling_ae="XRAY_ROOM", called_ae="FIRSTREAD", zone=UTC
        )
        take_in(db, spool, received, decide(film, built_in(), now()), _never_same)


def _never_same(_first: Path, _second: Path) -> bool:
    return False


def _read(db: Database) -> int:
    with db.read() as session:
        films = select(func.count()).select_from(Instance).where(Instance.state == FilmState.READ)
        return session.scalars(films).one()


def _caller(db: Database, services: Services, number: int) -> Caller:
    """Enter a person with a token, who is to ask about the film that was read first."""
    with db.write() as session:
        account = add_account(
            session, f"person{number}", person="Made Up", roles=(AccountRole.RADIOLOGIST,)
        )
        session.flush()
        token = make_token(session, account, "benchmark", actor="benchmark")
        study, film = session.execute(
            select(Study.uid, Instance.uid)
            .join(Instance, Instance.study_id == Study.id)
            .where(Instance.state == FilmState.READ)
            .order_by(Instance.id)
            .limit(1)
        ).one()
    place = urlsplit(services.address).netloc
    return Caller(place, token, f"/api/v1/studies/{study}/films/{film}/chat")


def _summary(times: Sequence[tuple[float, float]]) -> dict[str, Any]:
    first = [1000 * seconds for seconds, _ in times]
    return {
        "first_words_p50_ms": round(statistics.median(first), 1),
        "first_words_p95_ms": round(statistics.quantiles(first, n=20, method="inclusive")[-1], 1),
        "first_words_most_ms": round(max(first), 1),
        "whole_p50_ms": round(1000 * statistics.median(whole for _, whole in times), 1),
        "questions": len(times),
    }


def _worker(db: Database) -> dict[str, str]:
    with db.read() as session:
        row = session.scalars(select(WorkerRow)).one()
        return {"device": row.device, "model": row.model_name}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time questions in the middle of readings.")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--questions", type=int, default=_QUESTIONS, help="at least 2")
    chosen = parser.parse_args(arguments)
    if chosen.questions < 2:  # noqa: PLR2004 - a quantile needs two
        parser.error("at least two questions")
    with tempfile.TemporaryDirectory(prefix="firstread-chat-") as name:
        found = measured(Path(name), chosen.questions)
    if not chosen.json:
        for key, value in found.items():
            print(f"{key}: {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
