"""Pages of operations under a person's hands: acts in two steps, told in place, and live.

Covered: changing a peer's mode by keys, an act that is refused, that a page looks anew but never
under somebody's hands, the audit's search and export. What each act does is held in `tests/web`; a
delivery that arrives in the end in `test_operations`.
"""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from core.accounts import AccountRole
from db.models import Peer
from evaluation.room.surroundings import surround
from tests.browser.conftest import Guests

_A_LOOK_MS = 6_000


@pytest.fixture
def house(guests: Guests) -> Guests:
    """A reading room with peers, results, fetches and objects that were kept aside."""
    db = guests.house.database()
    surround(db, guests.house.spool())
    db.close()
    return guests


def peers(house: Guests) -> Page:
    """Let an administrator look at the peers, in a browser whose clock the test moves."""
    visitor = house.enter("ada", AccountRole.ADMINISTRATOR)
    visitor.page.clock.install()
    return visitor.go("/operations/peers")


def card(page: Page, name: str) -> Locator:
    """Give what is shown of one peer."""
    return page.locator("section.peer").filter(has=page.get_by_role("heading", name=name))


def rename_error(house: Guests, words: str) -> None:
    """Let a peer have failed with these words."""
    db = house.house.database()
    with db.write() as session:
        session.execute(update(Peer).where(Peer.name == "archive").values(last_error=words))
    db.close()


def test_an_act_takes_two_steps_and_is_told_in_place(house: Guests) -> None:
    page = peers(house)
    pacs = card(page, "pacs")
    confirm = pacs.get_by_role("button", name="Change mode", exact=True)
    expect(confirm).to_be_hidden()
    # All of it by keys.
    pacs.locator("summary", has_text="Change mode").press("Enter")
    pacs.get_by_label("Mode", exact=True).select_option("pause")
    confirm.press("Enter")
    expect(page.locator("#said")).to_contain_text("pacs is paused")
    expect(pacs.locator(".chip", has_text="paused")).to_be_visible()
    expect(confirm).to_be_hidden()


def test_a_page_looks_anew_but_not_under_somebodys_hands(house: Guests) -> None:
    page = peers(house)
    rename_error(house, "the archive is being moved")
    page.clock.run_for(_A_LOOK_MS)
    expect(page.get_by_text("the archive is being moved")).to_be_visible()
    summary = card(page, "archive").locator("summary", has_text="Change mode")
    summary.press("Enter")
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.url))
    rename_error(house, "the archive was moved")
    page.clock.run_for(2 * _A_LOOK_MS)
    assert "/operations/peers" not in " ".join(looks)
    card(page, "archive").get_by_label("Mode", exact=True).press("Escape")
    expect(summary).to_be_focused()
    page.clock.run_for(_A_LOOK_MS)
    expect(page.get_by_text("the archive was moved")).to_be_visible()


def test_what_is_refused_says_why_in_place(house: Guests) -> None:
    visitor = house.enter("ada", AccountRole.ADMINISTRATOR)
    page = visitor.go("/operations/quarantine")
    visitor.watch.expected += ["422"]
    page.locator("summary", has_text="Discard").first.press("Enter")
    why = page.get_by_label("Why, for the audit").first
    confirm = page.get_by_role("button", name="Discard it").first
    confirm.click()
    expect(why).to_be_focused()
    why.fill("   ")
    confirm.click()
    expect(page.locator("#said")).to_contain_text("Nothing was done: discarding needs a reason")
    why.fill("sent by mistake")
    confirm.click()
    expect(page.locator("#said")).to_contain_text("was discarded")
    expect(page.get_by_role("link", name="Over (1)")).to_be_visible()


def test_an_auditor_takes_the_audit_along(house: Guests) -> None:
    page = house.enter("otto", AccountRole.AUDITOR).go("/operations/audit")
    page.get_by_label("Who").fill("ADA")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader", name="peer asked").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as JSON lines").click()
    assert '"firstread-audit-1"' in download.value.path().read_text()
