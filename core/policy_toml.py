"""Policies as TOML documents, there and back, and the one that FirstRead comes with.

Reading and writing give the same policy again; what the comments of a document say is lost, the
notes of its rules are kept.
"""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from core.errors import SettingsError
from core.policy import NumberedPolicy, Policy

LARGEST_DOCUMENT: Final = 256 * 1024
"""Bytes, and characters, of a document."""
_BUILT_IN: Final = Path(__file__).with_name("default_policy.toml")
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
_HEAD: Final = """\
# Which films FirstRead reads. Rules are asked in their order, and the first decides whose `when`
# holds as a whole while nothing of its `unless` does. A list of values wants one of them.
# docs/operations.md tells what may be asked and what comes of it; `firstread policy explain FILE`
# shows the rules at work, `firstread policy test DOCUMENT` what a change would do.
"""


def read_policy(path: Path) -> Policy:
    """Read a policy from a TOML file.

    Raises
    ------
    SettingsError
        If it is no such file or no policy; the text names the file, and of each mistake the rule
        and the key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_DOCUMENT + 1)
        return policy_of_toml(data.decode())
    except (OSError, ValueError, SettingsError) as error:
        message = f"{path}: {error}"
        raise SettingsError(message) from error


def policy_of_toml(text: str) -> Policy:
    """Read a policy from TOML.

    Raises
    ------
    SettingsError
        If it is none, or too large; the text names of each mistake the rule and the key.
    """
    if len(text) > LARGEST_DOCUMENT:
        message = f"a policy has at most {LARGEST_DOCUMENT} characters"
        raise SettingsError(message)
    try:
        return policy_of(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error) or "nested too deeply"
        raise SettingsError(message) from error


def policy_of(document: dict[str, Any]) -> Policy:
    """Check a policy that is plain values, as `document_of` gives them.

    Raises
    ------
    SettingsError
        As `policy_of_toml`.
    """
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        mistakes = _mistakes(document, error)
        raise SettingsError("; ".join(mistakes)) from error


def document_of(policy: Policy) -> dict[str, Any]:
    """Give a policy as plain JSON values; what is not given is left out."""
    return policy.model_dump(mode="json", exclude_defaults=True) | {"format": policy.format}


def toml_of(policy: Policy) -> str:
    """Write a policy as the TOML that `policy_of_toml` reads."""
    numbers = (
        f"{name} = {_value(getattr(policy, name))}"
        for name in ("format", "title", "film_age_hours", "youngest_age_years")
    )
    lines = [_HEAD, *numbers, "", "[words]", *_fields(policy.words)]
    for rule in policy.rule:
        lines += ["", "[[rule]]", f"name = {_value(rule.name)}"]
        if rule.note:
            lines.append(f"note = {_value(rule.note)}")
        for side in ("when", "unless"):
            named = getattr(rule, side).named
            lines += [f"{side}.{name} = {_value(value)}" for name, value in named]
        lines.append(f"then = {_value(rule.then.value)}")
        if rule.reason:
            lines.append(f"reason = {_value(rule.reason)}")
    return "\n".join([*lines, ""])


@cache
def built_in() -> NumberedPolicy:
    """Give the policy that is in force where a site has imported none: version 0."""
    return NumberedPolicy(0, read_policy(_BUILT_IN))


def _fields(model: BaseModel) -> list[str]:
    return [f"{name} = {_value(getattr(model, name))}" for name in type(model).model_fields]


def _value(value: object) -> str:
    if isinstance(value, BaseModel):
        fields = value.model_dump(exclude_defaults=True)
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in fields.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # TOML's basic strings, numbers and booleans are written as JSON's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _mistakes(document: dict[str, Any], error: ValidationError) -> list[str]:
    """Say each mistake once: what pydantic says of each alternative of a value is one of them."""
    found: dict[str, list[str]] = {}
    errors = error.errors()
    for one in errors:
        where = one["loc"]
        # What is wrong itself does not count towards the length of its list.
        inner = any(len(e["loc"]) > len(where) and e["loc"][: len(where)] == where for e in errors)
        if one["type"] == "too_short" and inner:
            continue
        words = _OWN_WORDS.get(one["type"], one["msg"].removeprefix("Value error, "))
        found.setdefault(_place(document, where), []).append(words)
    return [f"{place}: {', or '.join(words)}" for place, words in found.items()]


def _place(document: dict[str, Any], where: tuple[int | str, ...]) -> str:
    """Say where a mistake is: the rule by its number and name, then the key."""
    where = tuple(part for part in where if not _ALTERNATIVE.match(str(part)))
    if len(where) < 2 or where[0] != "rule" or not isinstance(where[1], int):  # noqa: PLR2004 - a rule's place is its number
        return ".".join(map(str, where)) or "policy"
    name = ""
    rules = document.get("rule")
    if isinstance(rules, list) and where[1] < len(rules) and isinstance(rules[where[1]], dict):
        name = f" {str(rules[where[1]].get('name', ''))[:64]!r}"
    key = ".".join(str(part) for part in where[2:])
    return f"rule {where[1] + 1}{name}" + (f", {key}" if key else "")
