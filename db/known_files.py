"""Where the files of an instance, and of what was made of it, lie in the spool."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Instance, ResultObject


def film_file(session: Session, uid: str) -> Path | None:
    """Give the file of an instance that came in; None where none did.

    Parameters
    ----------
    uid
        SOP Instance UID.
    """
    path = session.scalar(select(Instance.path).where(Instance.uid == uid))
    return None if path is None else Path(path)


def result_files(session: Session, uid: str) -> list[Path]:
    """Give the files of what was made of an instance, the newest first.

    Parameters
    ----------
    uid
        SOP Instance UID of the film.
    """
    paths = session.scalars(
        select(ResultObject.path)
        .join(Instance, ResultObject.instance_id == Instance.id)
        .where(Instance.uid == uid)
        .order_by(ResultObject.created_at.desc(), ResultObject.id.desc())
    )
    return [Path(path) for path in paths]
