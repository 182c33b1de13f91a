"""Three turns about one film in a browser, answered by the demonstration model in its own worker.

What the page does with answers is tested in `test_chat`; how good they are is measured elsewhere.
"""

import pytest
from playwright.sync_api import expect

from core.accounts import AccountRole
from tests.browser.conftest import Guests

_QUESTIONS = (
    "Is there a pleural effusion?",
    "Where is it?",
    "Is the heart enlarged?",
)
_LOADING = 120_000
"""Milliseconds in which a worker has its model loaded and tested, and has answered."""


@pytest.fixture
def beside() -> tuple[str, ...]:
    return ("worker",)


def test_three_turns(guests: Guests) -> None:
    okafor = guests.study("Okafor")
    page = guests.enter("hbrandt", AccountRole.RADIOLOGIST).go(f"/studies/{okafor.study_uid}")
    expect(page.locator("[data-editor]")).to_be_attached()
    page.keyboard.press("c")
    question = page.get_by_label("Question about this film")
    for number, words in enumerate(_QUESTIONS, 1):
        question.fill(words)
        question.press("Enter")
        turn = page.locator("[data-turns] > li").nth(number - 1)
        expect(turn).to_contain_text(words)
        expect(turn).to_have_attribute("data-state", "answered", timeout=_LOADING)
        expect(turn.locator(".chat-sentence").first).not_to_be_empty()
    expect(page.get_by_text("not part of the report").first).to_be_visible()
    page.reload()
    page.keyboard.press("c")
    expect(page.locator("[data-turns] > li")).to_have_count(3)
