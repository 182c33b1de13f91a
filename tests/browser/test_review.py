"""The review in a browser: nothing typed is lost, nobody is overwritten, no key signs anything.

Real: the pages, Chromium, the server's process and its death. What a signature makes of results is
in test_reading.py; the viewer's part of boxes in test_viewer.py.
"""

import re
import signal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from core.accounts import AccountRole
from evaluation.room.stage import Placed
from tests.browser.conftest import Guests
from tests.browser.watched import Visitor

RADIOLOGIST = AccountRole.RADIOLOGIST
_PATIENCE = 20_000


def _open(visitor: Visitor, placed: Placed) -> Page:
    page = visitor.go(f"/studies/{placed.study_uid}")
    expect(page.locator("[data-review][data-begun]")).to_be_visible(timeout=_PATIENCE)
    return page


def _findings(page: Page) -> Locator:
    return page.locator("#edit-findings")


def _kept(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Kept at", timeout=_PATIENCE)


def test_nothing_typed_is_lost_when_the_server_dies(guests: Guests) -> None:
    visitor = guests.enter("dora", RADIOLOGIST)
    visitor.watch.expected += ["Failed to load resource"]
    page = _open(visitor, guests.study("Okafor"))
    page.keyboard.press("e")
    _findings(page).fill("Kept by the server.")
    _kept(page)
    port = urlsplit(guests.services.address).port
    guests.services.end("web", signal.SIGKILL)
    _findings(page).fill("Kept by the server. Typed while it was dead.")
    expect(page.locator("[data-saved]")).to_contain_text("no connection", timeout=_PATIENCE)
    file = guests.house.settings_file
    file.write_text(file.read_text().replace("[web]\nport = 0", f"[web]\nport = {port}"))
    guests.services.begin("web")
    _kept(page)
    # Another machine of the same person has it too.
    other = _open(guests.enter("dora", RADIOLOGIST), guests.study("Okafor"))
    expect(_findings(other)).to_have_value("Kept by the server. Typed while it was dead.")
    expect(other.locator("[data-editor]")).to_be_visible()


@pytest.mark.slow
def test_what_never_reached_the_server_outlives_a_reload(guests: Guests) -> None:
    visitor = guests.enter("dora", RADIOLOGIST)
    visitor.watch.expected += ["Failed to load resource"]
    page = _open(visitor, guests.study("Okafor"))
    page.route("**/unsigned", lambda route: route.abort())
    page.keyboard.press("e")
    _findings(page).fill("Only in this tab.")
    expect(page.locator("[data-saved]")).to_contain_text("no connection", timeout=_PATIENCE)
    page.unroute("**/unsigned")
    page.reload()
    expect(_findings(page)).to_have_value("Only in this tab.", timeout=_PATIENCE)
    _kept(page)


@pytest.mark.slow
def test_two_windows_of_one_person_are_told_and_both_texts_shown(guests: Guests) -> None:
    placed = guests.study("Okafor")
    visitor = guests.enter("dora", RADIOLOGIST)
    visitor.watch.expected += ["409 (Conflict)"]
    page, other = _open(visitor, placed), _open(guests.enter("dora", RADIOLOGIST), placed)
    other.keyboard.press("e")
    _findings(other).fill("From elsewhere.")
    _kept(other)
    page.keyboard.press("e")
    _findings(page).fill("From here.")
    dialog = page.get_by_role("dialog", name="You typed another text")
    expect(dialog).to_be_visible(timeout=_PATIENCE)
    expect(dialog).to_contain_text("From elsewhere.")
    expect(dialog).to_contain_text("From here.")
    dialog.get_by_role("button", name="Keep the one of this window").click()
    _kept(page)
    other.reload()
    expect(_findings(other)).to_have_value("From here.", timeout=_PATIENCE)


def test_two_readers_are_told_and_the_second_overwrites_nothing(guests: Guests) -> None:
    placed = guests.study("Okafor")
    first = _open(guests.enter("dora", RADIOLOGIST), placed)
    visitor = guests.enter("sam", RADIOLOGIST)
    visitor.watch.expected += ["409 (Conflict)"]
    second = _open(visitor, placed)
    expect(second.locator("[data-others]")).to_have_text(
        "Dora has this study open, too.", timeout=_PATIENCE
    )
    second.keyboard.press("e")
    _findings(second).fill("Sam's words.")
    _kept(second)
    _sign(first, "a")
    second.keyboard.press("Control+Enter")
    expect(second.locator("#announcements")).to_contain_text("another version came meanwhile")
    second.reload()
    notice = second.get_by_role("alert").filter(has_text="Version 2 by Dora came while you typed")
    expect(notice).to_be_visible(timeout=_PATIENCE)
    expect(_findings(second)).to_have_value("Sam's words.")
    expect(second.locator("[data-sign]")).to_be_disabled()
    notice.get_by_role("button", name="Go on from their version").click()
    expect(notice).to_be_hidden(timeout=_PATIENCE)
    second.locator("[data-sign]").click()
    dialog = second.get_by_role("dialog", name="Sign your report")
    expect(dialog).to_contain_text("version 2 by Dora")
    _confirm(dialog)
    expect(second.get_by_role("heading", name="Written by Sam")).to_be_visible(timeout=_PATIENCE)


def _sign(page: Page, key: str) -> None:
    page.keyboard.press(key)
    _confirm(page.locator("[data-sign-dialog]"))
    expect(page.get_by_text("verified", exact=True)).to_be_visible(timeout=_PATIENCE)


def _confirm(dialog: Locator) -> None:
    expect(dialog).to_be_visible(timeout=_PATIENCE)
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Sign", exact=True).click()


def test_no_single_key_signs_or_rejects(guests: Guests) -> None:
    page = _open(guests.enter("dora", RADIOLOGIST), guests.study("Okafor"))
    for key in ("a", "x"):
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible(timeout=_PATIENCE)
        page.keyboard.press("Enter")
        if page.locator("dialog[open]").count():
            page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name="AI draft")).to_be_visible()
    page.reload()
    expect(page.get_by_text("not reviewed by anybody")).to_be_visible(timeout=_PATIENCE)


