"""Signing in and unlocking at an identity provider of another site, with a browser's own rules.

Covered in Chromium: which cookies a browser brings along on the way back from elsewhere, and that
the policy of our pages lets it go there. What is believed of a provider is tests/web/test_provider.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Guests
from tests.web.identity_provider import CLIENT, SECRET, running_provider

_LOCKS_MINUTES = 0.1


@pytest.fixture
def more_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A provider on a host of another name than ours, which to a browser is another site."""
    monkeypatch.setenv("FIRSTREAD_WEB__IDLE_MINUTES", str(_LOCKS_MINUTES))
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with running_provider() as port:
        yield (
            f'[web.oidc]\nissuer = "http://localhost:{port}"\nclient_id = "{CLIENT}"\n'
            f'client_secret_file = {json.dumps(str(secret))}\nradiologists = ["readers"]\n'
        )


def test_one_comes_back_to_what_was_asked_for_and_unlocks_there_too(guests: Guests) -> None:
    visitor = guests.enter()
    visitor.watch.expected += ["request elsewhere: http://localhost:", "401"]
    asked = f"/studies/{guests.study('Okafor').study_uid}"
    page = visitor.go(asked)
    page.get_by_role("link", name="Sign in with the hospital's account").click()
    expect(page).to_have_url(f"{guests.services.address}{asked}")
    expect(page.get_by_role("link", name="anybody")).to_be_visible()
    lock = page.get_by_role("dialog", name="The screen is locked")
    expect(lock).to_be_visible(timeout=20_000)
    with page.context.expect_page() as opened:
        lock.get_by_role("link", name="Unlock with the hospital's account").click()
    expect(opened.value.get_by_role("heading", name="Unlocked")).to_be_visible()
    opened.value.close()
    expect(lock).to_have_count(0)
    expect(page.get_by_role("link", name="anybody")).to_be_visible()
