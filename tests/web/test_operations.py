"""Pages of operations: what they show of what is stored, and that they show no patients.

Covered: each page with rows in every state, its filters, its pages, and who may see it. What is
done on them is in `test_operations_acts.py`, the audit in `test_audit_page.py`.
"""

from datetime import timedelta

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from core.accounts import AccountRole
from core.clock import now
from core.states import DeliveryState, FilmState, JobState, Purpose, SendingMode
from db.models import Delivery, Instance, Job, Peer, Retrieval
from db.quarantine import set_aside
from db.retrievals import Wish, ask
from db.workers import SignOfLife, Vitals, sign_of_life
from tests.db.builders import (
    built,
    claim_draft,
    film,
    peer,
    publish,
    read_next,
    reading,
    received,
)
from tests.web.room import Room

PAGES = (
    "/operations",
    "/operations/peers",
    "/operations/queues",
    "/operations/deliveries",
    "/operations/kept-back",
    "/operations/quarantine",
    "/operations/retrievals",
    "/operations/workers",
)


@pytest.fixture
def visitor(room: Room) -> TestClient:
    """An administrator."""
    return room.visitor(AccountRole.ADMINISTRATOR, name="ada")


def delivered(room: Room, **values: object) -> None:
    """Let a result be on its way to a peer, with these columns."""
    film(room.db, room.spool)
    said = reading()
    version = read_next(room.db, said)
    publish(room.db, built(room.spool, said, version, peer(room.db)))
    with room.db.write() as session:
        session.execute(update(Delivery).values(**values))


def aside(room: Room, reason: str) -> None:
    """Keep an object aside."""
    temporary = received(room.spool, content=reason.encode()).temporary
    set_aside(room.db, room.spool, temporary, reason=reason, study_uid="1.2", calling_ae="MOBILE")


def words(visitor: TestClient, path: str) -> str:
    """Give the text of a page, with one plain blank for every run of them."""
    answer = visitor.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_an_empty_installation_has_every_page(visitor: TestClient) -> None:
    for path in PAGES:
        assert f'href="{path}" aria-current="page"' in words(visitor, path)


