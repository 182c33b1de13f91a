"""Walks the rules of a policy over the facts of an object: the first that holds decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.policy import Conditions, Policy, Rule, Span, uids_of
from gateway.facts import Facts
from gateway.header_words import wanted

_WORDS: Final = frozenset({"film_words", "study_words"})


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen when a rule was looked at.

    Parameters
    ----------
    rule
        The rule.
    stopped_by
        The first condition that kept it from deciding, such as `when.view`; None where it decides.
    """

    rule: Rule
    stopped_by: str | None


def walk(policy: Policy, facts: Facts) -> Iterator[Look]:
    """Look at rule after rule, down to the one that decides, which is the last one given."""
    for rule in policy.rule:
        look = Look(rule, _stopped_by(rule, facts))
        yield look
        if look.stopped_by is None:
            return


def deciding(policy: Policy, facts: Facts) -> Rule:
    """Give the rule that decides."""
    return next(look.rule for look in walk(policy, facts) if look.stopped_by is None)


def _stopped_by(rule: Rule, facts: Facts) -> str | None:
    for name in _named(rule.when):
        if not holds(name, getattr(rule.when, name), facts):
            return f"when.{name}"
    for name in _named(rule.unless):
        if holds(name, getattr(rule.unless, name), facts):
            return f"unless.{name}"
    return None


def _named(conditions: Conditions) -> list[str]:
    return [name for name, _ in conditions.named]


def holds(name: str, asked: Any, facts: Facts) -> bool:
    """Tell whether one condition holds.

    Parameters
    ----------
    name
        Of the condition, as in `core.policy.Conditions`, and of the fact.
    asked
        What it asks for.
    facts
        Of the object.
    """
    fact = getattr(facts, name)
    if isinstance(asked, Span):
        return asked.holds(fact)
    if isinstance(asked, bool):
        return fact is asked
    if name == "sop_class":
        return fact in uids_of(asked)
    if name in _WORDS:
        return any(wanted(phrase) <= fact for phrase in asked)
    if isinstance(fact, tuple):
        return any(_is_one_of(part, asked) for part in fact)
    return _is_one_of(fact, asked)


def _is_one_of(fact: str, values: Sequence[str]) -> bool:
    plain = _plain(fact)
    return any(
        plain.startswith(_plain(value[:-1])) if value.endswith("*") else plain == _plain(value)
        for value in values
    )


def _plain(value: str) -> str:
    return " ".join(value.split()).casefold()
