"""deploy/firstread.toml names every setting, and says rightly which ones are not defaults.

What each setting does is tested where it is used.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from core.settings import Settings, load_settings

_EXAMPLE = Path(__file__).parents[2] / "deploy" / "firstread.toml"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FIRSTREAD_")]:
        monkeypatch.delenv(name)


def _fields(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Give each leaf of a settings tree with its default."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= _fields(field.annotation, f"{prefix}{name}.")
        else:
            found[prefix + name] = field.default
    return found


def _leaves(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= _leaves(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def _value(settings: BaseModel, dotted: str) -> object:
    value: object = settings
    for name in dotted.split("."):
        value = getattr(value, name)
    return value


def _marked() -> set[str]:
    """Give the settings whose comment carries the mark for "not the default"."""
    marked, section, mark = set(), "", False
    for line in _EXAMPLE.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]") + "."
        if line.startswith("#") or not line:
            mark = line.endswith("(!)")
        elif "=" in line:
            if mark:
                marked.add(section + line.split("=")[0].strip())
            mark = False
    return marked


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(_leaves(tomllib.loads(_EXAMPLE.read_text()))) == set(_fields(Settings))


def test_the_example_marks_what_differs_from_its_default() -> None:
    settings = load_settings(_EXAMPLE)
    differing = {
        name for name, default in _fields(Settings).items() if _value(settings, name) != default
    }
    assert differing == _marked()
