"""What a pane paints: grey levels by the standard, and boxes where the picture has what they mark.

Made-up films on a page of the reading room (viewer_bench.js), by both painters: that of the plain
canvas, and that of the graphics card, here on a processor. The page around the pane is tested in
test_viewer.py.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from core.grey_scale import LookupTable, Window
from imaging.presets import shares_of
from tests.browser.conftest import Guests

_BENCH = Path(__file__).parent / "viewer_bench.js"
BOX = {"x1": 0.2, "y1": 0.1, "x2": 0.45, "y2": 0.6}
SIZE = (600, 480)
painters = pytest.mark.parametrize("painter", ["canvas", "webgl"])


@pytest.fixture(scope="module")
def bench(onlookers: Guests) -> Iterator[Page]:
    """A page with the viewer's modules at hand; nobody has to sign in for them."""
    visitor = onlookers.enter()
    # What reading back a picture costs where a processor does the work of the card.
    visitor.watch.expected.append("GL Driver Message")
    page = visitor.go("/sign-in")
    page.evaluate(f"{_BENCH.read_text()}.then((bench) => {{ window.bench = bench; }})")
    yield page
    assert visitor.watch.unexpected == []


VOIS: dict[str, Window | LookupTable] = {
    "linear": Window(1000.0, 800.0, "LINEAR"),
    "linear of width 1": Window(1000.0, 1.0, "LINEAR"),
    "exact": Window(1000.0, 800.0, "LINEAR_EXACT"),
    "sigmoid": Window(1000.0, 800.0, "SIGMOID"),
    "table": LookupTable(200, 10, tuple(range(0, 1024, 3))),
}


def _told(voi: Window | LookupTable) -> dict[str, Any]:
    if isinstance(voi, Window):
        return {"function": voi.function, "center": voi.center, "width": voi.width}
    return {"first": voi.first, "bits": voi.bits, "entries": list(voi.entries)}


@pytest.mark.parametrize("name", VOIS)
def test_grey_levels_are_those_of_the_picture_that_is_read(bench: Page, name: str) -> None:
    voi = VOIS[name]
    shares = shares_of(voi, 0.25 * np.arange(65536, dtype=np.float64) - 300.0)
    script = "([display, voi]) => Array.from(bench.greyTable(display, voi, false)).join()"
    for inverted in (False, True):
        display = {"slope": 0.25, "intercept": -300, "padding": [7, 90], "inverted": inverted}
        levels = np.fromstring(bench.evaluate(script, [display, _told(voi)]), sep=",")
        expected = np.rint((1.0 - shares if inverted else shares) * 255.0)
        expected[7:91] = 0
        assert abs(levels - expected).max() <= 1


@pytest.mark.slow
@painters
def test_a_film_at_one_to_one_is_its_pixels(bench: Page, painter: str) -> None:
    assert bench.evaluate("bench.wrongAtOneToOne", painter) == 0


TURNS = (
    (),
    ("rotate",),
    ("rotate", "rotate"),
    ("rotate", "rotate", "rotate"),
    ("flip",),
    ("rotate", "flip"),
    ("flip", "rotate"),
)


@pytest.mark.parametrize("aspect", [2.0, 0.5])
@painters
def test_a_box_lies_on_what_it_marks(bench: Page, painter: str, aspect: float) -> None:
    for turns in TURNS:
        found = bench.evaluate(
            "([painter, aspect, box, turns]) => bench.boxAndPicture(painter, aspect, box, turns)",
            [painter, aspect, BOX, turns],
        )
        for drawn, bright in found:
            held = [min(max(edge, 0), SIZE[at % 2]) for at, edge in enumerate(drawn)]
            assert held == pytest.approx(bright, abs=2.5), turns


@painters
def test_the_lowest_value_is_white_where_the_film_says_so(bench: Page, painter: str) -> None:
    script = "([painter, box]) => bench.polarity(painter, box)"
    bright, level = bench.evaluate(script, [painter, BOX])
    # 480 pixels square in the middle of 600.
    assert bright == pytest.approx([60 + 96, 48, 60 + 216, 288], abs=1.5)
    assert level > 200


@pytest.mark.slow
@painters
def test_padding_is_black_and_does_not_bleed(bench: Page, painter: str) -> None:
    script = "([painter, box]) => bench.padding(painter, box)"
    plain, inverted = bench.evaluate(script, [painter, BOX])
    # 2000 of 4096 is a grey of 125, and inverted of 130; between them and black lie edges alone.
    assert (min(plain), max(plain)) == pytest.approx((0, 125), abs=1)
    assert (min(inverted), max(inverted)) == pytest.approx((0, 130), abs=1)


@pytest.mark.slow
@painters
def test_a_film_that_is_shown_smaller_is_a_mean_of_its_pixels(bench: Page, painter: str) -> None:
    assert bench.evaluate("bench.chequer", painter) == pytest.approx([127.5, 127.5], abs=1.5)


@pytest.mark.slow
def test_labels_lie_outside_of_boxes_and_not_over_one_another(bench: Page) -> None:
    assert bench.evaluate("bench.misplacedLabels()") == []


@pytest.mark.slow
def test_a_box_that_fills_the_pane_still_has_its_label_in_sight(bench: Page) -> None:
    place = bench.evaluate("bench.labelOfAWholePane()")
    assert 0 <= place["x"] <= 710
    assert 0 <= place["y"] <= 680


@pytest.mark.slow
def test_a_large_film_is_windowed_at_sixty_frames_a_second(bench: Page) -> None:
    # Without a graphics card, which would be faster: the best of three drags on a busy machine.
    drags = [bench.evaluate("bench.framesWhileWindowing('canvas', 90)") for _ in range(3)]
    assert min(median(drag["painting"]) for drag in drags) < 1000 / 60
    assert min(median(drag["between"]) for drag in drags) < 1.1 * 1000 / 60
