"""Complaints of validators that are let through: those of `leftovers.toml`, each with a reason."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("leftovers.toml")


@dataclass(frozen=True, slots=True)
class Leftover:
    """One complaint that is let through.

    Parameters
    ----------
    validator
        Whose complaint it is.
    words
        What such a complaint holds.
    reason
        Why it says nothing against the object.
    case
        The case of tests/conformance that causes it.
    """

    validator: str
    words: tuple[str, ...]
    reason: str
    case: str

    def is_in(self, complaint: str) -> bool:
        """Tell whether a complaint is this one."""
        return all(word in complaint for word in self.words)


@cache
def leftovers() -> tuple[Leftover, ...]:
    """Read the table."""
    entries = tomllib.loads(_TABLE.read_text("utf-8"))["leftover"]
    return tuple(
        Leftover(entry["validator"], tuple(entry["words"]), entry["reason"], entry["case"])
        for entry in entries
    )


def without_leftovers(validator: str, complaints: list[str]) -> list[str]:
    """Give the complaints that count."""
    known = [one for one in leftovers() if one.validator == validator]
    return [line for line in complaints if not any(one.is_in(line) for one in known)]
