"""A page in Chromium under watch: what a person would never notice fails the test all the same."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

_OWN = ("data", "blob", "about")


class Watch:
    """Notes console errors, errors of scripts, violations of the policy, and requests elsewhere.

    Parameters
    ----------
    context
        Whose pages are watched.
    address
        Of the reading room, the only place that may be asked.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []
        """Parts of complaints that a test causes on purpose."""
        self._host = urlsplit(address).netloc
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", self._request)

    @property
    def unexpected(self) -> list[str]:
        """What nobody expected."""
        return [one for one in self.complaints if not any(part in one for part in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        place = urlsplit(request.url)
        if place.scheme not in _OWN and place.netloc != self._host:
            self.complaints.append(f"request elsewhere: {request.url}")


class Visitor:
    """A person at a browser.

    Parameters
    ----------
    page
        What the person looks at.
    address
        Of the reading room.
    watch
        What went wrong.
    """

    def __init__(self, page: Page, address: str, watch: Watch) -> None:
        self.page = page
        self.address = address
        self.watch = watch

    def go(self, path: str) -> Page:
        """Open a page of the reading room."""
        self.page.goto(f"{self.address}{path}")
        return self.page
