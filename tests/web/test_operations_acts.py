"""What is done on the pages of operations and by their API: done, told, refused in words, audited.

Covered: each act by both ways. What an act does further is held where it is done (`tests/db`), what
the gateway makes of an errand in `tests/gateway`, the two steps of an act in `tests/browser`.
"""

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.states import (
    DeliveryState,
    JobKind,
    JobState,
    Purpose,
    QuarantineDecision,
    SendingMode,
)
from db.models import AuditAction, AuditEvent, Delivery, Job, Peer, Quarantine, Recall, Retrieval
from db.quarantine import set_aside
from db.retrievals import Wish, ask
from tests.db.builders import built, film, peer, publish, read_next, reading, received
from tests.web.room import Room

IN_PLACE = {"hx-request": "true"}
STUDY = "1.2.3"
API = "/api/v1/operations"


@pytest.fixture
def visitor(room: Room) -> TestClient:
    """An administrator of a room with a peer that refused a result."""
    film(room.db, room.spool)
    said = reading()
    version = read_next(room.db, said)
    number = peer(room.db, takes_rejections=True)
    publish(room.db, built(room.spool, said, version, number))
    with room.db.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.FAILED, status=0xA900))
        ask(session, Wish(number, "1.2.9", Purpose.AUDIT, "autumn"), actor="test")
        session.execute(update(Retrieval).values(state=JobState.FAILED))
    temporary = received(room.spool).temporary
    set_aside(room.db, room.spool, temporary, reason="torn", calling_ae="MOBILE")
    return room.visitor(AccountRole.ADMINISTRATOR, name="ada")


def last_event(room: Room) -> tuple[AuditAction, str]:
    """Give what was last noted in the audit, and of whom."""
    with room.db.read() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    return event.action, event.actor


def done(visitor: TestClient, path: str, **fields: object) -> str:
    """Do something in place, and give what is told."""
    answer = visitor.post(f"/operations/{path}", data=fields, headers=IN_PLACE)
    assert answer.status_code == 200
    assert answer.headers["hx-trigger"] == "firstread:changed"
    assert "<html" not in answer.text
    return " ".join(answer.text.split())


def refused(visitor: TestClient, path: str, **fields: object) -> str:
    """Try something in place that is refused, and give what is told."""
    answer = visitor.post(f"/operations/{path}", data=fields, headers=IN_PLACE)
    assert answer.status_code == 422
    assert "hx-trigger" not in answer.headers
    return " ".join(answer.text.split())


def test_a_peers_mode(room: Room, visitor: TestClient) -> None:
    assert "pacs is paused" in done(visitor, "peers/mode", peer="pacs", wanted="pause")
    assert last_event(room) == (AuditAction.PEER_MODE_CHANGED, "ada")
    assert "in that mode already" in done(visitor, "peers/mode", peer="pacs", wanted="pause")
    assert "no peer is called x" in refused(visitor, "peers/mode", peer="x", wanted="send")
    answer = visitor.post(f"{API}/peers/mode", json={"peer": "pacs", "mode": "drain"})
    assert answer.json() == {"before": "pause", "after": "drain"}
    with room.db.read() as session:
        assert session.scalars(select(Peer.mode)).one() is SendingMode.DRAIN


def test_an_echo(room: Room, visitor: TestClient) -> None:
    assert "pacs is being asked" in done(visitor, "peers/echo", peer="pacs")
    assert last_event(room) == (AuditAction.PEER_ASKED, "ada")
    assert "under way already" in refused(visitor, "peers/echo", peer="pacs")
    assert "being asked" in visitor.get("/operations/peers").text
    answer = visitor.post(f"{API}/peers/echo", json={"peer": "pacs"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "the same is under way already")


def test_what_was_refused_goes_again(room: Room, visitor: TestClient) -> None:
    told = done(visitor, "peers/send-again", peer="pacs")
    assert "1 result waits to be sent to pacs once more." in told
    assert last_event(room) == (AuditAction.DELIVERIES_RESENT, "ada")
    with room.db.read() as session:
        assert session.scalars(select(Delivery.state)).one() is DeliveryState.WAITING
    answer = visitor.post(f"{API}/deliveries/send-again", json={"peer": "pacs"})
    assert answer.json() == {"again": 0, "overtaken": 0, "removed": 0}


def test_a_study_goes_again(visitor: TestClient) -> None:
    assert "1 result waits" in done(visitor, "deliveries/send-again", peer="pacs", study=STUDY)
    told = refused(visitor, "deliveries/send-again", peer="pacs", study="1.2.99")
    assert "nothing of study 1.2.99 ever came in" in told
    wish = {"peer": "pacs", "study": STUDY}
    assert visitor.post(f"{API}/deliveries/send-again", json=wish).json()["again"] == 0


def test_a_study_is_taken_back_with_a_reason(room: Room, visitor: TestClient) -> None:
    fields = {"peer": "pacs", "study": STUDY}
    assert "needs a reason" in refused(visitor, "deliveries/retract", **fields, reason=" ")
    with room.db.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT))
    told = done(visitor, "deliveries/retract", **fields, reason="another patient")
    assert "1 that pacs has is taken back" in told
    assert last_event(room) == (AuditAction.RESULTS_RECALLED, "ada")
    with room.db.read() as session:
        assert session.scalars(select(Recall.reason)).one() == "another patient"
    answer = visitor.post(f"{API}/deliveries/retract", json={**fields, "reason": "again"})
    assert answer.json() == {"kept_back": 0, "there": 1}


def test_a_job_is_called_off_and_tried_anew(room: Room, visitor: TestClient) -> None:
    film(room.db, room.spool, study="1.2.4")
    with room.db.read() as session:
        drafts = select(Job.id).where(Job.kind == JobKind.DRAFT, Job.state == JobState.WAITING)
        job = session.scalars(drafts).one()
    assert f"Job {job} was called off." in done(visitor, "jobs/cancel", job=job)
    assert last_event(room) == (AuditAction.JOB_CANCELLED, "ada")
    assert f"Job {job} is tried anew." in done(visitor, "jobs/retry", job=job)
    assert last_event(room) == (AuditAction.JOB_RETRIED, "ada")
    assert "only one that failed" in refused(visitor, "jobs/retry", job=job)
    assert visitor.post(f"{API}/jobs/{job}/cancel").status_code == 204
    assert visitor.post(f"{API}/jobs/{job}/retry").status_code == 204
    assert visitor.post(f"{API}/jobs/9999/retry").status_code == 422


def test_a_fetch_is_tried_anew(room: Room, visitor: TestClient) -> None:
    assert "Fetch 1 is tried anew." in done(visitor, "retrievals/retry", number=1)
    assert last_event(room) == (AuditAction.RETRIEVAL_ASKED, "ada")
    assert "only one that failed" in refused(visitor, "retrievals/retry", number=1)
    assert visitor.post(f"{API}/retrievals/7/retry").status_code == 422


def test_an_object_is_taken_in_or_discarded(room: Room, visitor: TestClient) -> None:
    assert "Object 1 is being taken in" in done(visitor, "quarantine/release", number=1)
    assert last_event(room) == (AuditAction.RELEASE_ASKED, "ada")
    assert "being taken in" in refused(visitor, "quarantine/discard", number=1, why="noise")
    with room.db.write() as session:
        session.execute(update(Job).values(state=JobState.DONE))
    assert "needs a reason" in refused(visitor, "quarantine/discard", number=1, why="")
    assert "Object 1 was discarded." in done(visitor, "quarantine/discard", number=1, why="noise")
    assert last_event(room) == (AuditAction.OBJECT_DISCARDED, "ada")
    with room.db.read() as session:
        assert session.scalars(select(Quarantine.decision)).one() is QuarantineDecision.DISCARDED
    assert visitor.post(f"{API}/quarantine/1/release").status_code == 422
    answer = visitor.post(f"{API}/quarantine/1/discard", json={"why": "noise"})
    assert answer.json()["detail"] == "object 1 was discarded by ada"


def test_without_a_script_an_act_leads_back_or_to_what_went_wrong(visitor: TestClient) -> None:
    done_ = visitor.post("/operations/peers/mode", data={"peer": "pacs", "wanted": "pause"})
    assert (done_.status_code, done_.headers["location"]) == (303, "/operations/peers")
    wrong = visitor.post("/operations/peers/mode", data={"peer": "x", "wanted": "pause"})
    assert wrong.status_code == 422
    assert "no peer is called x" in wrong.text


def test_programs_look_at_the_same(visitor: TestClient) -> None:
    for path, number in (
        ("peers", 1),
        ("queues", len(JobKind)),
        ("jobs", 0),
        ("jobs?state=done", 2),
        ("deliveries", 1),
        ("deliveries?state=sent", 0),
        ("kept-back?days=30", 0),
        ("kept-back/reasons", 0),
        ("quarantine", 1),
        ("quarantine?decided=true", 0),
        ("retrievals?state=failed", 1),
        ("workers", 0),
    ):
        answer = visitor.get(f"{API}/{path}")
        assert (path, answer.status_code, len(answer.json())) == (path, 200, number)
        assert "DOE" not in answer.text
    matters = [one["matter"] for one in visitor.get(f"{API}/overview").json()["attention"]]
    assert {"no_worker", "deliveries_failed", "quarantined", "retrievals_failed"} <= set(matters)


def test_programs_are_told_what_is_wrong_with_a_wish(visitor: TestClient) -> None:
    for wish in ({}, {"peer": "pacs", "mode": "stop"}, {"peer": "p", "mode": "send", "x": 1}):
        answer = visitor.post(f"{API}/peers/mode", json=wish)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
    assert visitor.get(f"{API}/jobs?limit=501").status_code == 422
