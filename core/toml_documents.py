"""What administrators' TOML documents share: limits, their mistakes in words, and their values."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import SettingsError

_Document = TypeVar("_Document")

LARGEST_DOCUMENT: Final = 128 * 1024
"""Bytes, and characters, of a document."""
MOST_MISTAKES: Final = 20
"""Mistakes that are told; the others are counted."""
_LONGEST_NAME: Final = 64
"""Characters of a key, or a rule's name, that a mistake repeats."""
_LONGEST_WORDS: Final = 500
"""Characters of what is said of one mistake."""
_QUOTED: Final = re.compile(
    r"""
    \"{3}(?: [^"\\] | \\.? | "(?!"") )*+ (?: "{3,5} | \Z )
    | '{3}(?: [^'] | '(?!'') )*+ (?: '{3,5} | \Z )
    | "(?: [^"\\\n] | \\[^\n]? )*+ "?
    | '[^'\n]*+ '?
    | \#[^\n]*+
    """,
    re.DOTALL | re.VERBOSE,
)
"""Strings and comments, closed or not: each character is looked at once."""
_DEEP_KEY: Final = re.compile(r"(?<![\w-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){32}")
"""A key of more parts than any document needs: `tomllib` takes time with the square of their number
or worse."""
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


def document_of_toml(text: str, *, called: str) -> dict[str, Any]:
    """Read a document that somebody wrote, in a time that its size bounds.

    Parameters
    ----------
    text
        TOML.
    called
        What it is to be, with its article.

    Raises
    ------
    SettingsError
        If it is too large, has a key of more than 32 parts, or is no TOML.
    """
    if len(text) > LARGEST_DOCUMENT:
        message = f"{called} has at most {LARGEST_DOCUMENT} characters"
        raise SettingsError(message)
    if _DEEP_KEY.search(_QUOTED.sub("quoted", text)):
        message = f"{called} has no key of more than 32 parts"
        raise SettingsError(message)
    try:
        return tomllib.loads(text)
    # A number of more digits than Python reads is a ValueError of another kind.
    except (ValueError, RecursionError) as error:
        message = _cut(str(error), _LONGEST_WORDS) or "nested too deeply"
        raise SettingsError(message) from error


def read_document(path: Path, parse: Callable[[str], _Document]) -> _Document:
    """Read a document from a file.

    Parameters
    ----------
    path
        The file.
    parse
        Makes a document of its text.

    Raises
    ------
    SettingsError
        If it is no such file, no text, too large, or `parse` refuses it; the text names the file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_DOCUMENT + 1)
        return parse(data.decode())
    except (OSError, ValueError, SettingsError) as error:
        message = f"{path}: {error}"
        raise SettingsError(message) from error


def mistakes_of(
    document: dict[str, Any], error: ValidationError, *, named_by: str = "name"
) -> list[str]:
    """Say the first mistakes, each once: what pydantic says of each alternative is one of them.

    Parameters
    ----------
    document
        What was checked, whose list `rule` holds its rules.
    error
        What was found wrong.
    named_by
        The key by which one recognises a rule.
    """
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    around = {one["loc"][:end] for one in errors for end in range(len(one["loc"]))}
    found: dict[str, list[str]] = {}
    for one in errors:
        where = one["loc"]
        # What is wrong itself does not count towards the length of its list.
        if one["type"] == "too_short" and where in around:
            continue
        words = _OWN_WORDS.get(one["type"], one["msg"].removeprefix("Value error, "))
        found.setdefault(_place(document, where, named_by), []).append(_cut(words, _LONGEST_WORDS))
    told = [f"{place}: {', or '.join(words)}" for place, words in found.items()]
    more = len(told) - MOST_MISTAKES
    return [*told[:MOST_MISTAKES], f"and {more} more"] if more > 0 else told


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
        return _key(where) or "policy"
    name = ""
    rules = document.get("rule")
    if isinstance(rules, list) and where[1] < len(rules) and isinstance(rules[where[1]], dict):
        given = rules[where[1]].get(named_by)
        name = f" {given[:_LONGEST_NAME]!r}" if isinstance(given, str) else ""
    key = _key(where[2:])
    return f"rule {where[1] + 1}{name}" + (f", {key}" if key else "")


def _key(parts: tuple[int | str, ...]) -> str:
    return ".".join(_cut(str(part), _LONGEST_NAME) for part in parts)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