def test_pages_show_no_patient_and_escape_what_came_from_outside(
    room: Room, visitor: TestClient
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    delivered(room, state=DeliveryState.FAILED, words=hostile)
    aside(room, hostile)
    with room.db.write() as session:
        session.execute(update(Peer).values(last_error=hostile, failures=2))
        session.execute(update(Instance).values(state=FilmState.FAILED, reason=hostile))
        session.execute(update(Job).values(error=hostile, state=JobState.FAILED))
    for path in PAGES:
        shown = words(visitor, path)
        assert "DOE" not in shown
        assert "<img" not in shown
        assert path in {"/operations/retrievals", "/operations/workers"} or "&lt;img" in shown


def test_the_overview_says_what_is_wrong_the_worst_first(room: Room, visitor: TestClient) -> None:
    delivered(room, state=DeliveryState.FAILED, words="0xA900")
    aside(room, "torn")
    with room.db.write() as session:
        session.execute(update(Instance).values(state=FilmState.FAILED, reason="no sense"))
        session.execute(
            update(Peer).values(mode=SendingMode.PAUSE, mode_changed_at=now(), failures=0)
        )
    shown = words(visitor, "/operations")
    found = [
        "No worker is alive: nothing is read.",
        "1 film failed and has no reading.",
        "pacs refused 1 result for good.",
        "1 object is in quarantine.",
        "pacs is paused since",
    ]
    places = [shown.index(one) for one in found]
    assert places == sorted(places)
    assert "Nothing stands still" not in shown


def test_the_overview_says_where_all_is_well(room: Room, visitor: TestClient) -> None:
    sign_of_life(room.db, SignOfLife("gpu:1", 1, device="cuda:0"))
    assert "Nothing stands still, nothing failed." in words(visitor, "/operations")


def test_films_that_wait_too_long_are_told_of(room: Room, visitor: TestClient) -> None:
    sign_of_life(room.db, SignOfLife("gpu:1", 1))
    film(room.db, room.spool)
    assert "waits for a worker" not in words(visitor, "/operations")
    with room.db.write() as session:
        session.execute(update(Job).values(due_at=now() - timedelta(minutes=11)))
    assert "1 film waits for a worker, the oldest for 11 min." in words(visitor, "/operations")


def test_peers_show_their_words_and_what_waits(room: Room, visitor: TestClient) -> None:
    delivered(room, state=DeliveryState.WAITING)
    with room.db.write() as session:
        session.execute(update(Peer).values(failures=3, last_error="connection refused"))
    shown = words(visitor, "/operations/peers")
    assert "failed 3 times" in shown
    assert "connection refused" in shown
    assert "the oldest for" in shown
    assert 'action="/operations/peers/mode"' in shown


def test_jobs_are_shown_by_state_kind_and_study(room: Room, visitor: TestClient) -> None:
    film(room.db, room.spool, study="1.2.3")
    film(room.db, room.spool, study="1.2.4")
    with room.db.write() as session:
        session.execute(update(Job).where(Job.id == 1).values(state=JobState.FAILED, error="torn"))
    shown = words(visitor, "/operations/queues")
    assert "torn" in shown
    assert shown.index('id="job-1"') < shown.index('id="job-2"')
    assert 'id="job-2"' not in words(visitor, "/operations/queues?state=failed")
    assert 'id="job-1"' not in words(visitor, "/operations/queues?study=1.2.4")
    assert 'id="job-1"' not in words(visitor, "/operations/queues?kind=chat")


def test_a_filter_that_makes_no_sense_is_refused(visitor: TestClient) -> None:
    assert visitor.get("/operations/queues?state=lost").status_code == 422
    assert visitor.get("/operations/deliveries?page=0").status_code == 422


def test_deliveries_are_those_that_are_not_done_unless_asked_for(
    room: Room, visitor: TestClient
) -> None:
    delivered(room, state=DeliveryState.SENT, words="0x0000 Success")
    assert "0 deliveries" in words(visitor, "/operations/deliveries")
    for query in ("state=sent", "state=all", "study=1.2.3", "state=all&peer=pacs"):
        assert "1 delivery<" in words(visitor, f"/operations/deliveries?{query}")
    for query in ("state=all&peer=other", "study=1.2.9"):
        assert "0 deliveries" in words(visitor, f"/operations/deliveries?{query}")


def test_long_lists_have_pages(room: Room, visitor: TestClient) -> None:
    for number in range(51):
        aside(room, f"torn in place {number}")
    first = words(visitor, "/operations/quarantine")
    assert "To decide (51)" in first
    assert 'rel="next" href="?page=2"' in first
    assert 'rel="prev"' not in first
    second = words(visitor, "/operations/quarantine?page=2")
    assert second.count("torn in place") == 1
    assert 'rel="prev" href="?"' in second


def test_films_without_a_reading_are_counted_by_their_reasons(
    room: Room, visitor: TestClient
) -> None:
    for _ in range(2):
        film(room.db, room.spool)
    film(room.db, room.spool, purpose=Purpose.PRIOR)
    with room.db.write() as session:
        session.execute(update(Instance).values(state=FilmState.NOT_READ, reason="a lateral"))
    shown = words(visitor, "/operations/kept-back")
    assert '<th scope="row" class="words">a lateral</th><td class="number">2</td>' in shown
    assert shown.count("a lateral") == 3
    assert words(visitor, "/operations/kept-back?state=failed").count("a lateral") == 1


def test_fetches_show_what_came_and_why_not(room: Room, visitor: TestClient) -> None:
    number = peer(room.db)
    with room.db.write() as session:
        ask(session, Wish(number, "1.2.9", Purpose.AUDIT, "autumn"), actor="ada")
        session.execute(update(Retrieval).values(state=JobState.FAILED, error="0xA801"))
    shown = words(visitor, "/operations/retrievals")
    assert "audit, autumn" in shown
    assert "0xA801" in shown
    assert "failed (1)" in shown
    assert "0xA801" not in words(visitor, "/operations/retrievals?state=done")


def test_workers_show_model_memory_and_what_they_have_in_hand(
    room: Room, visitor: TestClient
) -> None:
    film(room.db, room.spool)
    held = claim_draft(room.db)
    sign = SignOfLife("gpu-1:x", 7, "1.2.3.4", "cuda:0", "RadVLM 1")
    vitals = Vitals(40, 30, 8 << 30, 80 << 30)
    sign_of_life(room.db, sign, job_id=held.job_id, progress="report", vitals=vitals)
    shown = words(visitor, "/operations/workers")
    assert "RadVLM 1" in shown
    assert "8 GiB of 80 GiB" in shown
    assert "reading of a film: report" in shown
    assert "alive" in shown
    assert "% used" in shown
