"""What readings call present or uncertain, as rows that studies can be found by.

They are the same as in the readings' own flags. A study knows since when such a flag waits for a
person to open it.
"""

from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.reading import Presence
from core.reading_json import flag_from_json
from core.states import FilmState, Purpose
from db.models import Instance, Opening, PositiveFlag, ReadingRow, ReviewRow, Study


def note_positive_flags(session: Session, reading: ReadingRow) -> None:
    """Let the rows of a reading be those of its flags as they are now."""
    told = {
        flag.label: flag.presence
        for flag in map(flag_from_json, reading.flags)
        if flag.presence is not Presence.ABSENT
    }
    known = {
        row.label: row
        for row in session.scalars(
            select(PositiveFlag).where(PositiveFlag.reading_id == reading.id)
        )
    }
    session.execute(
        delete(PositiveFlag).where(
            PositiveFlag.reading_id == reading.id, PositiveFlag.label.not_in(told)
        )
    )
    for label, presence in told.items():
        if label in known:
            known[label].presence = presence
        else:
            session.add(
                PositiveFlag(
                    reading_id=reading.id,
                    instance_id=reading.instance_id,
                    study_id=reading.study_id,
                    label=label,
                    presence=presence,
                )
            )


def note_change(session: Session, film: Instance, study: Study, reading_id: str) -> None:
    """Note on a locked study what a reading's flags change about it.

    Where they are shown, those that are positive wait for a person from now on. A reading that is
    stored once more, whose flags somebody has seen by then, waits for nobody again.
    """
    session.flush()
    if film.purpose is not Purpose.READ or session.get_one(ReadingRow, reading_id).shadow:
        return
    # Whoever follows the worklist looks at what changed.
    study.changed_at = now()
    flags = select(PositiveFlag).where(
        PositiveFlag.reading_id == reading_id, PositiveFlag.told.is_(False)
    )
    waiting = session.scalars(flags).all()
    for flag in waiting:
        flag.told = True
    if waiting and study.unseen_since is None:
        study.unseen_since = now()


def flags_to_come(session: Session, study_id: int) -> bool:
    """Tell whether a study waits because of flags that no page shows yet: their film is being read.

    What they are part of is shown once it is whole, or the film has failed.
    """
    unfinished = (
        select(PositiveFlag.id)
        .join(ReadingRow, ReadingRow.id == PositiveFlag.reading_id)
        .join(Instance, Instance.id == PositiveFlag.instance_id)
        .where(
            PositiveFlag.study_id == study_id,
            PositiveFlag.told,
            ReadingRow.completed_at.is_(None),
            Instance.state.in_((FilmState.QUEUED, FilmState.READING)),
        )
    )
    return session.scalars(select(exists(unfinished))).one()


def wait_again(session: Session, study: Study) -> None:
    """Let a locked study wait for the flags that nobody saw; what had ended its wait is void."""
    shown_at = func.coalesce(ReadingRow.completed_at, ReadingRow.flagged_at)
    waiting = (
        select(func.min(ReadingRow.flagged_at))
        .join(PositiveFlag, PositiveFlag.reading_id == ReadingRow.id)
        .join(Instance, Instance.id == ReadingRow.instance_id)
        .where(
            PositiveFlag.study_id == study.id,
            PositiveFlag.told,
            Instance.rejection_code.is_(None),
        )
    )
    looked_at = _looked_at(session, study.id)
    if looked_at is not None:
        waiting = waiting.where(shown_at > looked_at)
    study.unseen_since = study.unseen_since or session.scalars(waiting).one()


def _looked_at(session: Session, study_id: int) -> datetime | None:
    """Give when a person last opened or reviewed a study."""
    times = (
        session.scalar(select(func.max(Opening.opened_at)).where(Opening.study_id == study_id)),
        session.scalar(select(func.max(ReviewRow.at)).where(ReviewRow.study_id == study_id)),
    )
    return max((at for at in times if at is not None), default=None)
