"""Which earlier document a new one names, and why (PS3.16 CID 7009).

A draft replaces an earlier draft of the same film. What a person accepted or wrote has a
preliminary report before it, the model's draft, which stays what it is; or it replaces what a
person accepted or wrote before. No draft replaces a person's report: it names none.
"""

from pydicom.sr.coding import Code

from core.report import ReportKind, ReportVersion
from core.states import ResultKind
from dicom_sr import concepts
from dicom_sr.context import BuildContext, Replaced


def predecessors(
    version: ReportVersion, kind: ResultKind, context: BuildContext
) -> list[tuple[Replaced, Code]]:
    """Give the documents that a new one names, each with its purpose of reference.

    Parameters
    ----------
    version
        What the new document holds.
    kind
        Which of its documents.
    context
        Knows what the peers have.
    """
    found = []
    for one in context.replaced_by(kind):
        purpose = _purpose(one.of, version.kind)
        if purpose is not None:
            found.append((one, purpose))
    return found


def _purpose(before: ReportKind, now: ReportKind) -> Code | None:
    if now is ReportKind.DRAFT:
        return concepts.REPLACED if before is ReportKind.DRAFT else None
    return concepts.PRELIMINARY if before is ReportKind.DRAFT else concepts.REPLACED