@pytest.mark.slow
def test_a_draft_is_rejected_with_a_reason(guests: Guests) -> None:
    page = _open(guests.enter("dora", RADIOLOGIST), guests.study("Okafor"))
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog", name="Reject this draft")
    dialog.get_by_label("It could have harmed").check()
    dialog.get_by_label("Reason").fill("The wrong side")
    dialog.get_by_role("button", name="Reject the draft").click()
    expect(page.get_by_text("The draft was rejected, and stays so")).to_be_visible(
        timeout=_PATIENCE
    )
    page.get_by_text("About this draft").click()
    expect(page.get_by_text("Dora · rejected: The wrong side")).to_be_visible()


@pytest.mark.slow
def test_findings_and_sentences_lead_to_each_other_by_keys(guests: Guests) -> None:
    page = _open(guests.enter("dora", RADIOLOGIST), guests.study("Okafor"))
    page.keyboard.press("f")
    page.keyboard.press("f")
    chosen = page.locator(".finding.chosen")
    expect(chosen.locator("[data-choose]")).to_have_text("Edema")
    expect(page.locator(".sentence.chosen")).to_have_text("Bilateral edema is seen.")
    page.get_by_role("link", name="Right pleural effusion is seen.").click()
    expect(chosen.locator("[data-choose]")).to_have_text("Pleural effusion")
    page.keyboard.press("w")
    expect(chosen.get_by_text("you: wrong")).to_be_visible(timeout=_PATIENCE)
    chosen.get_by_label("Note on it").fill("It is fat")
    page.keyboard.press("Tab")
    page.reload()
    expect(page.get_by_text("you: wrong")).to_be_visible(timeout=_PATIENCE)
    page.get_by_role("button", name="Pleural effusion").click()
    expect(page.get_by_label("Note on it").and_(page.locator(":visible"))).to_have_value(
        "It is fat"
    )


@pytest.mark.slow
def test_what_the_model_missed_is_added_with_a_box(guests: Guests) -> None:
    page = _open(guests.enter("dora", RADIOLOGIST), guests.study("Okafor"))
    page.get_by_text("Add what the model missed").click()
    page.get_by_label("What", exact=True).select_option("fracture")
    page.evaluate(
        """document.body.addEventListener("firstread:draw-box", () => document.body.dispatchEvent(
            new CustomEvent("firstread:box-drawn",
                { detail: { box: { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 } } })), { once: true })"""
    )
    page.locator("[data-draw]").click()
    expect(page.get_by_text("Box: 10 to 30 % across, 20 to 40 % down")).to_be_visible()
    page.get_by_role("button", name="Add it").click()
    added = page.locator(".finding.added")
    expect(added).to_contain_text("added by Dora", timeout=_PATIENCE)
    added.get_by_role("button", name="Fracture").click()
    added.get_by_role("button", name="Take it back").click()
    expect(added).to_have_count(0, timeout=_PATIENCE)


@pytest.mark.slow
def test_a_sentence_of_the_talk_comes_to_the_cursor(guests: Guests) -> None:
    page = _open(guests.enter("dora", RADIOLOGIST), guests.study("Okafor"))
    page.keyboard.press("e")
    _findings(page).fill("First.")
    page.evaluate(
        """document.body.dispatchEvent(new CustomEvent("firstread:insert-text",
            { detail: { text: "Second." } }))"""
    )
    expect(_findings(page)).to_have_value(re.compile(r"^First\. Second\. $"))
    _kept(page)
