"""One thing that `firstread doctor` looks at, and how that ended."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfoNotFoundError

from core.errors import FirstReadError


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    REMARK = "remark"
    """It works, and an administrator should know something of it."""
    UNKNOWN = "unknown"
    """It could not be told; never taken for well."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was seen."""

    name: str
    verdict: Verdict
    words: str


def attempt(name: str, look: Callable[[], str | Check]) -> Check:
    """Look at something; what it raises is what is wrong.

    Parameters
    ----------
    name
        Of what is looked at.
    look
        Gives what was seen, which is well then, or a whole check.
    """
    try:
        seen = look()
    except FirstReadError as error:
        return Check(name, Verdict.WRONG, str(error))
    except (OSError, ZoneInfoNotFoundError) as error:
        return Check(name, Verdict.WRONG, f"{type(error).__name__}: {error}")
    return seen if isinstance(seen, Check) else Check(name, Verdict.OK, seen)
