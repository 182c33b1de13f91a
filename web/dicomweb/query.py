"""What a search asks for (PS3.18 section 8.3.4), from the parameters of its address."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from web.dicomweb.attributes import AttributePath, attribute_path, vr_of
from web.dicomweb.matching import Key
from web.dicomweb.refusals import bad_request

MOST_RESULTS: Final = 500
"""Of one answer; whoever wants more asks with an offset."""
_USUAL_RESULTS: Final = 100
_MOST_PARAMETERS: Final = 64
_LONGEST_VALUE: Final = 4096
_LARGEST_OFFSET: Final = 10_000_000
_UID_SEPARATORS: Final = "\\"


@dataclass(frozen=True, slots=True)
class Query:
    """One search.

    Parameters
    ----------
    keys
        What must match, all of it.
    include
        Attributes to be given beside the usual ones.
    include_all
        Whether every attribute of the level is to be given.
    limit, offset
        Which of the results; at most `MOST_RESULTS`.
    fuzzy
        Whether names were to be matched by their sound, which is not done.
    """

    keys: tuple[Key, ...] = ()
    include: tuple[AttributePath, ...] = ()
    include_all: bool = False
    limit: int = _USUAL_RESULTS
    offset: int = 0
    fuzzy: bool = False

    def key(self, tag: str) -> Key | None:
        """Give the key on an attribute that lies in no sequence."""
        return next((key for key in self.keys if key.path == (tag,)), None)


def parse_query(parameters: Iterable[tuple[str, str]]) -> Query:
    """Read the parameters of a search.

    Parameters
    ----------
    parameters
        Names and values as decoded from the address, in their order.

    Raises
    ------
    starlette.exceptions.HTTPException
        400, if one is malformed, or names no attribute.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for count, (name, value) in enumerate(parameters, 1):
        if count > _MOST_PARAMETERS or len(value) > _LONGEST_VALUE:
            message = "too many parameters, or too long ones"
            raise bad_request(message)
        found[name].append(value)
    found.pop("accept", None)
    named = [
        part.strip()
        for value in found.pop("includefield", [])
        for part in value.split(",")
        if part.strip()
    ]
    limit = _number(found.pop("limit", []), "limit", _USUAL_RESULTS)
    offset = _number(found.pop("offset", []), "offset", 0)
    fuzzy = _only(found.pop("fuzzymatching", ["false"]), "fuzzymatching")
    if fuzzy not in {"true", "false"}:
        message = "fuzzymatching is true or false"
        raise bad_request(message)
    return Query(
        keys=_keys(found),
        include=tuple(attribute_path(name) for name in named if name != "all"),
        include_all="all" in named,
        limit=min(limit, MOST_RESULTS),
        offset=offset,
        fuzzy=fuzzy == "true",
    )


def _keys(found: dict[str, list[str]]) -> tuple[Key, ...]:
    keys: dict[AttributePath, Key] = {}
    for name, values in found.items():
        path = attribute_path(name)
        vr = vr_of(path)
        asked = (
            _UID_SEPARATORS.join(values) if vr in {"CS", "UI"} else _only(values, "an attribute")
        )
        if path in keys:
            message = "an attribute is named twice"
            raise bad_request(message)
        # Universal matching (PS3.4 section C.2.2.2.3) is no condition.
        if asked.strip("*\\, ") or (asked and vr not in {"CS", "UI"} and asked.strip("*")):
            keys[path] = Key(path, vr, asked)
    return tuple(keys.values())


def _number(values: list[str], name: str, missing: int) -> int:
    text = _only(values or [str(missing)], name)
    if not (text.isascii() and text.isdigit()) or int(text) > _LARGEST_OFFSET:
        message = f"{name} is no number of results"
        raise bad_request(message)
    return int(text)


def _only(values: list[str], name: str) -> str:
    if len(values) != 1:
        message = f"{name} is given more than once"
        raise bad_request(message)
    return values[0]
