"""The rows of one reading: begun with the flags, completed with the report and the boxes."""

from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.reading import Flag, ModelIdentity, Reading
from core.reading_json import reading_to_json
from core.states import Standing
from core.triage import tier_of
from db.audit import record
from db.jobs import Claim
from db.models import AuditAction, FindingRow, Instance, ReadingRow, ReviewRow
from db.positive_flags import note_positive_flags
from db.standings import register_model, standing_of
from db.triage_policies import triage_at_work


def begin_reading(
    session: Session,
    claim: Claim,
    film: Instance,
    *,
    reading_id: str,
    model: ModelIdentity,
    flags: tuple[Flag, ...],
) -> ReadingRow:
    """Enter a reading with its flags; one that is there already is given as it is.

    A whole reading stays current until another whole one follows; flags whose report was never
    written give way at once. The reading of a model in shadow is never current, so that nothing
    that asks for a film's reading ever finds it.
    """
    known = session.get(ReadingRow, reading_id)
    if known is not None:
        return known
    register_model(session, model, actor=claim.worker)
    shadow = standing_of(session, model.uid) is Standing.SHADOW
    triage = triage_at_work(session).policy
    current = current_reading(session, film.id)
    first = not shadow and (current is None or current.document is None)
    if first:
        _demote(session, film.id)
    row = ReadingRow(
        id=reading_id,
        instance_id=film.id,
        study_id=film.study_id,
        job_id=claim.job_id,
        current=first,
        model_uid=model.uid,
        model=asdict(model),
        demo=model.demo,
        shadow=shadow,
        tier=tier_of(flags, triage.rules, model=model.uid),
        flags=[asdict(flag) for flag in flags],
        flagged_at=now(),
    )
    session.add(row)
    session.flush()
    note_positive_flags(session, row)
    return row


def complete_reading(session: Session, claim: Claim, row: ReadingRow, reading: Reading) -> None:
    """Make a reading whole and current; the one that was is superseded.

    One that a person accepted or edited stands: the later reading's flags count, and its draft is
    kept beside it and not published. What the model's standing is now decides whether the reading
    stays in shadow, where it supersedes nothing.
    """
    row.shadow = standing_of(session, row.model_uid) is Standing.SHADOW
    if row.shadow:
        row.current = False
    else:
        _become_current(session, claim, row)
    row.flags = [asdict(flag) for flag in reading.flags]
    row.tier = tier_of(reading.flags, triage_at_work(session).policy.rules, model=reading.model.uid)
    row.document = reading_to_json(reading)
    row.completed_at = now()
    note_positive_flags(session, row)
    session.add_all(
        FindingRow(
            id=finding.id,
            reading_id=reading.id,
            position=position,
            label=finding.label,
            presence=finding.presence,
            score=finding.score,
            site=finding.site,
            side=finding.side,
            sentence=finding.sentence,
            boxes=[asdict(box) for box in finding.boxes],
        )
        for position, finding in enumerate(reading.findings)
    )


def _become_current(session: Session, claim: Claim, row: ReadingRow) -> None:
    current = current_reading(session, row.instance_id)
    stands = current is not None and current.id != row.id and _reviewed(session, current)
    if current is not None and current.id != row.id:
        record(
            session,
            AuditAction.READING_KEPT_BESIDE if stands else AuditAction.READING_SUPERSEDED,
            actor=claim.worker,
            study_id=row.study_id,
            instance_id=row.instance_id,
            reading=row.id if stands else current.id,
            by=current.id if stands else row.id,
        )
    if not stands:
        _demote(session, row.instance_id)
        row.current = True


def current_reading(session: Session, instance_id: int) -> ReadingRow | None:
    """Give the reading that stands for a film; None where it has none."""
    return session.scalars(
        select(ReadingRow).where(ReadingRow.instance_id == instance_id, ReadingRow.current)
    ).one_or_none()


def _reviewed(session: Session, reading: ReadingRow) -> bool:
    reviews = select(ReviewRow.id).where(ReviewRow.reading_id == reading.id)
    return session.scalars(reviews).first() is not None


def _demote(session: Session, instance_id: int) -> None:
    session.execute(
        update(ReadingRow)
        .where(ReadingRow.instance_id == instance_id, ReadingRow.current)
        .values(current=False)
    )
