"""The talk about a film in a browser: answers are followed, pointed at, inserted, called off.

A worker's hand in the database writes the answers; with the demonstration model the whole way is
gone in `test_reading`. What the calls refuse is tested in tests/web.
"""

import re

from playwright.sync_api import Page, expect

from core.accounts import AccountRole
from core.reading import Box
from core.states import JobKind
from db.chat_answers import Answered, store_answer, turn_for, write_piece
from db.engine import Database
from db.jobs import Claim, claim
from db.models import WorkerRow
from tests.browser.conftest import Guests
from tests.browser.test_axe import violations
from tests.db.builders import let_show, model
from tests.waiting import wait_until

_PLACE = Box(0.25, 0.25, 0.5, 0.75)
_WORDS = "It is at [0.25, 0.25, 0.5, 0.75]. It is large."


def _talk(guests: Guests) -> Page:
    """Open a study, and its talk by the keyboard."""
    placed = guests.study("Marsh")
    page = guests.enter("hbrandt", AccountRole.RADIOLOGIST).go(
        f"/studies/{placed.study_uid}?film={placed.film_uid}"
    )
    # The editor is there before a sentence can be put into it.
    expect(page.locator("[data-editor]")).to_be_attached()
    page.keyboard.press("c")
    expect(page.get_by_label("Question about this film")).to_be_focused()
    return page


def _ask(page: Page, words: str) -> None:
    field = page.get_by_label("Question about this film")
    field.fill(words)
    field.press("Enter")
    expect(page.locator("[data-turns] > li").last).to_contain_text(words)
    expect(field).to_have_value("")


def _claimed(db: Database) -> tuple[Claim, int]:
    """Begin the answer to the question that waits."""
    held: list[Claim] = []

    def taken() -> bool:
        found = claim(db, [JobKind.CHAT], worker="w", lease_seconds=60.0)
        held.extend([] if found is None else [found])
        return bool(held)

    wait_until(taken, what="the question")
    return held[0], turn_for(db, held[0], model().uid).turn_id


def test_a_talk_is_followed_pointed_at_inserted_and_called_off(guests: Guests) -> None:
    db = guests.house.database()
    let_show(db, model())
    page = _talk(guests)
    _ask(page, "Where is it?")
    turn = page.locator("[data-turns] > li").last
    expect(turn).to_contain_text("No worker is at work")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    with db.write() as session:
        session.add(WorkerRow(name="w", pid=1))
    expect(turn).to_contain_text("Waits for its turn", timeout=10_000)
    held, number = _claimed(db)
    write_piece(db, held, number, "It is", model().uid)
    expect(turn.locator("[data-written]")).to_have_text("It is")
    expect(turn).to_contain_text("Writing")
    store_answer(db, held, number, Answered(_WORDS, (_PLACE,), 0), model())
    place = turn.get_by_role("button", name="place 1")
    expect(page.locator("[data-news]")).to_have_text(re.compile("Answer: It is"))
    assert violations(page) == []

    label = page.locator("svg.boxes").get_by_text("Question 1, place 1")
    place.click()
    expect(place).to_have_attribute("aria-pressed", "true")
    expect(label).to_be_attached()
    place.click()
    expect(label).not_to_be_attached()

    turn.get_by_role("button", name="Insert into the report: It is large.").click()
    expect(page.locator("#edit-findings, #edit-impression").first).to_have_value(
        re.compile(r"It is large\.")
    )

    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Chat").click()
    _ask(page, "Why?")
    page.get_by_role("button", name="Call off").click()
    expect(page.locator("[data-turns] > li").last).to_contain_text("Called off.")
    _ask(page, "And now?")
    held, number = _claimed(db)
    store_answer(db, held, number, Answered("<b>Yes</b>.", (), 0), model())
    expect(page.locator("[data-turns] > li").last).to_contain_text("<b>Yes</b>.")
    # What was asked is there when the page is opened again.
    page.reload()
    page.get_by_role("tab", name="Chat").click()
    expect(page.locator("[data-turns] > li")).to_have_count(3)
    db.close()
