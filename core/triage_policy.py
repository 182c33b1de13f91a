"""The triage policy: which label raises a study, from which score, and how long one may wait.

Plain values that an administrator sets; `core.triage` says what comes of them, and
`core.triage_toml` reads and writes documents.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core.labels import Label
from core.policy import Line
from core.triage import Tier, TriageRule
from core.uids import is_uid

MOST_RULES: Final = 500
NEVER: Final = "never"
LONGEST_WAIT: Final = 7 * 24 * 60.0
"""Minutes after which, at the latest, any study rises."""

TierName = Literal["raised", "urgent"]


def _model(text: str) -> str:
    if text and not is_uid(text):
        message = f"a model's UID is wanted, as `firstread model list` tells it, not {text!r}"
        raise ValueError(message)
    return text


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TriageEntry(_Value):
    """One rule of a document; `core.triage.TriageRule` says what each part means."""

    label: Label
    tier: TierName
    score: (
        Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)] | Literal["never"]
    ) = 0.0
    """"never" lets no flag of the one model count that the rule is for."""
    model: Annotated[str, AfterValidator(_model)] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.score == NEVER and not self.model:
            message = "score = 'never' is for one model; leave the rule out for all"
            raise ValueError(message)
        return self

    @property
    def rule(self) -> TriageRule:
        """What it means."""
        score = None if isinstance(self.score, str) else self.score
        return TriageRule(self.label, Tier[self.tier.upper()], score, self.model)


class TriagePolicy(_Value):
    """Which studies are to be read sooner."""

    format: Literal[1] = 1
    title: Line = ""
    longest_wait_minutes: Annotated[
        float, Field(ge=1, le=LONGEST_WAIT, allow_inf_nan=False, strict=True)
    ] = 240.0
    """After which a study that nobody has seen rises to the top tier, whatever the model said."""
    rule: Annotated[tuple[TriageEntry, ...], Field(max_length=MOST_RULES)] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        keys = [(entry.label, entry.tier, entry.model) for entry in self.rule]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            label, tier, model = twice
            message = f"more than one rule makes {label.value} {tier}"
            raise ValueError(f"{message} for {model}" if model else message)
        return self

    @property
    def rules(self) -> tuple[TriageRule, ...]:
        """The rules as `core.triage` takes them."""
        return tuple(entry.rule for entry in self.rule)


@dataclass(frozen=True, slots=True)
class NumberedTriage:
    """A triage policy with its number.

    Parameters
    ----------
    version
        0 is the built-in one.
    policy
        The rules.
    """

    version: int
    policy: TriagePolicy
