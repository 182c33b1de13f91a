"""An administrator in a browser: a delivery that a peer refused for good is sent again and arrives.

Real: the pages, Chromium, the delivery's process, associations. What else operations can do is
tested without a browser, in tests/web.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from pynetdicom import evt
from sqlalchemy import select

from core.accounts import AccountRole
from core.states import DeliveryState
from db.models import Study
from tests.browser.conftest import Guests
from tests.gateway.edge import add_peer
from tests.gateway.outgoing import ResultPeer, accept_all, deliveries
from tests.waiting import wait_until

_DOES_NOT_MATCH = 0xA900
_PATIENCE = 30_000


@pytest.fixture
def beside() -> tuple[str, ...]:
    return ("deliver",)


@pytest.fixture
def refusing() -> Iterator[ResultPeer]:
    """An archive that refuses every object for good."""

    def refuse(_event: evt.Event) -> int:
        return _DOES_NOT_MATCH

    with ResultPeer(refuse) as peer:
        yield peer


def test_a_refused_delivery_is_sent_again(guests: Guests, refusing: ResultPeer) -> None:
    db = guests.house.database()
    add_peer(db, "testpacs", port=refusing.port, takes_results=True, accepts_demo=True)
    study = guests.study("Marsh").study_uid
    with db.read() as session:
        study_id = session.scalars(select(Study.id).where(Study.uid == study)).one()
    wait_until(
        lambda: (
            [one.result.study_id for one in deliveries(db, DeliveryState.FAILED)].count(study_id)
            == 3
        ),
        60,
    )
    page = guests.enter("cruiz", AccountRole.ADMINISTRATOR).go("/operations")
    page.get_by_role("link", name="testpacs refused").click()
    page.get_by_label("Study Instance UID").fill(study)
    page.get_by_role("button", name="Show", exact=True).click()
    row = page.get_by_role("row").filter(has_text="0xA900").first
    expect(row).to_contain_text("failed")

    refusing.answer = accept_all
    row.get_by_text("Send again…").click()
    page.get_by_role("button", name="Send again", exact=True).first.click()
    # Other studies' results may still be on their way: they are taken from now on, too.
    wait_until(lambda: study in {dataset.StudyInstanceUID for dataset in refusing.stored}, 60)
    page.get_by_label("State").select_option("sent")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="sent").first).to_be_visible(timeout=_PATIENCE)
    db.close()
