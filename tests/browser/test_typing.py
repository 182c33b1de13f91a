"""Typing beside verdicts: no letter acts, none is lost, and what was undone stays away.

Real: the pages, Chromium, the server. What a dead server and other windows do to a text is in
test_review.py.
"""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.accounts import AccountRole
from db.restrictions import restrict_study
from tests.browser.conftest import Guests

_PATIENCE = 20_000
# Each letter of them is a key that does something: right, wrong, elsewhere, reject, next study.
_LETTERS = " yw mx new ay"


def _open(guests: Guests, surname: str = "Marsh") -> Page:
    visitor = guests.enter("dora", AccountRole.RADIOLOGIST)
    page = visitor.go(f"/studies/{guests.study(surname).study_uid}")
    expect(page.locator("[data-review][data-begun]")).to_be_visible(timeout=_PATIENCE)
    return page


def _findings(page: Page) -> Locator:
    return page.locator("#edit-findings")


def _note(page: Page) -> Locator:
    return page.locator(".finding.chosen [data-note]")


def _judged(page: Page) -> Locator:
    return page.locator(".chip.judged")


def _in_tab(page: Page) -> object:
    return page.evaluate(
        "Object.keys(sessionStorage).filter((key) => key.startsWith('firstread:'))"
    )


def test_letters_typed_after_a_verdict_are_text_and_what_was_undone_stays_away(
    guests: Guests,
) -> None:
    page = _open(guests)
    place = page.url
    page.keyboard.press("e")
    text = _findings(page).input_value()
    # Typed and undone before it was saved, and while a verdict is on its way.
    page.keyboard.type("x")
    page.keyboard.press("Backspace")
    page.locator("[data-finding] [data-choose]").first.click()
    with page.expect_response(lambda answer: answer.url.endswith("/review")):
        page.locator(".finding.chosen [data-verdict=right]").click()
        _findings(page).focus()
        page.keyboard.press("Control+End")
    expect(_judged(page)).to_have_text("you: right")
    expect(_findings(page)).to_be_focused()
    page.keyboard.type(_LETTERS)
    expect(_findings(page)).to_have_value(text + _LETTERS)
    # In a note the answer of its own word comes under the hands.
    _note(page).fill("a note")
    page.keyboard.press("Enter")
    page.keyboard.type(_LETTERS, delay=20)
    expect(_note(page)).to_have_value(f"a note{_LETTERS}")
    expect(_judged(page)).to_have_text("you: right")
    assert page.url == place
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.slow
def test_a_text_that_was_undone_before_it_was_saved_does_not_come_back(guests: Guests) -> None:
    page = _open(guests)
    page.keyboard.press("e")
    text = _findings(page).input_value()
    page.keyboard.type("x")
    page.keyboard.press("Backspace")
    assert _in_tab(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("w")
    expect(_judged(page)).to_have_text("you: wrong")
    page.reload()
    expect(page.locator("[data-review][data-begun]")).to_be_visible(timeout=_PATIENCE)
    expect(_findings(page)).to_have_value(text)
    page.goto(f"{guests.services.address}/studies/{guests.study('Okafor').study_uid}")
    expect(page.locator("[data-review][data-begun]")).to_be_visible(timeout=_PATIENCE)
    page.go_back()
    expect(page.locator("[data-review][data-begun]")).to_be_visible(timeout=_PATIENCE)
    expect(_findings(page)).to_have_value(text)
    expect(page.locator("[data-editor]")).to_be_hidden()


@pytest.mark.slow
def test_a_text_that_was_undone_while_it_was_saved_is_undone_at_the_server(guests: Guests) -> None:
    page = _open(guests)
    held: list[Route] = []
    page.route("**/unsigned", lambda route: held.append(route), times=1)  # noqa: PLW0108 - wrapped
    page.keyboard.press("e")
    text = _findings(page).input_value()
    page.keyboard.press("Control+End")
    with page.expect_request("**/unsigned"):
        page.keyboard.type("x")
    page.keyboard.press("Backspace")
    with page.expect_response("**/unsigned"):
        held[0].continue_()
    expect(page.locator("[data-saved]")).to_contain_text("Kept at", timeout=_PATIENCE)
    with page.expect_response("**/unsigned"):
        pass
    page.reload()
    expect(page.locator("[data-editor]")).to_be_visible(timeout=_PATIENCE)
    expect(_findings(page)).to_have_value(text)


@pytest.mark.slow
def test_a_panel_that_comes_anew_is_typed_in_as_the_one_before(guests: Guests) -> None:
    page = _open(guests)
    page.keyboard.press("e")
    _findings(page).fill("Begun.")
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowLeft")
    with page.expect_response(lambda answer: answer.url.endswith("/review")):
        page.evaluate(
            """document.querySelector("[data-review]")
                 .dispatchEvent(new CustomEvent("firstread:review-changed"))"""
        )
        page.keyboard.type(_LETTERS, delay=30)
    page.keyboard.type(" more", delay=30)
    expect(_findings(page)).to_have_value(f"Begun{_LETTERS} more.")
    expect(page.locator("[data-saved]")).to_contain_text("Kept at", timeout=_PATIENCE)
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.slow
def test_notes_and_what_was_missed_outlive_verdicts_and_a_reload(guests: Guests) -> None:
    page = _open(guests)
    page.keyboard.press("f")
    first = page.locator(".finding.chosen").get_attribute("data-finding")
    _note(page).fill("a long thought")
    page.get_by_text("Add what the model missed").click()
    form = page.locator("[data-missed-form]")
    form.get_by_label("What", exact=True).select_option("fracture")
    form.get_by_label("Note").fill("behind the heart")
    page.evaluate(
        """document.body.addEventListener("firstread:draw-box", () => document.body.dispatchEvent(
            new CustomEvent("firstread:box-drawn",
                { detail: { box: { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 } } })), { once: true })"""
    )
    page.locator("[data-draw]").click()
    page.locator("[data-finding] [data-choose]").nth(1).click()
    page.keyboard.press("y")
    expect(_judged(page)).to_have_text("you: right")

    def stand() -> None:
        expect(page.locator(f'[data-finding="{first}"] [data-note]')).to_have_value(
            "a long thought", timeout=_PATIENCE
        )
        expect(form.get_by_label("Note")).to_have_value("behind the heart")
        expect(form.get_by_label("What", exact=True)).to_have_value("fracture")
        expect(form.get_by_text("Box: 10 to 30 % across, 20 to 40 % down")).to_be_visible()

    stand()
    page.reload()
    stand()
    form.get_by_role("button", name="Add it").click()
    expect(page.locator(".finding.added")).to_contain_text("Fracture", timeout=_PATIENCE)
    page.locator(f'[data-finding="{first}"] [data-choose]').click()
    page.keyboard.press("w")
    expect(_judged(page)).to_have_count(2)
    page.reload()
    expect(page.locator(".finding.added")).to_be_visible(timeout=_PATIENCE)
    expect(page.locator(f'[data-finding="{first}"] [data-note]')).to_have_value("a long thought")
    expect(form.get_by_label("Note")).to_have_value("")
    assert _in_tab(page) == []


@pytest.mark.slow
def test_a_study_that_is_restricted_while_one_types_says_so(guests: Guests) -> None:
    page = _open(guests)
    guests.watches[-1].expected += ["403 (Forbidden)"]
    guests.house.sign_in("sam", AccountRole.RADIOLOGIST)
    db = guests.house.database()
    with db.write() as session:
        uid = guests.study("Marsh").study_uid
        restrict_study(session, uid, ("sam",), "The patient works here.", actor="test")
    db.close()
    page.keyboard.press("e")
    page.keyboard.type("Typed after it. ")
    saved = page.locator("[data-saved]")
    expect(saved).to_contain_text("only named persons open this study", timeout=_PATIENCE)
    link = page.get_by_role("link", name="Open the study all the same")
    expect(link).to_have_attribute("href", f"/studies/{uid}/break-glass")
