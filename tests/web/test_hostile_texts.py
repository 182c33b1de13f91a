"""Words of headers, models and persons are text on every page, whatever they say.

Every field that somebody else writes bears markup, and every page and call that shows rows is asked
for: no payload may come back as markup. That a browser runs none of it either is what the policy of
`web.headers` is for, which `test_application.py` holds.
"""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.labels import Label
from core.reading import DraftReport
from core.states import JobState
from db.accounts import add_account
from db.models import Instance, Job, Study
from db.quarantine import set_aside
from db.received import PatientFacts
from db.restrictions import restrict_study
from tests.db.builders import film, peer, read_next
from tests.web.drafts import said_of
from tests.web.room import Room
from tests.web.route_roles import WRITTEN

EVIL = "\"'><script>evil()</script><img src=x onerror=evil()>{{7*'7'}}</textarea><!--"
STUDY, FILM = "1.2.3", "1.2.3.9"
_RAW = ("<script>evil", "<img src=x", "7777777", "</textarea><!--")
_STREAMS = {"/worklist/live"}


@pytest.fixture
def hostile(room: Room) -> Room:
    """A room in which whatever others write is markup."""
    patient = PatientFacts(EVIL[:64], "HOSPITAL", EVIL[:64], "19700101", "F")
    film(room.db, room.spool, uid=FILM, study=STUDY, patient=patient)
    said = said_of(Label.EDEMA)
    findings = tuple(replace(one, sentence=EVIL) for one in said.findings)
    sentences = tuple(replace(one, text=EVIL) for one in said.sentences)
    draft = DraftReport(EVIL, EVIL)
    read_next(room.db, replace(said, findings=findings, sentences=sentences, report=draft))
    film(room.db, room.spool, study="1.2.4", patient=patient)
    temporary = room.spool.temporary()
    temporary.write_bytes(b"no object")
    set_aside(room.db, room.spool, temporary, reason=EVIL, study_uid=EVIL, calling_ae=EVIL)
    peer(room.db)
    with room.db.write() as session:
        texts = {"patient_name": EVIL, "description": EVIL, "accession": EVIL, "patient_id": EVIL}
        session.execute(update(Study).values(**texts))
        session.execute(update(Instance).where(Instance.uid != FILM).values(reason=EVIL, view=EVIL))
        session.execute(update(Job).values(error=EVIL, state=JobState.FAILED, outcome=EVIL))
        roles = list(AccountRole)
        add_account(session, "jane", person=EVIL[:60].replace("=", ""), roles=roles)
        restrict_study(session, "1.2.4", ["jane"], EVIL, actor=EVIL)
    return room


def _visitor(room: Room) -> TestClient:
    return room.visitor(*AccountRole, name="reader")


def _asked() -> list[str]:
    values = {"study_uid": STUDY, "study": STUDY, "film_uid": FILM, "instance": FILM}
    paths = []
    for line in WRITTEN:
        method, path = line.split(" ")
        if method == "GET" and path not in _STREAMS:
            paths.append(re.sub(r"\{(\w+)[^}]*\}", lambda one: values.get(one[1], "1"), path))
    return paths


def test_no_page_and_no_call_lets_words_become_markup(hostile: Room) -> None:
    visitor = _visitor(hostile)
    told = 0
    for path in _asked():
        answer = visitor.get(path)
        kind = answer.headers.get("content-type", "")
        assert answer.headers["x-content-type-options"] == "nosniff", path
        if kind.startswith("text/html"):
            assert not [raw for raw in _RAW if raw in answer.text], path
            told += "evil()" in answer.text
        elif "json" in kind:
            if "ndjson" not in kind and "jsonl" not in kind:
                json.loads(answer.text)
        else:
            assert kind.startswith(("text/plain", "image/", "application/", "multipart/")) or (
                answer.status_code >= 300
            ), (path, kind)
    assert told >= 5


def test_what_a_visitor_typed_comes_back_as_text(hostile: Room) -> None:
    visitor = _visitor(hostile)
    pages = [
        hostile.stranger().get("/sign-in", params={"next": f"/{EVIL}"}),
        hostile.stranger().post("/sign-in", data={"name": EVIL, "password": EVIL, "next": EVIL}),
        hostile.stranger().get("/sign-in/link", params={"token": EVIL, "next": f"/{EVIL}"}),
        visitor.get("/worklist", params={"flag": EVIL, "state": EVIL}),
        visitor.post("/operations/users", data={"name": EVIL, "person": EVIL, "roles": "auditor"}),
        visitor.get(f"/studies/{STUDY}", params={"film": EVIL}),
        visitor.get(f"/studies/{EVIL.replace('/', '')}"),
        visitor.post("/studies/1.2.4/break-glass", data={"reason": EVIL[:9], "next": f"/{EVIL}"}),
        visitor.get(f"/nowhere/{EVIL}"),
    ]
    for number, page in enumerate(pages):
        assert page.status_code < 500, number
        assert not [raw for raw in _RAW if raw in page.text], number
