"""What readings call present or uncertain, as rows that studies can be found by.

They are the same as in the readings' own flags. A study knows since when such a flag waits for a
person to open it.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.clock import now
from core.reading import Presence
from core.reading_json import flag_from_json
from core.states import Purpose
from db.models import Instance, PositiveFlag, ReadingRow, Study


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
