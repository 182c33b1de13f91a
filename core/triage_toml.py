"""Triage policies as TOML documents, there and back, and the one that FirstRead comes with.

Reading and writing give the same policy again; what the comments of a document say is lost.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from core.errors import SettingsError
from core.toml_documents import document_of_toml, mistakes_of, read_document, toml_value
from core.triage import DEFAULT_RULES, Tier
from core.triage_policy import NumberedTriage, TriageEntry, TriagePolicy

_HEAD: Final = """\
# Which studies are to be read sooner. A label that the model calls present or uncertain, with at
# least this score, raises its study to a tier: "raised" or "urgent". A rule with the UID of a model
# takes the place of the rule for all models of the same label and tier; there, "never" is a score,
# too. Labels without a rule raise nothing, and nothing ever lowers a study.
"""


def read_triage(path: Path) -> TriagePolicy:
    """Read a triage policy from a TOML file.

    Raises
    ------
    SettingsError
        If it is no such file or no policy; the text names the file, and of each mistake the rule
        and the key.
    """
    return read_document(path, triage_of_toml)


def triage_of_toml(text: str) -> TriagePolicy:
    """Read a triage policy from TOML.

    Raises
    ------
    SettingsError
        If it is none, or too large; the text names of each mistake the rule and the key.
    """
    return triage_of(document_of_toml(text, called="a triage policy"))


def triage_of(document: dict[str, Any]) -> TriagePolicy:
    """Check a triage policy that is plain values, as `document_of_triage` gives them.

    Raises
    ------
    SettingsError
        As `triage_of_toml`.
    """
    try:
        return TriagePolicy.model_validate(document)
    except ValidationError as error:
        mistakes = mistakes_of(document, error, named_by="label")
        raise SettingsError("; ".join(mistakes)) from error


def document_of_triage(policy: TriagePolicy) -> dict[str, Any]:
    """Give a triage policy as plain JSON values, all of them: no later default changes it."""
    return policy.model_dump(mode="json")


def toml_of_triage(policy: TriagePolicy) -> str:
    """Write a triage policy as the TOML that `triage_of_toml` reads."""
    names = ("format", "title", "longest_wait_minutes")
    lines = [_HEAD, *(f"{name} = {toml_value(getattr(policy, name))}" for name in names)]
    for entry in policy.rule:
        lines += ["", "[[rule]]"]
        values = entry.model_dump(mode="json")
        lines += [f"{key} = {toml_value(value)}" for key, value in values.items() if value != ""]
    return "\n".join([*lines, ""])


@cache
def built_in_triage() -> NumberedTriage:
    """Give the policy that is in force where a site has made none: version 0."""
    names: dict[Tier, Any] = {tier: tier.name.lower() for tier in Tier}
    entries = tuple(
        TriageEntry(label=rule.label, tier=names[rule.tier], score=rule.score or 0.0)
        for rule in DEFAULT_RULES
    )
    return NumberedTriage(0, TriagePolicy(rule=entries))
