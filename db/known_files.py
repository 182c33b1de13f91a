"""Where the files of an instance, and of what was made of it, lie in the spool."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import FileRemovedError
from db.models import Instance, ResultObject


def film_file(session: Session, uid: str) -> Path | None:
    """Give the file of an instance that came in; None where none did.

    Parameters
    ----------
    uid
        SOP Instance UID.

    Raises
    ------
    FileRemovedError
        If only its header is left.
    """
    row = session.execute(
        select(Instance.path, Instance.removed_at).where(Instance.uid == uid)
    ).one_or_none()
    if row is None:
        return None
    if row.removed_at is not None:
        what = f"the picture of {uid}"
        raise FileRemovedError(what, row.removed_at)
    return Path(row.path)


def result_files(session: Session, uid: str) -> list[Path]:
    """Give the files of what was made of an instance, the newest first.

    Parameters
    ----------
    uid
        SOP Instance UID of the film.

    Raises
    ------
    FileRemovedError
        If there are results, and the file of each was removed.
    """
    rows = session.execute(
        select(ResultObject.path, ResultObject.removed_at)
        .join(Instance, ResultObject.instance_id == Instance.id)
        .where(Instance.uid == uid)
        .order_by(ResultObject.created_at.desc(), ResultObject.id.desc())
    ).all()
    there = [Path(row.path) for row in rows if row.removed_at is None]
    removed = [row.removed_at for row in rows if row.removed_at is not None]
    if removed and not there:
        what = f"all that was made of {uid}"
        raise FileRemovedError(what, max(removed))
    return there
