"""The front door in a browser: pages come without a complaint, and the session's cookie holds.

What each page does is tested beside it.
"""

from playwright.sync_api import expect

from core.accounts import AccountRole
from tests.browser.conftest import Guests


def test_a_stranger_finds_the_sign_in(guests: Guests) -> None:
    page = guests.enter().go("/")
    expect(page).to_have_title("Sign in · FirstRead")


def test_a_person_is_known_by_the_cookie(guests: Guests) -> None:
    page = guests.enter("hbrandt", AccountRole.RADIOLOGIST).go("/")
    expect(page).to_have_url(f"{guests.services.address}/worklist")


def test_single_characters_can_be_switched_off(guests: Guests) -> None:
    page = guests.enter("hbrandt", AccountRole.RADIOLOGIST).go("/worklist")
    page.keyboard.press("/")
    search = page.get_by_label("Patient or accession")
    expect(search).to_be_focused()
    search.blur()
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("checkbox", name="Single characters are keys, too").uncheck()
    page.keyboard.press("/")
    expect(search).not_to_be_focused()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(search).not_to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr[data-study] a:focus")).to_have_count(1)
