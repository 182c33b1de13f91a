"""A triage policy as the fields of a form: there, and back with what is wrong beside its field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import SettingsError
from core.labels import Label
from core.triage_policy import NEVER, TriagePolicy
from core.triage_toml import triage_of
from web.texts import mark

TIERS: Final = ("raised", "urgent")
TITLE: Final = "title"
WAIT: Final = "longest_wait_minutes"
WITHOUT_URGENT: Final = "without_urgent"
"""Says, where it is "yes", that nothing is to be urgent by its flags."""
NO_SCORE: Final = mark("a number from 0 to 1")
NO_SCORE_OR_NEVER: Final = mark("a number from 0 to 1, or never")
NO_NUMBER: Final = mark("a number of minutes")


class UnfitFieldsError(SettingsError):
    """What somebody typed is no policy.

    Parameters
    ----------
    fields
        What is wrong, in words of the source's language, by the name of the field.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("some fields do not fit")
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Field:
    """One score of the form.

    Parameters
    ----------
    label, tier
        Which label earns which tier from this score on.
    model
        For which model alone; empty is for every model.
    """

    label: Label
    tier: str
    model: str = ""

    @property
    def name(self) -> str:
        """Its name in the form."""
        return f"{self.label.name.lower()}.{self.tier}.{self.model}"


_PARTS: Final = 2
"""Dots in front of the model in the name of a score's field."""


def is_score(name: str) -> bool:
    """Whether a field of the form holds a score."""
    return name.count(".") >= _PARTS


def model_of(name: str) -> str:
    """Give the model that a score's field is for; empty for every model."""
    return name.split(".", _PARTS)[_PARTS]


def makes_urgent(fields: Mapping[str, str]) -> bool:
    """Whether any label makes a study urgent by the fields of a form."""
    return any(
        is_score(name)
        and name.split(".")[1] == "urgent"
        and text.strip().lower() not in {"", NEVER}
        for name, text in fields.items()
    )


def fields_of(policy: TriagePolicy) -> dict[str, str]:
    """Give the fields of a form as a policy fills them."""
    filled = {TITLE: policy.title, WAIT: f"{policy.longest_wait_minutes:g}"}
    for entry in policy.rule:
        score = entry.score if isinstance(entry.score, str) else f"{entry.score:g}"
        filled[Field(entry.label, entry.tier, entry.model).name] = score
    return filled


def policy_of(typed: Mapping[str, str], models: Collection[str]) -> TriagePolicy:
    """Give the policy that somebody typed.

    Parameters
    ----------
    typed
        The form's fields. An empty score is none.
    models
        UIDs of the models that have fields of their own.

    Raises
    ------
    UnfitFieldsError
        If a field does not fit.
    """
    wrong: dict[str, str] = {}
    rules: list[dict[str, Any]] = []
    for field in (
        Field(label, tier, m) for m in ("", *models) for label in Label for tier in TIERS
    ):
        text = typed.get(field.name, "").strip().lower()
        if not text:
            continue
        score = NEVER if field.model and text == NEVER else _number(text)
        if score is None or (score != NEVER and not 0 <= float(score) <= 1):
            wrong[field.name] = NO_SCORE_OR_NEVER if field.model else NO_SCORE
            continue
        rules.append(
            {"label": field.label, "tier": field.tier, "score": score, "model": field.model}
        )
    wait = _number(typed.get(WAIT, ""))
    if wait is None:
        wrong[WAIT] = NO_NUMBER
    if wrong:
        raise UnfitFieldsError(wrong)
    document = {"title": typed.get(TITLE, ""), WAIT: wait, "rule": rules}
    try:
        return triage_of(document)
    except SettingsError as error:
        # Each score is fit by itself: what is left is the title or the wait, which it names.
        text = str(error)
        raise UnfitFieldsError({TITLE if text.startswith(TITLE) else WAIT: text}) from error


def _number(text: str) -> float | None:
    try:
        # Who writes a comma means the same.
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
