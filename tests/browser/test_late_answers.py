"""Answers that come late, or never: what is typed meanwhile stays, and what was shown is signed.

Real: the pages, Chromium, the server. Held back or lost on their way: single answers.
"""

import re

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from core.accounts import AccountRole
from tests.browser.conftest import Guests

_PATIENCE = 20_000
_PANEL = re.compile(r"^(?!.*/api/).*/review$")


def _open(guests: Guests) -> Page:
    visitor = guests.enter("dora", AccountRole.RADIOLOGIST)
    page = visitor.go(f"/studies/{guests.study('Okafor').study_uid}")
    _begun(page)
    return page


def _begun(page: Page) -> None:
    expect(page.locator("[data-review][data-begun]")).to_be_visible(timeout=_PATIENCE)


def _findings(page: Page) -> Locator:
    return page.locator("#edit-findings")


def _typed(page: Page, text: str) -> None:
    page.keyboard.press("e")
    _findings(page).fill(text)
    page.keyboard.press("Control+End")


def _kept(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Kept at", timeout=_PATIENCE)


def _fetch_panel(page: Page) -> None:
    page.evaluate(
        """document.querySelector("[data-review]")
             .dispatchEvent(new CustomEvent("firstread:review-changed"))"""
    )


def test_nothing_is_signed_but_what_the_dialog_showed(guests: Guests) -> None:
    page = _open(guests)
    _typed(page, "No pneumothorax.")
    held: list[Route] = []
    page.route("**/signing", lambda route: held.append(route), times=1)  # noqa: PLW0108 - wrapped
    with page.expect_request("**/signing"):
        page.keyboard.press("Control+Enter")
    page.keyboard.type(" A mass.")
    with page.expect_response("**/signing"):
        held[0].continue_()
    said = page.locator("#announcements")
    expect(said).to_contain_text("the text changed after it was compared", timeout=_PATIENCE)
    dialog = page.locator("[data-sign-dialog]")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("A mass", timeout=_PATIENCE)
    # Whatever changes the text under the dialog, such as a choice between two windows.
    _findings(page).evaluate("(field) => { field.value = 'Other words.'; }")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Sign", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("heading", name="AI draft")).to_be_visible()


@pytest.mark.slow
def test_a_text_that_another_window_contests_is_not_asked_to_be_signed(guests: Guests) -> None:
    page = _open(guests)
    guests.watches[-1].expected += ["409 (Conflict)"]
    other = _open(guests)
    _typed(other, "From elsewhere.")
    _kept(other)
    _typed(page, "From here.")
    page.keyboard.press("Control+Enter")
    windows = page.get_by_role("dialog", name="You typed another text")
    expect(windows).to_be_visible(timeout=_PATIENCE)
    expect(page.locator("#announcements")).to_contain_text("Not to be signed yet")
    expect(page.locator("[data-sign-dialog]")).to_have_count(0)


@pytest.mark.slow
def test_a_panel_that_comes_late_takes_no_kept_words_away(guests: Guests) -> None:
    page = _open(guests)
    _typed(page, "Begun.")
    _kept(page)
    held: list[tuple[Route, APIResponse]] = []
    page.route(_PANEL, lambda route: held.append((route, route.fetch())), times=1)
    with page.expect_request(_PANEL):
        _fetch_panel(page)
    with page.expect_response("**/unsigned"):
        page.keyboard.type(" Typed while it came.")
    _kept(page)
    route, old = held[0]
    with page.expect_response(_PANEL):
        route.fulfill(response=old)
    expect(_findings(page)).to_have_value("Begun. Typed while it came.")
    page.keyboard.type(" And on.")
    _kept(page)
    page.reload()
    _begun(page)
    expect(_findings(page)).to_have_value("Begun. Typed while it came. And on.")
    assert page.locator("dialog[open]").count() == 0


_LEFT = """<details open data-left-over data-reading="x" data-revision="1">
<p data-left-findings>Old words.</p><p data-left-impression>Cardiomegaly.</p>
<button type="button" data-take-over>Put it into the editor</button>
<button type="button" data-forget>Discard it</button></details>"""


@pytest.mark.slow
def test_a_left_over_text_takes_the_place_of_none_that_was_typed(guests: Guests) -> None:
    page = _open(guests)
    guests.watches[-1].expected += ["422 (Unprocessable"]

    def with_left_over(route: Route) -> None:
        answer = route.fetch()
        mark = '<script type="application/json" data-review-values>'
        route.fulfill(response=answer, body=answer.text().replace(mark, _LEFT + mark))

    page.route(_PANEL, with_left_over)
    _typed(page, "New words.")
    page.locator("#edit-impression").fill("None.")
    _kept(page)
    _fetch_panel(page)
    page.locator("[data-take-over]").click()
    expect(_findings(page)).to_have_value("New words.\nOld words.")
    expect(page.locator("#edit-impression")).to_have_value("None.\nCardiomegaly.")


@pytest.mark.slow
def test_a_signed_text_takes_no_words_until_its_panel_came(guests: Guests) -> None:
    page = _open(guests)
    guests.watches[-1].expected += ["Failed to load resource", "502"]
    _typed(page, "Signed words.")
    page.keyboard.press("Control+Enter")
    dialog = page.locator("[data-sign-dialog]")
    dialog.get_by_role("checkbox").check()
    page.route(_PANEL, lambda route: route.fulfill(status=502, body="<p>no gateway</p>"))
    dialog.get_by_role("button", name="Sign", exact=True).click()
    expect(_findings(page)).not_to_be_editable(timeout=_PATIENCE)
    page.unroute(_PANEL)
    expect(page.get_by_role("heading", name="Written by Dora")).to_be_visible(timeout=_PATIENCE)
    expect(_findings(page)).to_be_editable()


@pytest.mark.slow
def test_a_review_whose_first_answer_failed_is_asked_for_again(guests: Guests) -> None:
    visitor = guests.enter("dora", AccountRole.RADIOLOGIST)
    visitor.watch.expected += ["Failed to load resource", "htmx:sendError", "htmx:afterRequest"]
    visitor.page.route(_PANEL, lambda route: route.abort(), times=1)
    _begun(visitor.go(f"/studies/{guests.study('Okafor').study_uid}"))


@pytest.mark.slow
def test_a_lost_answer_is_not_said_to_have_changed_nothing(guests: Guests) -> None:
    page = _open(guests)
    guests.watches[-1].expected += [
        "Failed to load resource",
        "htmx:sendError",
        "htmx:afterRequest",
    ]

    def lost(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502, content_type="text/html", body="<p>no gateway</p>")

    page.route("**/accept", lost)
    page.route(_PANEL, lambda route: route.abort(), times=1)
    page.keyboard.press("a")
    dialog = page.locator("[data-sign-dialog]")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Sign", exact=True).click()
    said = page.locator("#announcements")
    expect(said).to_contain_text("it is not known whether it was done", timeout=_PATIENCE)
    expect(page.get_by_role("heading", name="Accepted by Dora")).to_be_visible(timeout=_PATIENCE)


@pytest.mark.slow
def test_what_the_model_missed_is_added_once(guests: Guests) -> None:
    page = _open(guests)
    page.get_by_text("Add what the model missed").click()
    page.get_by_label("What", exact=True).select_option("fracture")
    held: list[Route] = []
    page.route("**/verdicts", lambda route: held.append(route))  # noqa: PLW0108 - wrapped
    add = page.get_by_role("button", name="Add it")
    with page.expect_request("**/verdicts"):
        add.click()
    expect(add).to_be_disabled()
    page.get_by_label("Note, if you like").press("Enter")
    held[0].continue_()
    expect(page.locator(".finding.added")).to_have_count(1, timeout=_PATIENCE)
    assert len(held) == 1


@pytest.mark.slow
def test_a_save_on_its_way_brings_no_discarded_text_back(guests: Guests) -> None:
    page = _open(guests)
    held: list[Route] = []
    page.route("**/unsigned", lambda route: held.append(route), times=1)  # noqa: PLW0108 - wrapped
    page.keyboard.press("e")
    text = _findings(page).input_value()
    _findings(page).fill("To be thrown away.")
    with page.expect_request("**/unsigned"):
        page.locator("[data-discard]").click()
    asked = page.get_by_role("dialog", name="Discard what you typed")
    asked.get_by_role("button", name="Discard it").click()
    held[0].continue_()
    expect(page.locator("#announcements")).to_have_text("Discarded.", timeout=_PATIENCE)
    page.reload()
    _begun(page)
    expect(_findings(page)).to_have_value(text)
