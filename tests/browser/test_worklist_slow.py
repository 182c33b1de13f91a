"""A worklist's page whose lists come slowly, or not at all, while news goes on.

The page is real, and so are the lists; its clock, its news and how long its loads take are the
test's (`worklist_stream.js`).
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.accounts import AccountRole
from tests.browser.conftest import Guests
from tests.waiting import wait_until

_STREAM = Path(__file__).with_name("worklist_stream.js")
_ALL = "{ edition: 'a-1', everything: true, studies: [] }"


@pytest.fixture
def page(onlookers: Guests) -> Page:
    """A worklist that has heard of its first edition and shows it."""
    visitor = onlookers.enter("dora", AccountRole.RADIOLOGIST)
    visitor.page.add_init_script(path=_STREAM)
    visitor.page.clock.install()
    page = visitor.go("/worklist")
    wait_until(lambda: page.evaluate("room.source !== null"))
    page.evaluate("room.tell('hello', { edition: 'a-0' })")
    page.clock.run_for(1_000)
    _shown(page, 1)
    return page


def _shown(page: Page, times: int) -> None:
    """Wait until the lists were shown so often."""
    wait_until(lambda: page.evaluate("room.shown") >= times)
    assert page.evaluate("room.shown") == times


def _news(page: Page, seconds: int) -> None:
    """Let each second bring news of everything."""
    for _ in range(seconds):
        page.evaluate(f"room.tell('news', {_ALL})")
        page.clock.run_for(1_000)


def test_slow_lists_come_in_the_end_however_much_news_there_is(page: Page) -> None:
    trouble = page.locator("#worklist-trouble")
    page.evaluate("room.delay = 4000")
    _news(page, 9)
    _shown(page, 2)
    # One at a time, and the next for what was heard meanwhile.
    _news(page, 5)
    _shown(page, 3)
    expect(trouble).to_be_hidden()
    page.evaluate("room.delay = 30_000")
    _news(page, 15)
    expect(trouble).to_contain_text("old")
    page.evaluate("room.delay = 0")
    page.clock.run_for(30_000)
    _shown(page, 4)
    page.clock.run_for(3_000)
    _shown(page, 5)
    expect(trouble).to_be_hidden()


def test_a_load_that_failed_is_tried_again_without_news(page: Page) -> None:
    trouble = page.locator("#worklist-trouble")
    page.evaluate("room.fails = true")
    _news(page, 4)
    expect(trouble).to_contain_text("could not be loaded")
    page.evaluate("room.tell('back', {})")
    expect(trouble).to_contain_text("could not be loaded")
    page.evaluate("room.tell('away', {})")
    expect(trouble).to_contain_text("database")
    page.evaluate("room.fails = false")
    page.clock.run_for(6_000)
    _shown(page, 2)
    # What the news say of themselves is not over by that.
    expect(trouble).to_contain_text("database")
    page.evaluate("room.tell('back', {})")
    expect(trouble).to_be_hidden()


def test_another_search_does_not_wait_for_the_load_under_way(page: Page) -> None:
    page.evaluate("room.delay = 20_000")
    _news(page, 4)
    page.evaluate("location.hash = 'text=tran'")
    expect(page.locator("a.open-study")).to_have_text(["Tran, Bao"])
    page.clock.run_for(30_000)
    expect(page.locator("a.open-study")).to_have_text(["Tran, Bao"])
