"""docs/operations.md names the states and the settings that exist, and leaves none out.

What it says of them is not checked here.
"""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.settings import Settings
from core.states import DeliveryState, FilmState, StudyState

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def _section(heading: str) -> str:
    return _DOCUMENT.split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]


@pytest.mark.parametrize(
    ("heading", "states"), [("Films", FilmState), ("Deliveries", DeliveryState)]
)
def test_each_state_has_its_row(heading: str, states: type[StrEnum]) -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", _section(heading), re.MULTILINE)
    assert sorted(rows) == sorted(states)


def test_each_state_of_a_study_is_named() -> None:
    assert set(re.findall(r"`([a-z_]+)`", _section("Studies"))) == set(StudyState)


def test_the_settings_exist() -> None:
    sections = {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    named = re.findall(rf"`({'|'.join(sections)})\.([a-z_]+)`", _DOCUMENT)
    assert len(named) > 10
    for section, setting in named:
        assert setting in sections[section].model_fields, f"{section}.{setting}"
