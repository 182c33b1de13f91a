"""What the calls about studies and their readings give."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from core.reading import Reading
from core.reading_json import reading_from_json, reading_to_json
from core.report import ReportKind
from core.states import FilmState, Purpose, ReviewState, StudyState, Verdict
from db.models import Instance, ReadingRow, ReportVersionRow, ReviewRow, Study
from db.verdicts import Judgement
from web.api.review_values import BoxValues


class PatientValues(BaseModel):
    """A patient as last told; every text may be anything."""

    patient_id: str
    issuer: str
    name: str
    birth_date: str
    sex: str


class VerdictValues(BaseModel):
    """A person's word on one finding."""

    finding_id: str
    verdict: Verdict | None
    label: str
    boxes: list[BoxValues]
    note: str
    person: str
    at: datetime

    @classmethod
    def of(cls, said: Judgement) -> Self:
        """Give a judgement's."""
        return cls(
            finding_id=said.finding_id,
            verdict=said.verdict,
            label=said.label.value,
            boxes=[BoxValues.of(box) for box in said.boxes],
            note=said.note,
            person=said.person_name,
            at=said.at,
        )


class VersionText(BaseModel):
    """One version of a report; the draft is the model's, the others a person's."""

    id: str
    number: int
    kind: ReportKind
    findings: str
    impression: str
    author: str | None
    final: bool
    created_at: datetime

    @classmethod
    def of(cls, row: ReportVersionRow) -> Self:
        """Give a row's."""
        return cls(
            id=row.id,
            number=row.number,
            kind=row.kind,
            findings=row.findings,
            impression=row.impression,
            author=row.author,
            final=row.final,
            created_at=row.created_at,
        )


class ActValues(BaseModel):
    """What a person did with a draft."""

    act: ReviewState
    version_id: str
    author: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, row: ReviewRow) -> Self:
        """Give a row's."""
        return cls(
            act=row.act,
            version_id=row.version_id,
            author=row.author,
            reason=row.reason,
            at=row.at,
        )


class ReadingSummary(BaseModel):
    """One pass of a model over a film, with what persons made of it."""

    id: str
    current: bool
    whole: bool
    """Whether its report was written; without, an empty list of flags says nothing."""
    model: dict[str, Any]
    demo: bool
    tier: str
    flags: list[dict[str, Any]]
    flagged_at: datetime
    completed_at: datetime | None
    withdrawn_code: str | None
    versions: list[VersionText]
    acts: list[ActValues]
    verdicts: list[VerdictValues]


class FilmValues(BaseModel):
    """One instance of a study."""

    film_uid: str
    series_uid: str
    sop_class_uid: str
    modality: str
    view: str
    purpose: Purpose
    state: FilmState
    reason: str | None
    rejection_code: str | None
    acquired_at: datetime | None
    received_at: datetime
    pixels_removed_at: datetime | None
    read_in_shadow: bool
    """Whether a model read it whose readings are not shown yet."""
    readings: list[ReadingSummary]

    @classmethod
    def of(cls, row: Instance, *, in_shadow: bool, readings: list[ReadingSummary]) -> Self:
        """Give a row's."""
        return cls(
            film_uid=row.uid,
            series_uid=row.series_uid,
            sop_class_uid=row.sop_class_uid,
            modality=row.modality,
            view=row.view,
            purpose=row.purpose,
            state=row.state,
            reason=row.reason,
            rejection_code=row.rejection_code,
            acquired_at=row.acquired_at,
            received_at=row.received_at,
            pixels_removed_at=row.removed_at,
            read_in_shadow=in_shadow,
            readings=readings,
        )


class StudyValues(BaseModel):
    """A study with its films and what was said of them."""

    study_uid: str
    patient: PatientValues
    accession: str
    description: str
    state: StudyState
    review: ReviewState
    tier: str
    acquired_at: datetime | None
    received_at: datetime
    opened_at: datetime | None
    signed_reports: int
    """Reports of it that somebody verified in another system."""
    films: list[FilmValues]

    @classmethod
    def of(cls, row: Study, *, signed_reports: int, films: list[FilmValues]) -> Self:
        """Give a row's."""
        return cls(
            study_uid=row.uid,
            patient=PatientValues(
                patient_id=row.patient_id,
                issuer=row.issuer,
                name=row.patient_name,
                birth_date=row.birth_date,
                sex=row.sex,
            ),
            accession=row.accession,
            description=row.description,
            state=row.state,
            review=row.review,
            tier=row.tier.name.lower(),
            acquired_at=row.acquired_at,
            received_at=row.received_at,
            opened_at=row.opened_at,
            signed_reports=signed_reports,
            films=films,
        )


class FindingValues(BaseModel):
    """One finding; its id is the tracking UID of the Structured Report."""

    id: str
    label: str
    presence: str
    score: float | None
    site: str | None
    side: str | None
    boxes: list[BoxValues]
    sentence: str | None


class ReadingValues(BaseModel):
    """A whole reading, in the model's own words: untrusted text, and no report of a person."""

    id: str
    film_uid: str
    demo: bool
    model: dict[str, Any]
    flags: list[dict[str, Any]]
    findings: list[FindingValues]
    findings_text: str
    impression_text: str
    sentences: list[dict[str, Any]]
    quality: list[dict[str, str]]
    checks: list[dict[str, str]]
    indication: str | None
    timings: dict[str, float]
    """Seconds by stage."""
    completed_at: datetime

    @classmethod
    def of(cls, row: ReadingRow, film_uid: str, completed_at: datetime) -> Self:
        """Give a whole row's."""
        said: Reading = reading_from_json(row.document or {})
        plain = reading_to_json(said)
        return cls(
            id=said.id,
            film_uid=film_uid,
            demo=said.model.demo,
            model=plain["model"],
            flags=plain["flags"],
            findings=plain["findings"],
            findings_text=said.report.findings,
            impression_text=said.report.impression,
            sentences=plain["sentences"],
            quality=plain["quality"],
            checks=plain["checks"],
            indication=said.indication,
            timings=said.timings,
            completed_at=completed_at,
        )
