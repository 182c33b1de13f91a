"""From flags to a study's place in the worklist.

Triage only raises: a study's tier is the highest that any of its films ever earned, and an
answer of "nothing found" moves nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from core.labels import Label
from core.reading import Flag, Presence


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
    tier
        The tier that the label earns.
    threshold
        Least score, in [0, 1], for a label that the model says is present; a flag without a
        score counts, since its absence says nothing against it.
    """

    tier: Tier
    threshold: float = 0.0


DEFAULT_RULES: Mapping[Label, TriageRule] = {
    Label.PNEUMOTHORAX: TriageRule(Tier.URGENT),
    Label.ENLARGED_CARDIOMEDIASTINUM: TriageRule(Tier.RAISED),
    Label.CONSOLIDATION: TriageRule(Tier.RAISED),
    Label.EDEMA: TriageRule(Tier.RAISED),
    Label.FRACTURE: TriageRule(Tier.RAISED),
    Label.LUNG_LESION: TriageRule(Tier.RAISED),
    Label.LUNG_OPACITY: TriageRule(Tier.RAISED),
    Label.PLEURAL_EFFUSION: TriageRule(Tier.RAISED),
    Label.PNEUMONIA: TriageRule(Tier.RAISED),
}
"""Labels that are not named here raise nothing."""


def tier_of(flags: Iterable[Flag], rules: Mapping[Label, TriageRule] = DEFAULT_RULES) -> Tier:
    """Give the tier that a film's flags earn.

    Returns
    -------
    Tier
        The highest tier among the labels that are present or uncertain and reach their
        threshold; `Tier.ROUTINE` where there is none.
    """
    earned = [
        rules[flag.label].tier
        for flag in flags
        if flag.label in rules
        and flag.presence is not Presence.ABSENT
        and (flag.score is None or flag.score >= rules[flag.label].threshold)
    ]
    return max(earned, default=Tier.ROUTINE)
