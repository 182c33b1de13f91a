"""Which report versions are to be built, and what of each.

What the model found and marked is made of the draft once, whatever persons make of its text
later. Reports are made of the latest version alone: a draft or an edit that was superseded before
it was built is built no more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.reading import Reading
from core.reading_json import reading_from_json
from core.report import ReportKind, ReportVersion
from core.states import DRAFT_KINDS, EXTRA_KINDS, REVIEWED_KINDS, ResultKind
from core.triage import Tier
from db.demographics import patient_of
from db.frontals import frontals_of
from db.models import ReadingRow, ReportVersionRow, Study
from db.predecessors import SentMessage, SentResult, line_of, messages_before, sent_before
from db.received import PatientFacts
from db.signed_reports import signed_since
from db.standings import is_authorised
from db.tiers import earned_tier
from db.versions import version_of

_OF_A_DRAFT = frozenset({*DRAFT_KINDS, *EXTRA_KINDS, ResultKind.ORU})
_REPORTS = frozenset(REVIEWED_KINDS)


@dataclass(frozen=True, slots=True)
class Publishable:
    """A report version whose result objects are still to be built.

    Parameters
    ----------
    reading
        The reading it began with.
    version
        The version.
    kinds
        What is to be made of it, for peers that want it.
    source_path, pixels_removed_at
        File of the film, and when its pixels were removed from it (None: they are there).
    view
        PA, AP or frontal; "" where only the pixels told.
    number, of
        The film's place among the study's frontals that were read, the preferred one 1, and how
        many there are.
    patient
        Whose study it is as last told, which the film itself may not know yet.
    tier
        The highest tier that what a model said of the study's films ever earned.
    sent, messages
        What peers already have of the same film: objects, and messages.
    authorised
        Whether an administrator recorded the site's authorisation of the reading's model.
    """

    reading: Reading
    version: ReportVersion
    kinds: frozenset[ResultKind]
    source_path: Path
    pixels_removed_at: datetime | None
    view: str
    number: int
    of: int
    patient: PatientFacts
    tier: Tier
    sent: tuple[SentResult, ...]
    messages: tuple[SentMessage, ...]
    authorised: bool = False


def unpublished(session: Session, study_id: int) -> list[Publishable]:
    """List what is to be built for a study, the preferred film first, each film's draft first.

    Readings in shadow (of films that came in as priors or for an audit, or by a model on trial),
    rejected drafts and those of rejected films are never listed. Once a signed report of the study
    is known, only final versions are: what is preliminary comes too late, and is kept for the
    audit.
    """
    signed = signed_since(session, study_id) is not None
    films = frontals_of(session, study_id)
    study = session.get_one(Study, study_id)
    readings = {
        row.instance_id: row
        for row in session.scalars(
            select(ReadingRow).where(
                ReadingRow.instance_id.in_([film.id for film in films]),
                ReadingRow.current,
                ReadingRow.document.is_not(None),
            )
        )
    }
    versions: dict[str, list[ReportVersionRow]] = defaultdict(list)
    for version in session.scalars(
        select(ReportVersionRow)
        .where(ReportVersionRow.reading_id.in_([row.id for row in readings.values()]))
        .order_by(ReportVersionRow.number)
    ):
        versions[version.reading_id].append(version)
    return [
        Publishable(
            reading=reading_from_json(reading.document),
            version=version_of(version),
            kinds=kinds,
            source_path=Path(film.path),
            pixels_removed_at=film.removed_at,
            view=film.view,
            number=number,
            of=len(films),
            patient=patient_of(study),
            tier=earned_tier(session, study),
            sent=tuple(sent_before(session, line)),
            messages=tuple(messages_before(session, line)),
            authorised=is_authorised(session, reading.model_uid),
        )
        for number, film in enumerate(films, start=1)
        for reading, line in [(readings[film.id], line_of(session, film))]
        for version, kinds in _to_build(versions[reading.id], signed=signed)
        if reading.document is not None
    ]


def _to_build(
    versions: list[ReportVersionRow], *, signed: bool
) -> list[tuple[ReportVersionRow, frozenset[ResultKind]]]:
    """Give those of a reading's versions that are to be built, each with its kinds."""
    latest = versions[-1]
    wanted = []
    for version in versions:
        if version.published_at is not None or (signed and not version.final):
            continue
        kinds = _OF_A_DRAFT if version.kind is ReportKind.DRAFT else _REPORTS
        if version is not latest:
            kinds -= _REPORTS
        if kinds:
            wanted.append((version, kinds))
    return wanted
