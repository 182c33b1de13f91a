"""Report versions: the draft, and what persons made of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReportKind(StrEnum):
    """What a report version is."""

    DRAFT = "draft"
    """The model's own words."""
    ACCEPTED = "accepted"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """One version of a report; never changed, only followed by another.

    Parameters
    ----------
    id
        Identity of the version, from which the UIDs of its result objects are derived.
    reading_id
        The reading it began with.
    number
        1 for the draft, counted up for each version after it.
    kind
        Draft, accepted or edited.
    findings, impression
        The text of the two sections.
    created_at
        When, aware, in UTC; the content time of its result objects.
    author
        DICOM person name of who wrote or accepted it; None for the draft.
    final
        Whether it is the hospital's final report: only where FirstRead was its reporting system
        when the person signed.

    Raises
    ------
    ValueError
        If a draft has an author or is final, or another version has no author.
    """

    id: str
    reading_id: str
    number: int
    kind: ReportKind
    findings: str
    impression: str
    created_at: datetime
    author: str | None = None
    final: bool = False

    def __post_init__(self) -> None:
        draft = self.kind is ReportKind.DRAFT
        if draft and (self.author is not None or self.final):
            message = f"a draft has no author and is never final: version {self.id}"
            raise ValueError(message)
        if not draft and not (self.author or "").strip("^= "):
            message = f"version {self.id} is {self.kind.value} by nobody"
            raise ValueError(message)
