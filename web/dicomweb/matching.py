"""Whether an attribute matches what was asked for (PS3.4 section C.2.2.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from web.dicomweb.attributes import AttributePath
from web.dicomweb.refusals import bad_request

_RANGES: Final = frozenset({"DA", "DT", "TM"})
_LISTS: Final = frozenset({"CS", "UI"})
"""Of these a request may name several; neither has a comma or a backslash in its values."""
_LIST_ENDS: Final = re.compile(r"[,\\]")
_WILD: Final = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_NUMBERS: Final = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
_UNMATCHED: Final = frozenset({"AT", "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UN"})
_RANGE_FORMS: Final = {
    "DA": re.compile(r"\d{4}(\.?)\d{2}\1\d{2}"),
    "TM": re.compile(r"\d{2}(:?\d{2}(:?\d{2}(\.\d{1,6})?)?)?"),
    "DT": re.compile(r"\d{4,14}(\.\d{1,6})?"),
}
_LAST: Final = "~"
"""Sorts behind every digit: the end of a range takes in all that begins with it."""


@dataclass(frozen=True)
class Key:
    """One attribute with the value that it must have.

    Parameters
    ----------
    path, vr
        Which attribute.
    asked
        Not empty: an empty one matches everything, and makes no key.

    Raises
    ------
    starlette.exceptions.HTTPException
        400, if an attribute of this kind is not matched, or not with such a value.
    """

    path: AttributePath
    vr: str
    asked: str

    def __post_init__(self) -> None:
        if self.vr in _UNMATCHED:
            message = f"attributes of VR {self.vr} are not matched"
            raise bad_request(message)
        if self.vr in _RANGES and not all(
            not end or _RANGE_FORMS[self.vr].fullmatch(end) for end in self._ends
        ):
            message = f"not a value or range of VR {self.vr}"
            raise bad_request(message)
        if self.vr in _NUMBERS and _number(self.asked) is None:
            message = f"not a number for VR {self.vr}"
            raise bad_request(message)

    def fits(self, values: Iterable[Any]) -> bool:
        """Tell whether any of an attribute's values, as the JSON model has them, matches."""
        if self.vr == "PN":
            return any(
                self._is_asked(_plain_name(group))
                for name in values
                for group in (name.values() if isinstance(name, dict) else (str(name),))
            )
        if self.vr in _RANGES:
            return any(self._in_range(str(value)) for value in values)
        if self.vr in _NUMBERS:
            return any(_number(str(value)) == _number(self.asked) for value in values)
        return any(self._is_asked(str(value).strip()) for value in values)

    @property
    def plain(self) -> tuple[str, ...]:
        """The values one of which must be there as it is; none where it is a pattern."""
        if self.vr in _RANGES or (self.vr in _WILD and re.search(r"[*?]", self.asked)):
            return ()
        if self.vr in _LISTS:
            return tuple(part.strip() for part in _LIST_ENDS.split(self.asked) if part.strip())
        return (self.asked.strip(),)

    @property
    def range(self) -> tuple[str, str]:
        """First and last of a range; empty where it is open."""
        first, *rest = self._ends
        return first, rest[0] if rest else first

    @property
    def _ends(self) -> tuple[str, ...]:
        ends = tuple(end.strip() for end in self.asked.split("-"))
        return ends if len(ends) in {1, 2} and any(ends) else ("not a range",)

    def _in_range(self, value: str) -> bool:
        first, last = (_digits(end) for end in self.range)
        digits = _digits(value)
        return bool(digits) and first <= digits <= (last + _LAST if last else _LAST)

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        asked = _plain_name(self.asked) if self.vr == "PN" else self.asked
        parts = _LIST_ENDS.split(asked) if self.vr in _LISTS else [asked]
        return tuple(part.strip() for part in parts)

    def _is_asked(self, value: str) -> bool:
        if self.vr in _WILD:
            return any(is_like(value, part) for part in self._parts)
        return value in self._parts


def is_like(text: str, pattern: str) -> bool:
    """Tell whether a text is of a pattern in which `*` is any characters and `?` is any one.

    A regular expression would try ways without number for a few dozen stars.
    """
    at = place = resumed = 0
    star = -1
    while at < len(text):
        wanted = pattern[place : place + 1]
        if wanted == "*":
            star, resumed = place, at
            place += 1
        elif wanted in {"?", text[at]}:
            place += 1
            at += 1
        elif star >= 0:
            # The last star takes one character more.
            resumed += 1
            place, at = star + 1, resumed
        else:
            return False
    return not pattern[place:].strip("*")


def _plain_name(name: str) -> str:
    """Give a name as names are compared: without case, and without empty parts at its end."""
    return name.casefold().rstrip("^ ")


def _digits(value: str) -> str:
    return "".join(character for character in value.strip() if character.isdigit())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
