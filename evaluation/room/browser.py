"""Debian's Chromium, as tests and pictures of pages use it: no window, and our own pages alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from evaluation.servers.program import program
from web.access.sessions import COOKIE

_ARGUMENTS: Final = (
    # Containers and root have no other way; nothing but our own pages is opened.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start Chromium, and end it with the context.

    Raises
    ------
    MissingProgramError
        If it is not installed.
    """
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def bring_cookie(context: BrowserContext, address: str, token: str) -> None:
    """Let a browser hold a session, as if the person had signed in.

    Parameters
    ----------
    context
        Of the browser.
    address
        Of the reading room.
    token
        Of the session.
    """
    context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": token,
                # Set over plain HTTP it would be refused as insecure.
                "url": address.replace("http:", "https:", 1),
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )
