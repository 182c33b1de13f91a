"""The worklist in Chromium: keys, filters in the address, what is searched for, live lists.

What the lists say is in tests/web/test_worklist.py; the news themselves in
tests/web/test_worklist_live.py. axe looks at it in test_axe.py.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from core.accounts import AccountRole
from core.triage import Tier
from db.models import Study
from tests.browser.conftest import Guests

RADIOLOGIST = AccountRole.RADIOLOGIST
_PATIENCE = 20_000


def _names(page: Page, within: str = ".worklist") -> list[str]:
    return page.locator(f"{within} a.open-study").all_inner_texts()


def test_one_goes_through_the_list_by_keys(guests: Guests) -> None:
    page = guests.enter("dora", RADIOLOGIST).go("/worklist")
    names = _names(page)
    assert names[0].startswith("Marsh")
    page.keyboard.press("j")
    expect(page.locator("a.open-study:focus")).to_have_text(names[0])
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    expect(page.locator("a.open-study:focus")).to_have_text(names[1])
    page.keyboard.press("/")
    expect(page.locator("#worklist-text")).to_be_focused()
    # Letters are letters there.
    page.keyboard.type("j")
    expect(page.locator("#worklist-text")).to_have_value("j")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/studies/"))
    expect(page.locator("h1")).to_contain_text("Marsh")
    # And on, in the list's order.
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text(names[1].split(",")[0])


def test_filters_stay_in_the_address_and_a_search_behind_it(guests: Guests) -> None:
    visitor = guests.enter("dora", RADIOLOGIST)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    page = visitor.go("/worklist")
    page.get_by_label("Tier").select_option("raised")
    page.wait_for_url(re.compile(r"\?tier=raised$"))
    assert "Marsh, Edith" not in _names(page)
    page.reload()
    expect(page.get_by_label("Tier")).to_have_value("raised")
    page.get_by_role("link", name="Clear").click()
    page.get_by_label("Patient or accession").fill("tran")
    page.keyboard.press("Enter")
    expect(page.locator("a.open-study")).to_have_text(["Tran, Bao"])
    assert page.url.endswith("/worklist#text=tran")
    page.reload()
    expect(page.locator("a.open-study")).to_have_text(["Tran, Bao"])
    page.go_back()
    expect(page.get_by_label("Patient or accession")).to_have_value("")
    expect(page.locator(".worklist a.open-study").first).to_have_text("Marsh, Edith")
    assert not [url for url in asked if "tran" in url.partition("#")[0].lower()]


def test_a_study_that_rises_comes_up_and_the_focus_stays(guests: Guests) -> None:
    page = guests.enter("dora", RADIOLOGIST).go("/worklist")
    for _ in range(3):
        page.keyboard.press("j")
    focused = page.locator("a.open-study:focus").inner_text()
    last = _names(page)[-1]
    _change(guests, last, tier=Tier.URGENT)
    expect(page.locator(".worklist tr.tier-urgent a.open-study")).to_contain_text(
        [last], timeout=_PATIENCE
    )
    expect(page.locator("a.open-study:focus")).to_have_text(focused)
    expect(page.locator("#announcements")).to_contain_text(last)


def test_who_opens_a_study_is_seen_by_others(guests: Guests) -> None:
    page = guests.enter("dora", RADIOLOGIST).go("/worklist")
    placed = guests.study("Marsh")
    guests.enter("eve", RADIOLOGIST).go(f"/studies/{placed.study_uid}")
    row = page.locator(f'tr[data-study="{placed.study_uid}"]')
    expect(row.locator(".person")).to_contain_text("Eve", timeout=_PATIENCE)


def test_a_page_that_nobody_sees_asks_for_no_news_and_is_right_when_it_is_seen(
    guests: Guests,
) -> None:
    page = guests.enter("dora", RADIOLOGIST).go("/worklist")
    expect(page.locator("#worklist-trouble")).to_be_hidden()
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    with page.expect_event(
        "requestfailed", lambda request: "/worklist/live" in request.url, timeout=_PATIENCE
    ):
        page.evaluate(f"({hide})(true)")
    last = _names(page)[-1]
    _change(guests, last, tier=Tier.URGENT)
    page.evaluate(f"({hide})(false)")
    expect(page.locator(".worklist tr.tier-urgent a.open-study")).to_contain_text(
        [last], timeout=_PATIENCE
    )


@pytest.mark.slow
def test_a_server_that_is_gone_is_told_and_so_is_its_return(guests: Guests) -> None:
    visitor = guests.enter("dora", RADIOLOGIST)
    visitor.watch.expected += ["Failed to load resource", "net::ERR"]
    page = visitor.go("/worklist")
    expect(page.locator("#worklist-trouble")).to_be_hidden()
    port = guests.services.address.rpartition(":")[2]
    guests.services.end("web")
    expect(page.locator("#worklist-trouble")).to_contain_text("lost", timeout=_PATIENCE)
    file = guests.house.settings_file
    file.write_text(file.read_text().replace("[web]\nport = 0", f"[web]\nport = {port}"))
    guests.services.begin("web")
    expect(page.locator("#worklist-trouble")).to_be_hidden(timeout=_PATIENCE)


def _change(guests: Guests, name: str, **values: object) -> None:
    family = name.split(",", maxsplit=1)[0]
    db = guests.house.database()
    with db.write() as session:
        study = session.query(Study).filter(Study.patient_name.startswith(f"{family}^")).one()
        for column, value in values.items():
            setattr(study, column, value)
    db.close()
