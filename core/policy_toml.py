"""Policies as TOML documents, there and back, and the one that FirstRead comes with.

Reading and writing give the same policy again; what the comments of a document say is lost, the
notes of its rules are kept.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from core.errors import SettingsError
from core.policy import NumberedPolicy, Policy
from core.toml_documents import document_of_toml, mistakes_of, read_document, toml_value

_BUILT_IN: Final = Path(__file__).with_name("default_policy.toml")
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
    return read_document(path, policy_of_toml)


def policy_of_toml(text: str) -> Policy:
    """Read a policy from TOML.

    Raises
    ------
    SettingsError
        If it is none, or too large; the text names of each mistake the rule and the key.
    """
    return policy_of(document_of_toml(text, called="a policy"))


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
        mistakes = mistakes_of(document, error)
        raise SettingsError("; ".join(mistakes)) from error


def document_of(policy: Policy) -> dict[str, Any]:
    """Give a policy as plain JSON values; what is not given is left out."""
    return policy.model_dump(mode="json", exclude_defaults=True) | {"format": policy.format}


def toml_of(policy: Policy) -> str:
    """Write a policy as the TOML that `policy_of_toml` reads."""
    numbers = (
        f"{name} = {toml_value(getattr(policy, name))}"
        for name in ("format", "title", "film_age_hours", "youngest_age_years")
    )
    lines = [_HEAD, *numbers, "", "[words]", *_fields(policy.words)]
    for rule in policy.rule:
        lines += ["", "[[rule]]", f"name = {toml_value(rule.name)}"]
        if rule.note:
            lines.append(f"note = {toml_value(rule.note)}")
        for side in ("when", "unless"):
            named = getattr(rule, side).named
            lines += [f"{side}.{name} = {toml_value(value)}" for name, value in named]
        lines.append(f"then = {toml_value(rule.then.value)}")
        if rule.reason:
            lines.append(f"reason = {toml_value(rule.reason)}")
    return "\n".join([*lines, ""])


@cache
def built_in() -> NumberedPolicy:
    """Give the policy that is in force where a site has imported none: version 0."""
    return NumberedPolicy(0, read_policy(_BUILT_IN))


def _fields(model: BaseModel) -> list[str]:
    return [f"{name} = {toml_value(getattr(model, name))}" for name in type(model).model_fields]
