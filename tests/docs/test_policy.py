"""docs/operations.md names what a policy may ask and say, and the rules that come with FirstRead.

What it says of them is not checked here.
"""

import re
from pathlib import Path

from core.policy import PLACES, Conditions, Outcome, Policy, SiteWords
from core.policy_toml import built_in, policy_of_toml

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
_SECTION = _DOCUMENT.split("\n## What is read\n", 1)[1].split("\n## ", 1)[0]


def _first_cells(heading: str) -> list[str]:
    """Give the words in code style of the first cells of the table that begins so."""
    table = _SECTION.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    return [word for row in rows for word in re.findall(r"`([a-z_0-9]+)`", row)]


def test_the_rules_are_told_in_their_order() -> None:
    assert _first_cells("rule") == [rule.name for rule in built_in().policy.rule]


def test_each_condition_is_told() -> None:
    assert sorted(_first_cells("condition")) == sorted(Conditions.model_fields)


def test_each_outcome_and_each_place_of_a_reason_is_told() -> None:
    for outcome in Outcome:
        assert f"`{outcome}`" in _SECTION
    for place in PLACES:
        assert f"`{{{place}}}`" in _SECTION


def test_the_example_is_a_policy() -> None:
    head, rule = re.findall(r"```toml\n(.*?)```", _SECTION, re.DOTALL)
    last = '[[rule]]\nname = "rest"\nthen = "store"\n'
    example = policy_of_toml(f"{head}\n{rule}\n{last}")
    assert isinstance(example, Policy)
    assert set(re.findall(r"^([a-z_]+) = \[", head, re.MULTILINE)) == set(SiteWords.model_fields)
    assert example.rule[0].name == "ward_3"
