"""Which result objects a report version has."""

from core.report import ReportKind
from core.states import DRAFT_KINDS, EXTRA_KINDS, REVIEWED_KINDS, ResultKind


def kinds_of(kind: ReportKind) -> tuple[ResultKind, ...]:
    """Give the kinds of results that are made of a version of a kind.

    What a person accepted or wrote is a report; codes, marks and pictures stay those that were
    made of the model's draft, since nobody else stated them.

    Parameters
    ----------
    kind
        Draft, accepted or edited.
    """
    if kind is ReportKind.DRAFT:
        return (*DRAFT_KINDS, *EXTRA_KINDS, ResultKind.ORU)
    return REVIEWED_KINDS
