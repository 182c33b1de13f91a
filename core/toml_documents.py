"""What administrators' TOML documents share: their mistakes in words, and their values."""

import json
import re
from typing import Any, Final

from pydantic import BaseModel, ValidationError

LARGEST_DOCUMENT: Final = 256 * 1024
"""Bytes, and characters, of a document."""
_OWN_WORDS: Final = {
    "extra_forbidden": "there is no such key",
    "missing": "this key is missing",
    "too_short": "at least one value is wanted",
    "float_type": "a number is wanted",
    "bool_type": "true or false is wanted",
    "string_type": "a text is wanted",
    "tuple_type": "a list is wanted",
}
"""What pydantic's kinds of mistakes are called here."""
_ALTERNATIVE: Final = re.compile(r"constrained-|literal\[|float$")
"""What pydantic puts into a place for each alternative of a value."""


def mistakes_of(
    document: dict[str, Any], error: ValidationError, *, named_by: str = "name"
) -> list[str]:
    """Say each mistake once: what pydantic says of each alternative of a value is one of them.

    Parameters
    ----------
    document
        What was checked, whose list `rule` holds its rules.
    error
        What was found wrong.
    named_by
        The key by which one recognises a rule.
    """
    found: dict[str, list[str]] = {}
    errors = error.errors()
    for one in errors:
        where = one["loc"]
        # What is wrong itself does not count towards the length of its list.
        inner = any(len(e["loc"]) > len(where) and e["loc"][: len(where)] == where for e in errors)
        if one["type"] == "too_short" and inner:
            continue
        words = _OWN_WORDS.get(one["type"], one["msg"].removeprefix("Value error, "))
        found.setdefault(_place(document, where, named_by), []).append(words)
    return [f"{place}: {', or '.join(words)}" for place, words in found.items()]


def toml_value(value: object) -> str:
    """Write a value as TOML reads it."""
    if isinstance(value, BaseModel):
        fields = value.model_dump(exclude_defaults=True)
        return "{ " + ", ".join(f"{key} = {toml_value(one)}" for key, one in fields.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    # TOML's basic strings, numbers and booleans are written as JSON's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(document: dict[str, Any], where: tuple[int | str, ...], named_by: str) -> str:
    """Say where a mistake is: the rule by its number and name, then the key."""
    where = tuple(part for part in where if not _ALTERNATIVE.match(str(part)))
    if len(where) < 2 or where[0] != "rule" or not isinstance(where[1], int):  # noqa: PLR2004 - a rule's place is its number
        return ".".join(map(str, where)) or "policy"
    name = ""
    rules = document.get("rule")
    if isinstance(rules, list) and where[1] < len(rules) and isinstance(rules[where[1]], dict):
        name = f" {str(rules[where[1]].get(named_by, ''))[:64]!r}"
    key = ".".join(str(part) for part in where[2:])
    return f"rule {where[1] + 1}{name}" + (f", {key}" if key else "")
