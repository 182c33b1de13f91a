"""Boxes that a person moves or draws from the review, through the viewer's editor of boxes.

Real: both sides in one page in Chromium, and what the database keeps. How boxes are grasped under
every zoom is in test_viewer.py; what verdicts are refused is in tests/web.
"""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from core.accounts import AccountRole
from core.states import Verdict
from db.models import FindingVerdict
from tests.browser.conftest import Guests

_PATIENCE = 20_000
_BY = 60
"""Pixels, by the mouse."""


def _open(guests: Guests) -> Page:
    placed = guests.study("Okafor")
    page = guests.enter("dora", AccountRole.RADIOLOGIST).go(f"/studies/{placed.study_uid}")
    expect(page.get_by_text("Zoom")).to_be_visible(timeout=_PATIENCE)
    expect(page.locator("[data-findings]")).to_be_visible(timeout=_PATIENCE)
    return page


def _choose(page: Page) -> Locator:
    page.get_by_role("button", name="Pleural effusion").click()
    return page.locator(".finding.chosen")


def _boxes(page: Page, finding: str | None) -> list[float]:
    """Give the left edges of a finding's boxes on the film, in [0, 1] of the matrix."""
    drawn = page.locator(f'svg.boxes rect[data-finding="{finding}"]')
    return [float(one.get_attribute("x") or "nan") for one in drawn.all()]


def _kept(guests: Guests) -> list[FindingVerdict]:
    db = guests.house.database()
    with db.read() as session:
        found = list(session.scalars(select(FindingVerdict).order_by(FindingVerdict.id)))
        session.expunge_all()
    db.close()
    return found


@pytest.mark.slow
def test_a_box_is_moved_by_keys_and_by_mouse_and_kept(guests: Guests) -> None:
    page = _open(guests)
    chosen = _choose(page)
    finding = chosen.get_attribute("data-finding")
    before = _boxes(page, finding)
    page.keyboard.press("m")
    frame = page.get_by_role("group", name="Box 1")
    expect(frame).to_be_focused()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(frame).to_have_count(0)
    expect(chosen.get_by_text("you: elsewhere")).to_be_visible(timeout=_PATIENCE)
    by_keys = _boxes(page, finding)
    assert by_keys[0] > before[0]

    chosen.get_by_role("button", name="Elsewhere").click()
    place = frame.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - _BY, y - _BY)
    page.mouse.up()
    with page.expect_response("**/verdicts") as told:
        page.get_by_role("button", name="Done", exact=True).click()
    assert told.value.ok
    expect(page.locator("#announcements")).to_have_text("Noted.")
    first, second = _kept(guests)
    assert first.finding_id == second.finding_id == finding
    assert first.verdict is second.verdict is Verdict.MOVED
    assert first.boxes[0]["x1"] == pytest.approx(by_keys[0])
    assert second.boxes[0]["x1"] < first.boxes[0]["x1"]
    assert second.boxes[0]["y1"] < first.boxes[0]["y1"]


@pytest.mark.slow
def test_what_is_left_half_done_is_nobodys_and_the_review_is_at_rest(guests: Guests) -> None:
    page = _open(guests)
    chosen = _choose(page)
    elsewhere = chosen.get_by_role("button", name="Elsewhere")
    before = _boxes(page, chosen.get_attribute("data-finding"))
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator("#announcements")).to_have_text("The box stays where it was.")
    expect(elsewhere).to_be_focused()
    # The rest is none of a sitting that goes on: it can begin once more, and end again.
    elsewhere.press("Enter")
    expect(page.get_by_role("group", name="Box 1")).to_be_focused()
    page.get_by_role("button", name="Cancel", exact=True).and_(
        page.locator(".editor-bar button")
    ).click()
    expect(elsewhere).to_be_focused()
    assert _boxes(page, chosen.get_attribute("data-finding")) == before

    page.get_by_text("Add what the model missed").click()
    page.get_by_label("What", exact=True).select_option("fracture")
    draw = page.get_by_role("button", name="Draw a box")
    draw.click()
    expect(page.get_by_role("group", name="Box 1")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#announcements")).to_have_text("No box was drawn.")
    expect(draw).to_be_focused()
    assert _kept(guests) == []
