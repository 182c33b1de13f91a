"""The viewer on a study's page: windows, places, boxes, earlier films, states; mouse and keys.

What is painted is tested in test_viewer_painting.py; review and talk have their own tests. The
cast's films are phantoms with a longer side of 640 pixels.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.accounts import AccountRole
from core.clock import now
from db.models import Instance, Study
from tests.browser.conftest import Guests
from tests.browser.watched import Visitor

RADIOLOGIST = AccountRole.RADIOLOGIST


@pytest.fixture
def visitor(onlookers: Guests) -> Iterator[Visitor]:
    """A radiologist, of whom no page complains."""
    entered = onlookers.enter("viewer", RADIOLOGIST)
    yield entered
    entered.page.context.close()
    assert entered.watch.unexpected == []


def opened(onlookers: Guests, visitor: Visitor, surname: str) -> Page:
    """Open a patient's study, and wait for its whole film and its findings."""
    page = visitor.go(f"/studies/{onlookers.study(surname).study_uid}")
    expect(page.locator("#film-pane[data-shown=whole]")).to_be_visible(timeout=20_000)
    expect(page.locator("#panel-review h2").first).to_be_visible(timeout=20_000)
    return page


def reading(page: Page) -> Locator:
    """Where zoom and window are told."""
    return page.locator("#film-pane .mark.reading")


def drawn(page: Page) -> Locator:
    """The boxes over the film."""
    return page.locator("#film-pane .boxes rect.box:not(.under)")


