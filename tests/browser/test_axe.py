"""axe finds nothing on any page that WCAG 2.2 A or AA forbids, and no page complains.

axe sees what a program can see; whether the pages are good to use by keyboard is tested with each.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Page

from evaluation.room.pages import SIGHTS, Sight
from tests.browser.conftest import Guests

_AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# Where there is less room, targets are smaller and closer.
_SIZE = (1280, 800)
_OF_EACH_KIND = ("sign-in", "worklist", "study", "review-sign", "chat-answers", "operations-triage")
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def violations(page: Page) -> list[str]:
    """Let axe look at a page, and give what it found, with where."""
    # The policy forbids scripts that are added to a page; what the debugger evaluates is none.
    page.evaluate(_AXE.read_text())
    options = json.dumps({"runOnly": {"type": "tag", "values": list(_RULES)}})
    found: Sequence[dict[str, Any]] = page.evaluate(f"axe.run(document, {options})")["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']]}" for one in found
    ]


def _sights() -> Iterator[ParameterSet]:
    """Give every sight, those that are not of each kind of page for the long suites."""
    for sight in SIGHTS:
        marks = () if sight.name in _OF_EACH_KIND else (pytest.mark.slow,)
        yield pytest.param(sight, marks=marks, id=sight.name)


@pytest.mark.parametrize("sight", list(_sights()))
def test_nothing_is_found(onlookers: Guests, sight: Sight) -> None:
    roles = () if sight.role is None else (sight.role,)
    visitor = onlookers.enter(roles[0].value if roles else "", *roles, size=_SIZE)
    page = visitor.go(sight.path(onlookers.placed))
    sight.ready(page)
    assert violations(page) == []
    assert visitor.watch.unexpected == []
    page.context.close()


def test_axe_does_find_something(onlookers: Guests) -> None:
    page = onlookers.enter().go("/sign-in")
    page.evaluate("document.querySelector('h1').style.color = '#222'")
    assert any(one.startswith("color-contrast") for one in violations(page))
