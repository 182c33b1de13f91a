"""What the calls about a review take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from core.labels import Label, Side, Site
from core.reading import Box, Presence
from core.report import ReportKind, ReportVersion
from core.states import ReviewState, Verdict
from db.film_review import Act, NoDraft
from db.reviews import LONGEST_REASON, LONGEST_SECTION
from db.unsigned_edits import KeptEdit
from db.verdicts import LONGEST_NOTE, MOST_BOXES, Judgement
from db.withdrawals import HARMFUL, UNFIT
from web.numbers import RowNumber, VersionNumber
from web.review.panel import FindingLine, Panel

Section = Annotated[str, Field(max_length=LONGEST_SECTION)]
Edge = Annotated[float, Field(ge=0, le=1)]
Word = Annotated[str, Field(min_length=1, max_length=64)]
CODES = {"unfit": UNFIT, "harmful": HARMFUL}
"""Why a draft is rejected, in words and as the standard codes it (CID 7010)."""


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BoxValues(_Taken):
    """A rectangle in [0, 1] of the stored pixel matrix, origin at its top-left corner."""

    x1: Edge
    y1: Edge
    x2: Edge
    y2: Edge

    @classmethod
    def of(cls, box: Box) -> Self:
        """Give a box's."""
        return cls(x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2)


class Acceptance(_Taken):
    """A draft is accepted as it stands."""

    version_id: Word
    """The version that was read."""
    password: str = Field(default="", max_length=256)
    """Where the site asks for it at each signature."""


class Edit(Acceptance):
    """A person's words take the place of a version's."""

    findings: Section
    impression: Section
    revision: VersionNumber = 0
    """Of the unsigned text that these words were; 0 without one."""


class Rejection(_Taken):
    """A draft is withdrawn."""

    version_id: Word
    reason: str = Field(max_length=LONGEST_REASON)
    code: Literal["unfit", "harmful"]


class UnsignedText(_Taken):
    """What somebody typed so far."""

    reading_id: Word
    version_id: Word
    """The version that the person began from."""
    findings: Section
    impression: Section
    page: Word
    """Which page it is, by a word of its own making."""
    step: RowNumber
    """The page's own count of what it sent."""
    revision: VersionNumber
    """The last kept one that the page knows of; 0 for none."""


class GivenVerdict(_Taken):
    """A person's word on a finding."""

    reading_id: Word
    finding_id: str | None = Field(default=None, max_length=64)
    """None of a missed one that is new."""
    verdict: Verdict | None
    """None takes an earlier word back."""
    label: Label | None = None
    """Of a missed one."""
    boxes: list[BoxValues] = Field(default=[], max_length=MOST_BOXES)
    note: str = Field(default="", max_length=LONGEST_NOTE)


class VersionValues(BaseModel):
    """One version of a report."""

    id: str
    number: int
    kind: ReportKind
    findings: str
    impression: str
    author: str | None
    final: bool
    created_at: datetime

    @classmethod
    def of(cls, version: ReportVersion) -> Self:
        """Give a version's."""
        return cls.model_validate(version, from_attributes=True)


class SignedValues(BaseModel):
    """What a signature made."""

    version: VersionValues
    stays: bool
    """Whether it is not sent, since a signed report of the study is known from elsewhere."""


class KeptText(BaseModel):
    """What is kept of somebody's unsigned text."""

    reading_id: str
    version_id: str
    findings: str
    impression: str
    revision: int
    page: str
    saved_at: datetime

    @classmethod
    def of(cls, kept: KeptEdit) -> Self:
        """Give a kept text's."""
        return cls(
            reading_id=kept.reading_id,
            version_id=kept.base_version_id,
            findings=kept.findings,
            impression=kept.impression,
            revision=kept.revision,
            page=kept.page,
            saved_at=kept.saved_at,
        )


class JudgementValues(BaseModel):
    """What one person says of a finding."""

    person: str
    verdict: Verdict
    boxes: list[BoxValues]
    note: str
    at: datetime

    @classmethod
    def of(cls, judgement: Judgement) -> Self:
        """Give a judgement's, of one that was not taken back."""
        if judgement.verdict is None:
            message = f"a word on {judgement.finding_id} was taken back"
            raise ValueError(message)
        return cls(
            person=judgement.person_name,
            verdict=judgement.verdict,
            boxes=[BoxValues.of(box) for box in judgement.boxes],
            note=judgement.note,
            at=judgement.at,
        )


class FindingValues(BaseModel):
    """A finding with what persons say of it."""

    id: str
    label: Label
    presence: Presence
    score: float | None
    site: Site | None
    side: Side | None
    boxes: list[BoxValues]
    added_by: str
    judgements: list[JudgementValues]

    @classmethod
    def of(cls, line: FindingLine) -> Self:
        """Give a line's."""
        said = [line.own, *line.others] if line.own else [*line.others]
        return cls(
            id=line.id,
            label=line.label,
            presence=line.presence,
            score=line.score,
            site=line.site,
            side=line.side,
            boxes=[BoxValues.of(box) for box in line.boxes],
            added_by=line.added_by,
            judgements=[JudgementValues.of(one) for one in said],
        )


class ActValues(BaseModel):
    """What a person did with a draft."""

    act: ReviewState
    author: str
    at: datetime
    reason: str
    version_id: str

    @classmethod
    def of(cls, act: Act) -> Self:
        """Give an act's."""
        return cls.model_validate(act, from_attributes=True)


class ReviewValues(BaseModel):
    """A film's draft with all that persons made of it."""

    film_uid: str
    no_draft: NoDraft | None
    """Why there is none to review; null where there is."""
    reason: str
    reading_id: str | None
    versions: list[VersionValues]
    findings: list[FindingValues]
    acts: list[ActValues]
    unsigned: KeptText | None
    """What the asker typed and did not sign."""

    @classmethod
    def of(cls, panel: Panel) -> Self:
        """Give a panel's."""
        review = panel.review
        return cls(
            film_uid=review.film_uid,
            no_draft=review.no_draft,
            reason=review.reason,
            reading_id=review.reading.id if review.reading else None,
            versions=[VersionValues.of(one) for one in review.versions],
            findings=[FindingValues.of(one) for one in panel.findings],
            acts=[ActValues.of(one) for one in review.acts],
            unsigned=KeptText.of(panel.edit) if panel.edit else None,
        )
