"""From flags to a study's place in the worklist.

Triage only raises: a study's tier is the highest that any of its films ever earned, and an
answer of "nothing found" moves nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from core.labels import Label
from core.reading import Flag, Presence, check_score


class Tier(IntEnum):
    """A study's place in the worklist; a higher one is read sooner."""

    ROUTINE = 0
    RAISED = 1
    URGENT = 2


@dataclass(frozen=True, slots=True)
class TriageRule:
    """When a label raises a study.

    Parameters
    ----------
    label
        The label.
    tier
        The tier that it earns.
    score
        Least score, in [0, 1], for a label that the model says is present; a flag without a
        score counts, since its absence says nothing against it. None lets no flag count.
    model
        UID of the one model that the rule is for, in the place of the rule for every model of the
        same label and tier; empty is every model.

    Raises
    ------
    ValueError
        If the score is no probability.
    """

    label: Label
    tier: Tier
    score: float | None = 0.0
    model: str = ""

    def __post_init__(self) -> None:
        check_score(self.score)

    def counts(self, flag: Flag) -> bool:
        """Whether a flag earns the tier, whichever model it is of."""
        return (
            flag.label is self.label
            and flag.presence is not Presence.ABSENT
            and self.score is not None
            and (flag.score is None or flag.score >= self.score)
        )


DEFAULT_RULES: Final = (
    TriageRule(Label.PNEUMOTHORAX, Tier.URGENT),
    *(
        TriageRule(label, Tier.RAISED)
        for label in (
            Label.ENLARGED_CARDIOMEDIASTINUM,
            Label.CONSOLIDATION,
            Label.EDEMA,
            Label.FRACTURE,
            Label.LUNG_LESION,
            Label.LUNG_OPACITY,
            Label.PLEURAL_EFFUSION,
            Label.PNEUMONIA,
        )
    ),
)
"""Labels that are not named here raise nothing."""


def rules_for(rules: Iterable[TriageRule], model: str) -> list[TriageRule]:
    """Give the rules that one model's flags are held against: its own before those of all."""
    found: dict[tuple[Label, Tier], TriageRule] = {}
    for rule in rules:
        key = rule.label, rule.tier
        if rule.model == model or (not rule.model and key not in found):
            found[key] = rule
    return list(found.values())


def tier_of(
    flags: Iterable[Flag], rules: Collection[TriageRule] = DEFAULT_RULES, *, model: str = ""
) -> Tier:
    """Give the tier that a film's flags earn.

    Parameters
    ----------
    flags
        What a model answered.
    rules
        Of the triage policy; their order says nothing.
    model
        The model's UID.

    Returns
    -------
    Tier
        The highest tier among the labels that are present or uncertain and reach the score of
        their rule; `Tier.ROUTINE` where there is none.
    """
    own = rules_for(rules, model)
    return max(
        (rule.tier for flag in flags for rule in own if rule.counts(flag)), default=Tier.ROUTINE
    )
