"""Everything that the review panel of one film shows, for its template and for the JSON API."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.labels import Label, Side, Site
from core.reading import Box, Presence, Reading
from core.report import ReportKind, ReportVersion
from core.states import Verdict
from db.film_review import FilmReview, film_review
from db.unsigned_edits import KeptEdit, edits_of
from db.verdicts import Judgement, judgements_of
from web.access.refusals import NoSuchThingError
from web.access.studies import StudyRef
from web.access.who import Who
from web.review.sentences import Span, spans_of

_SHOWN_FIRST = (Presence.PRESENT, Presence.UNCERTAIN, Presence.ABSENT)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as the list shows it, which is the overlay in words.

    Parameters
    ----------
    id, label, presence, score, site, side
        As the model said; of one that a person added, `presence` is present and the rest None.
    boxes
        Where it is: the person's own boxes where the person moved or added it.
    added_by
        DICOM person name of who added it; "" of the model's own.
    own
        What the person who looks says of it.
    others
        What others say.
    """

    id: str
    label: Label
    presence: Presence
    score: float | None
    site: Site | None
    side: Side | None
    boxes: tuple[Box, ...]
    added_by: str
    own: Judgement | None
    others: tuple[Judgement, ...]

    @property
    def source(self) -> str:
        """Whose boxes they are."""
        moved = self.own is not None and self.own.verdict is Verdict.MOVED
        return "reader" if moved or self.added_by else "model"


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel.

    Parameters
    ----------
    review
        The film, its draft, and what became of it.
    spans
        The model's findings section and impression, with what each sentence states.
    findings
        Present ones first, then uncertain, then absent ones; then what persons added.
    edit
        What the person typed of this draft and did not sign.
    left_over
        What the person typed of earlier drafts of the film.
    """

    review: FilmReview
    spans: tuple[tuple[Span, ...], tuple[Span, ...]]
    findings: tuple[FindingLine, ...]
    edit: KeptEdit | None
    left_over: tuple[KeptEdit, ...]

    @property
    def reviewable(self) -> bool:
        """Whether there is a draft to accept, edit or reject."""
        return self.review.no_draft is None

    @property
    def draft(self) -> ReportVersion | None:
        """The model's own version."""
        return self.review.versions[0] if self.review.versions else None

    @property
    def reviewed(self) -> bool:
        """Whether a person accepted or wrote what stands."""
        latest = self.review.latest
        return latest is not None and latest.kind is not ReportKind.DRAFT

    @property
    def overtaken(self) -> ReportVersion | None:
        """The version that came after the one that the person's text began from; else None."""
        latest = self.review.latest
        if self.edit is None or latest is None or self.edit.base_version_id == latest.id:
            return None
        return latest

    def version(self, version_id: str) -> ReportVersion | None:
        """Give a version by its id."""
        return next((one for one in self.review.versions if one.id == version_id), None)


def panel_of(session: Session, study: StudyRef, film_uid: str, who: Who) -> Panel:
    """Gather the panel of a film of a study that the person may open.

    Raises
    ------
    NoSuchThingError
        If the study has no such film.
    """
    review = film_review(session, study.id, film_uid)
    if review is None:
        message = "the study has no such film"
        raise NoSuchThingError(message)
    reading = review.reading
    kept = edits_of(session, review.film_id, who.account_id)
    of_this = [edit for edit in kept if reading is not None and edit.reading_id == reading.id]
    edit = of_this[0] if of_this and review.no_draft is None else None
    return Panel(
        review=review,
        spans=((), ()) if reading is None else spans_of(reading),
        findings=()
        if reading is None
        else tuple(_lines(reading, judgements_of(session, reading.id), who.account_id)),
        edit=edit,
        left_over=tuple(one for one in kept if one is not edit),
    )


def _lines(reading: Reading, judgements: Sequence[Judgement], account_id: int) -> list[FindingLine]:
    said: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        said[judgement.finding_id].append(judgement)
    lines = []
    for finding in sorted(reading.findings, key=lambda one: _SHOWN_FIRST.index(one.presence)):
        own, others = _apart(said.pop(finding.id, []), account_id)
        moved = own is not None and own.verdict is Verdict.MOVED
        boxes = own.boxes if own is not None and moved else finding.boxes
        lines.append(
            FindingLine(
                id=finding.id,
                label=finding.label,
                presence=finding.presence,
                score=finding.score,
                site=finding.site,
                side=finding.side,
                boxes=boxes,
                added_by="",
                own=own,
                others=others,
            )
        )
    return [*lines, *(_added(one, account_id) for rest in said.values() for one in rest)]


def _added(judgement: Judgement, account_id: int) -> FindingLine:
    mine = judgement.account_id == account_id
    return FindingLine(
        id=judgement.finding_id,
        label=judgement.label,
        presence=Presence.PRESENT,
        score=None,
        site=None,
        side=None,
        boxes=judgement.boxes,
        added_by=judgement.person_name,
        own=judgement if mine else None,
        others=() if mine else (judgement,),
    )


def _apart(
    judgements: Sequence[Judgement], account_id: int
) -> tuple[Judgement | None, tuple[Judgement, ...]]:
    own = [one for one in judgements if one.account_id == account_id]
    others = tuple(one for one in judgements if one.account_id != account_id)
    return (own[0] if own else None), others
