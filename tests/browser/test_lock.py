"""The lock on top of an open page: it covers everything, keeps what was typed, and hears of others.

Covered in Chromium: locking when nobody is there, in both of two tabs; wrong and right passwords;
no key reaching the page below; a page in use that stays open; a session that ended meanwhile.
Locking at the server is `tests/web/test_session.py`'s.
"""

import pytest
from playwright.sync_api import Page, expect

from core.accounts import AccountRole, SignInWay
from db.accounts import account_named, set_password
from db.passwords import hash_password
from db.sign_ins import begin_sign_in, end_all_sign_ins
from evaluation.room.browser import bring_cookie
from tests.browser.conftest import Guests

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture
def more_settings(monkeypatch: pytest.MonkeyPatch) -> str:
    """A screen that locks after three seconds."""
    monkeypatch.setenv("FIRSTREAD_WEB__IDLE_MINUTES", "0.05")
    return ""


def _enter(guests: Guests) -> Page:
    """Let a radiologist with a password in, and open the account's page, which has fields."""
    token = guests.house.sign_in("hbrandt", AccountRole.RADIOLOGIST)
    db = guests.house.database()
    with db.write() as session:
        account = account_named(session, "hbrandt")
        set_password(session, account, hash_password(PASSWORD), actor="test")
        token = begin_sign_in(session, account, SignInWay.PASSWORD)
    db.close()
    visitor = guests.enter()
    visitor.watch.expected += ["401", "403"]
    bring_cookie(visitor.page.context, guests.services.address, token)
    return visitor.go("/account")


def test_it_covers_the_page_and_keeps_what_was_typed(guests: Guests) -> None:
    page = _enter(guests)
    other = page.context.new_page()
    other.goto(page.url)
    page.bring_to_front()
    page.get_by_label("What for").fill("the wall")
    lock = page.get_by_role("dialog", name="The screen is locked")
    expect(lock).to_be_visible(timeout=10_000)
    expect(page.get_by_label("What for")).not_to_be_visible()
    expect(other.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    lock.get_by_label("Password").fill("not the one")
    lock.get_by_role("button", name="Unlock").click()
    expect(lock.get_by_role("alert")).to_contain_text("not your password")
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Unlock").click()
    expect(lock).to_have_count(0)
    expect(other.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("What for")).to_have_value("the wall")


@pytest.mark.slow
def test_a_locked_session_answers_nobody_until_it_is_open(guests: Guests) -> None:
    page = _enter(guests)
    expect(page.get_by_role("dialog")).to_be_visible(timeout=10_000)
    page.reload()
    expect(page).to_have_url(f"{guests.services.address}/unlock?next=/account")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page).to_have_url(f"{guests.services.address}/account")


@pytest.mark.slow
def test_a_page_in_use_stays_open(guests: Guests) -> None:
    page = _enter(guests)
    field = page.get_by_label("What for")
    field.press_sequentially("still here, still typing, and no", delay=180)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(field).to_have_value("still here, still typing, and no")


@pytest.mark.slow
def test_a_session_that_ended_says_so_and_goes_on_after_signing_in(guests: Guests) -> None:
    page = _enter(guests)
    page.get_by_label("What for").fill("the wall")
    expect(page.get_by_role("dialog")).to_be_visible(timeout=10_000)
    db = guests.house.database()
    with db.write() as session:
        end_all_sign_ins(session, account_named(session, "hbrandt").id)
    db.close()
    lock = page.get_by_role("dialog")
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Unlock").click()
    expect(lock.get_by_role("heading")).to_have_text("Your session has ended")
    with page.context.expect_page() as opened:
        lock.get_by_role("link", name="Sign in again").click()
    tab = opened.value
    tab.get_by_label("Name").fill("hbrandt")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="Unlocked")).to_be_visible()
    expect(lock).to_have_count(0)
    expect(page.get_by_label("What for")).to_have_value("the wall")
