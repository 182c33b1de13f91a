"""Every page of the reading room as a person sees it: for pictures of them, and for checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from core.accounts import AccountRole
from evaluation.room.stage import Placed


@dataclass(frozen=True, slots=True)
class Sight:
    """One page, in one state.

    Parameters
    ----------
    name
        Of its picture.
    role
        Who looks; None is a stranger.
    path
        Its address, given the cast.
    ready
        Waits until everything that loads by itself is there, and does what the sight shows.
    """

    name: str
    role: AccountRole | None
    path: Callable[[Sequence[Placed]], str]
    ready: Callable[[Page], None]


def at(path: str) -> Callable[[Sequence[Placed]], str]:
    """Give a page whose address is always the same."""
    return lambda _placed: path


def study(surname: str, more: str = "") -> Callable[[Sequence[Placed]], str]:
    """Give the page of one patient's study."""

    def found(placed: Sequence[Placed]) -> str:
        (one,) = (one for one in placed if one.patient.name.startswith(f"{surname}^"))
        return f"/studies/{one.study_uid}{more}"

    return found


def _heading(page: Page) -> None:
    expect(page.get_by_role("heading").first).to_be_attached()


def _overdue(page: Page) -> None:
    expect(page.get_by_role("link", name="Flags nobody opened")).to_be_visible()
    expect(page.get_by_role("link", name="Lindqvist, Maja")).to_be_visible()


def _glass(page: Page) -> None:
    expect(page.get_by_role("button", name="Break the glass")).to_be_visible()


def _film(page: Page) -> None:
    """Wait until the film is drawn whole, with what the panel says of it."""
    expect(page.get_by_text("Zoom")).to_be_visible(timeout=_PATIENCE)
    expect(page.locator("progress:visible")).to_have_count(0, timeout=_PATIENCE)
    expect(page.get_by_role("heading", name="AI draft")).to_be_visible(timeout=_PATIENCE)


def _chosen(page: Page) -> None:
    _film(page)
    page.keyboard.press("f")
    expect(page.locator("[data-choose][aria-expanded=true]")).to_have_count(1)


def _beside_earlier(page: Page) -> None:
    _film(page)
    page.get_by_role("button", name="show beside").click()
    expect(page.get_by_text("Zoom")).to_have_count(2, timeout=_PATIENCE)


def _review(page: Page) -> None:
    """Wait until keys do what they say."""
    _film(page)
    expect(page.locator("[data-review][data-begun]")).to_be_visible()


def _editing(page: Page) -> None:
    _review(page)
    page.keyboard.press("e")
    page.get_by_role("form", name="Your report").get_by_label("Findings").fill(
        "Small right apical pneumothorax, smaller than three days ago. Drain in place."
    )


def _signing(page: Page) -> None:
    _editing(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Sign your report")).to_be_visible()


def _rejecting(page: Page) -> None:
    _review(page)
    page.keyboard.press("x")
    expect(page.get_by_role("dialog", name="Reject this draft")).to_be_visible()


def _talking(page: Page) -> None:
    _film(page)
    page.keyboard.press("c")
    expect(page.get_by_role("tabpanel", name="Chat").get_by_role("textbox")).to_be_visible()


def _answered(page: Page) -> None:
    """Show the place that an answer tells, on the film."""
    _talking(page)
    place = page.get_by_role("button", name="place 1")
    place.click()
    expect(place).to_have_attribute("aria-pressed", "true")


def _locked(page: Page) -> None:
    """Lock the session from elsewhere, as another tab does, and let the page hear of it."""
    page.evaluate(
        """fetch("/api/v1/session/lock", {
            method: "POST",
            headers: { "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content },
        }).then(() => document.dispatchEvent(new CustomEvent("firstread:refused")))"""
    )
    expect(page.get_by_role("dialog", name="The screen is locked")).to_be_visible()


def _without_draft(page: Page) -> None:
    expect(page.get_by_text("Zoom")).to_be_visible(timeout=_PATIENCE)
    expect(page.get_by_role("heading", name="No AI result").first).to_be_visible(timeout=_PATIENCE)


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


_PATIENCE: Final = 30_000
RADIOLOGIST, ADMINISTRATOR = AccountRole.RADIOLOGIST, AccountRole.ADMINISTRATOR
AUDITOR, RESEARCHER = AccountRole.AUDITOR, AccountRole.RESEARCHER
_OPERATIONS: Final = (
    "peers",
    "queues",
    "deliveries",
    "kept-back",
    "quarantine",
    "retrievals",
    "workers",
    "models",
    "triage",
    "users",
)
SIGHTS: Final = (
    Sight("sign-in", None, at("/sign-in"), _heading),
    Sight("worklist", RADIOLOGIST, at("/worklist"), _heading),
    Sight("worklist-no-result", RADIOLOGIST, at("/worklist?place=no_result"), _heading),
    Sight("worklist-overdue", RADIOLOGIST, at("/worklist?only=overdue"), _overdue),
    Sight("keys", RADIOLOGIST, at("/worklist"), _keys),
    Sight("study", RADIOLOGIST, study("Okafor"), _film),
    Sight("study-finding", RADIOLOGIST, study("Marsh"), _chosen),
    Sight("study-prior", RADIOLOGIST, study("Okafor"), _beside_earlier),
    Sight("study-failed", RADIOLOGIST, study("Ferrari"), _without_draft),
    Sight("review-edit", RADIOLOGIST, study("Marsh"), _editing),
    Sight("review-sign", RADIOLOGIST, study("Marsh"), _signing),
    Sight("review-reject", RADIOLOGIST, study("Tran"), _rejecting),
    Sight("chat", RADIOLOGIST, study("Petrov"), _talking),
    Sight("chat-answers", RADIOLOGIST, study("Kowalska"), _answered),
    Sight("break-glass", RADIOLOGIST, study("Haddad"), _glass),
    Sight("lock", RADIOLOGIST, at("/account"), _locked),
    Sight("print", RADIOLOGIST, study("Meyer", "/print"), _heading),
    Sight("account", RADIOLOGIST, at("/account"), _heading),
    Sight("api", RESEARCHER, at("/api"), _heading),
    Sight("operations", ADMINISTRATOR, at("/operations"), _heading),
    *(
        Sight(f"operations-{name}", ADMINISTRATOR, at(f"/operations/{name}"), _heading)
        for name in _OPERATIONS
    ),
    Sight("operations-audit", AUDITOR, at("/operations/audit"), _heading),
)
