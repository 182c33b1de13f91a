"""The worklist for programs: the same studies in the same order as on its page."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from fastapi import Body, Query
from pydantic import BaseModel, Field

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from core.places import Place
from core.reading import Presence
from core.states import FilmState, ReviewState, StudyState
from db.listed_studies import ListedStudy
from db.worklist_counts import WorklistCounts
from db.worklist_filters import LONGEST_TEXT, Mark, Only, Period
from db.worklist_page import worklist_page
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.services import Given
from web.worklist.query import TierWord, filters_of, onlooker, tier_word

router = GuardedRouter()
_RADIOLOGIST: Final = (AccountRole.RADIOLOGIST,)


class Wanted(BaseModel):
    """Which studies are wanted; what is left out asks for nothing."""

    place: Literal["drafts", "no_result", "done", "all"] | None = None
    """A part of the worklist; left out, that in which such studies stand."""
    state: StudyState | None = None
    tier: TierWord | None = None
    label: Label | None = None
    """That some reading calls present or uncertain."""
    period: Period | None = None
    """In which it came in."""
    only: Only | None = None
    after: str | None = None
    """Where the page before it ended: its `following`."""


class Search(BaseModel):
    """What is searched for, which stands in no address since it may be a name."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    """Words, each of which begins a part of the patient's name, the patient's ID or the accession
    number."""


class FlagAnswer(BaseModel):
    """A label that some reading calls present or uncertain."""

    label: Label
    presence: Presence


class PatientAnswer(BaseModel):
    """Whose a study is, and as what it was ordered; values as DICOM writes them."""

    name: str
    id: str
    birth_date: str
    sex: str
    accession: str
    description: str


class ListedAnswer(BaseModel):
    """A study of the worklist."""

    study_uid: str
    patient: PatientAnswer | None
    """None where the person may not open the study. Then only `study_uid`, `place`, `state`,
    `review`, `tier`, `waited`, `answered` and `received_at` say something."""
    place: Place
    state: StudyState
    review: ReviewState
    tier: TierWord
    waited: bool
    """Whether it rose to the top because it had waited for so long."""
    answered: bool
    """Whether it has a whole result; without one an empty `flags` says nothing."""
    flags: list[FlagAnswer]
    reasons: list[str]
    """Why there is no result, or not of every film."""
    views: list[str]
    films: list[FilmState]
    acquired_at: datetime | None
    received_at: datetime
    opened_at: datetime | None
    unseen_since: datetime | None
    """Since when a positive flag waits for somebody to open the study."""
    opened_by: list[str]
    """DICOM person names of those who have it open now."""
    demo: bool
    signed: bool

    @classmethod
    def of(cls, study: ListedStudy) -> Self:
        """Give a study as an answer."""
        patient = study.patient
        return cls(
            study_uid=study.uid,
            patient=None
            if patient is None
            else PatientAnswer(
                name=patient.name,
                id=patient.patient_id,
                birth_date=patient.birth_date,
                sex=patient.sex,
                accession=patient.accession,
                description=patient.description,
            ),
            place=study.place,
            state=study.state,
            review=study.review,
            tier=tier_word(study.tier),
            waited=study.waited,
            answered=study.answered,
            flags=[FlagAnswer(label=one.label, presence=one.presence) for one in study.flags],
            reasons=list(study.reasons),
            views=list(study.views),
            films=list(study.films),
            acquired_at=study.acquired_at,
            received_at=study.received_at,
            opened_at=study.opened_at,
            unseen_since=study.unseen_since,
            opened_by=[person.person_name for person in study.opened_by],
            demo=study.demo,
            signed=study.signed,
        )


class CountsAnswer(BaseModel):
    """Numbers of studies, without any filter."""

    drafts: dict[TierWord, int]
    no_result: dict[StudyState, int]
    overdue: int
    """Of which a positive flag has waited too long for somebody to open it."""

    @classmethod
    def of(cls, counts: WorklistCounts) -> Self:
        """Give numbers as an answer."""
        return cls(
            drafts={tier_word(tier): number for tier, number in counts.drafts.items()},
            no_result=counts.no_result,
            overdue=counts.overdue,
        )


class WorklistAnswer(BaseModel):
    """One page of the worklist."""

    studies: list[ListedAnswer]
    following: str | None
    """The `after` of the next page; None at the end."""
    at: datetime


@router.call("/api/v1/worklist", roles=_RADIOLOGIST, tags=["worklist"])
def worklist(ours: Given, who: Person, asked: Annotated[Wanted, Query()]) -> WorklistAnswer:
    """List studies: urgent and old ones first where they wait, else the newest first."""
    return _page(ours, who, asked)


@router.call("/api/v1/worklist/search", roles=_RADIOLOGIST, methods=["POST"], tags=["worklist"])
def search(
    ours: Given, who: Person, asked: Annotated[Wanted, Query()], search: Annotated[Search, Body()]
) -> WorklistAnswer:
    """Search for studies by patient or accession number; changes nothing."""
    return _page(ours, who, asked, search.text)


@router.call("/api/v1/worklist/counts", roles=_RADIOLOGIST, tags=["worklist"])
def counts(ours: Given) -> CountsAnswer:
    """Count the studies that wait."""
    return CountsAnswer.of(ours.live.tally.counts())


def _page(ours: Given, who: Person, asked: Wanted, text: str = "") -> WorklistAnswer:
    filters = filters_of(asked.model_dump(exclude_none=True), text)
    after = Mark.parse(asked.after) if asked.after else None
    with ours.db.read() as session:
        page = worklist_page(session, filters, onlooker(session, ours, who), after=after)
    return WorklistAnswer(
        studies=[ListedAnswer.of(study) for study in page.studies],
        following=None if page.following is None else str(page.following),
        at=now(),
    )