def drag(page: Page, start: tuple[float, float], way: tuple[float, float]) -> None:
    """Drag on the film, from a place in shares of its pane."""
    pane = page.locator("#film-pane").bounding_box()
    assert pane is not None
    x, y = pane["x"] + start[0] * pane["width"], pane["y"] + start[1] * pane["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + way[0], y + way[1], steps=4)
    page.mouse.up()


def told(page: Page, name: str) -> None:
    """Keep what the viewer answers by an event, to be asked for with `answer`."""
    page.evaluate(
        """(name) => document.body.addEventListener(`firstread:${name}`,
             (event) => { document.body.dataset.told = JSON.stringify(event.detail); })""",
        name,
    )


def emit(page: Page, name: str, detail: dict[str, Any]) -> None:
    """Say something to the viewer as the review does."""
    page.evaluate(
        """([name, detail]) => document.body.dispatchEvent(
             new CustomEvent(`firstread:${name}`, { bubbles: true, detail }))""",
        [name, detail],
    )


def answer(page: Page) -> Any:
    """Give what the viewer answered."""
    return page.evaluate("JSON.parse(document.body.dataset.told)")


def test_windows_by_key_by_list_and_by_dragging(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Okafor")
    chosen = page.locator("#preset option:checked")
    first = reading(page).text_content() or ""
    expect(chosen).to_have_text("As the film says")
    page.keyboard.press("3")
    expect(chosen).to_have_text("Lungs")
    page.get_by_label("Window", exact=True).select_option(label="Bones")
    expect(chosen).to_have_text("Bones")
    page.locator("#film-pane").focus()
    drag(page, (0.5, 0.5), (120, 60))
    expect(chosen).to_have_text("By hand")
    by_hand = reading(page).text_content() or ""
    page.keyboard.press("Shift+ArrowUp")
    expect(reading(page)).not_to_have_text(by_hand)
    page.keyboard.press("i")
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Backspace")
    expect(reading(page)).to_have_text(first)


@pytest.mark.slow
def test_moving_and_enlarging(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Okafor")
    fitted = reading(page).text_content() or ""
    box = drawn(page).first.bounding_box()
    assert box is not None
    page.keyboard.press("ArrowLeft")
    moved = drawn(page).first.bounding_box()
    assert moved is not None
    assert moved["x"] - box["x"] == pytest.approx(60, abs=1)
    page.keyboard.press("+")
    expect(reading(page)).not_to_have_text(fitted)
    page.mouse.wheel(0, 400)
    page.keyboard.press("=")
    expect(reading(page)).to_contain_text("Zoom 100 %")
    page.keyboard.press("0")
    expect(reading(page)).to_have_text(fitted)


def test_a_mirrored_film_says_so_and_its_sides_change(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Okafor")
    left, right = (page.locator(f"#film-pane .mark.{side}") for side in ("left", "right"))
    expect(left).to_have_text("R")
    expect(right).to_have_text("L")
    page.keyboard.press("h")
    expect(left).to_have_text("L")
    expect(reading(page)).to_contain_text("MIRRORED")
    page.keyboard.press("h")
    page.keyboard.press("r")
    expect(page.locator("#film-pane .mark.top")).to_have_text("R")
    expect(reading(page)).to_contain_text("turned")


def test_findings_are_chosen_by_click_and_by_key(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Marsh")
    expect(drawn(page)).to_have_count(2)
    chosen = page.locator("#film-pane .boxes rect.chosen:not(.under)")
    page.keyboard.press("f")
    expect(chosen).to_have_count(1)
    first = chosen.get_attribute("data-finding")
    page.keyboard.press("f")
    expect(chosen).not_to_have_attribute("data-finding", first or "")
    page.keyboard.press("o")
    expect(drawn(page)).to_have_count(1)
    page.keyboard.press("o")
    box = page.locator(f'#film-pane rect[data-finding="{first}"]').bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(chosen).to_have_attribute("data-finding", first or "")
    page.keyboard.press("b")
    expect(drawn(page)).to_have_count(0)


@pytest.mark.slow
def test_boxes_are_moved_by_mouse_and_by_keys(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Haddad")
    told(page, "boxes-edited")
    box = {"x1": 0.2, "y1": 0.2, "x2": 0.4, "y2": 0.5}
    emit(page, "edit-boxes", {"findingId": "one", "boxes": [box]})
    frame = page.locator(".edited-box")
    expect(frame).to_be_focused()
    place = frame.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"], place["y"] + place["height"] / 2, steps=3)
    page.mouse.up()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    expect(frame).to_have_count(0)
    (moved,) = answer(page)["boxes"]
    assert moved["x1"] == pytest.approx(0.3, abs=0.01)
    assert moved["x2"] == pytest.approx(0.5, abs=0.01)
    assert moved["y1"] == pytest.approx(0.2, abs=0.001)
    assert moved["y2"] > 0.5


@pytest.mark.slow
def test_a_box_is_drawn_where_the_pointer_goes(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Haddad")
    page.keyboard.press("h")
    told(page, "box-drawn")
    emit(page, "draw-box", {"label": "lung lesion"})
    drag(page, (0.5, 0.5), (100, 80))
    box = answer(page)["box"]
    # To the right on a mirrored film is to the left on the stored one.
    assert box["x2"] == pytest.approx(0.5, abs=0.01)
    assert box["x1"] < 0.45
    assert box["y1"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
def test_who_leaves_the_drawing_has_drawn_nothing(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Haddad")
    told(page, "draw-cancelled")
    emit(page, "draw-box", {"label": "lung lesion"})
    page.keyboard.press("Escape")
    assert answer(page) == {"label": "lung lesion"}
    expect(page.locator("#film-pane")).to_be_focused()


@pytest.mark.slow
def test_an_earlier_film_lies_beside(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Marsh")
    button = page.locator("button.prior-film")
    button.click()
    prior = page.locator(".pane.prior[data-shown=whole]")
    expect(prior).to_be_visible()
    caption = page.locator(".pane.prior .caption-words").text_content() or ""
    expect(prior).to_have_attribute("aria-label", caption)
    zoom = prior.locator(".mark.reading")
    before = zoom.text_content() or ""
    page.keyboard.press("+")
    expect(zoom).not_to_have_text(before)
    prior.get_by_role("button", name="Close").click()
    expect(page.locator(".pane")).to_have_count(1)
    expect(button).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(
    ("surname", "words"), [("Ferrari", "Reading it failed"), ("Jensen", "It was not read")]
)
def test_no_result_is_said_over_the_film(
    onlookers: Guests, visitor: Visitor, surname: str, words: str
) -> None:
    page = visitor.go(f"/studies/{onlookers.study(surname).study_uid}")
    expect(page.locator("#film-pane[data-shown=whole]")).to_be_visible(timeout=20_000)
    notice = page.locator(".film-notice")
    expect(notice).to_contain_text("No AI result.")
    expect(notice).to_contain_text(words)
    expect(drawn(page)).to_have_count(0)


@pytest.mark.slow
def test_a_picture_that_retention_removed(onlookers: Guests, visitor: Visitor) -> None:
    study_uid = onlookers.study("Santos").study_uid
    db = onlookers.house.database()
    with db.write() as session:
        study = session.query(Study).filter_by(uid=study_uid).one()
        for film in session.query(Instance).filter_by(study_id=study.id):
            film.removed_at = now()
    db.close()
    page = visitor.go(f"/studies/{study_uid}")
    expect(page.locator(".no-picture")).to_contain_text("removed by the rule of retention")
    expect(page.locator("canvas")).to_have_count(0)


@pytest.mark.slow
def test_a_film_that_cannot_be_shown_says_why(onlookers: Guests, visitor: Visitor) -> None:
    visitor.watch.expected.append("422")
    problem = '{"title": "Unprocessable", "status": 422, "detail": "it is in colour"}'
    visitor.page.route(
        "**/display",
        lambda route: route.fulfill(
            status=422, content_type="application/problem+json", body=problem
        ),
    )
    page = visitor.go(f"/studies/{onlookers.study('Tran').study_uid}")
    expect(page.locator(".pane-state")).to_have_text("The film cannot be shown: it is in colour")


def test_the_next_study_is_a_key_away(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Okafor")
    here = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda address: address != here)
    expect(page.locator("#film-pane[data-shown=whole]")).to_be_visible(timeout=20_000)
    page.keyboard.press("p")
    page.wait_for_url(here)


@pytest.mark.slow
def test_a_box_at_the_films_edge_keeps_its_size(onlookers: Guests, visitor: Visitor) -> None:
    page = opened(onlookers, visitor, "Marsh")
    told(page, "boxes-edited")
    box = {"x1": 0.1, "y1": 0.1, "x2": 0.4, "y2": 0.3}
    emit(page, "edit-boxes", {"findingId": "one", "boxes": [box]})
    for key in ("ArrowLeft", "ArrowUp"):
        for _ in range(60):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    expected = {"x1": 0.0, "y1": 0.0, "x2": 0.3, "y2": 0.2}
    assert answer(page)["boxes"] == [pytest.approx(expected, abs=1e-6)]


@pytest.mark.slow
@pytest.mark.parametrize("surname", ["Marsh", "Ferrari"])
def test_what_is_uncertain_about_a_film_stands_on_it(
    onlookers: Guests, visitor: Visitor, surname: str
) -> None:
    """With a draft, and without one, where no panel tells it."""
    words = "which end of its grey scale is black is not stated"

    def remarked(route: Route) -> None:
        display = route.fetch()
        route.fulfill(response=display, json={**display.json(), "remarks": [words]})

    visitor.page.route("**/display", remarked)
    page = opened(onlookers, visitor, surname)
    expect(page.locator("#film-pane .mark.remarks")).to_have_text(words)
    earlier = page.locator(".prior-film[data-address]")
    if earlier.count():
        earlier.first.click()
        expect(page.locator(".pane.prior .mark.remarks")).to_have_text(words)
