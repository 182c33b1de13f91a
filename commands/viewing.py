"""Notes in the audit who looked at what: before anything is shown, and nothing is shown without."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.operator import operator
from core.settings import Settings
from db.audit import record
from db.engine import Database
from db.models import AuditAction, Instance, Quarantine, ResultObject


def note_study(db: Database, study_id: int) -> None:
    """Note that a study is shown.

    Raises
    ------
    DatabaseAwayError
        If that cannot be noted.
    """
    with db.write() as session:
        record(session, AuditAction.STUDY_VIEWED, actor=operator(), study_id=study_id)


def note_objects(settings: Settings, files: Iterable[Path]) -> None:
    """Note which files of the spool are shown; others are their owner's own business.

    Parameters
    ----------
    settings
        The installation's; one without a database has no spool either.
    files
        What is shown, or drawn from.

    Raises
    ------
    DatabaseAwayError
        If that cannot be noted.
    """
    spool = settings.spool_folder.resolve()
    stored = sorted({file.resolve() for file in files if file.resolve().is_relative_to(spool)})
    if not stored or (settings.embedded and not (settings.data / "firstread.db").is_file()):
        return
    db = Database(settings.database_url)
    try:
        with db.write() as session:
            shown: dict[int | None, list[str]] = defaultdict(list)
            for file in stored:
                study_id, uid = _of(session, file)
                shown[study_id].append(uid or file.name)
            for study_id, names in shown.items():
                record(
                    session,
                    AuditAction.OBJECTS_VIEWED,
                    actor=operator(),
                    study_id=study_id,
                    objects=names,
                )
    finally:
        db.close()


def _of(session: Session, file: Path) -> tuple[int | None, str | None]:
    """Give the study and the SOP Instance UID of a file of the spool, as far as they are known."""
    for path, study_id, uid in (
        (Instance.path, Instance.study_id, Instance.uid),
        (ResultObject.path, ResultObject.study_id, ResultObject.uid),
    ):
        found = session.execute(select(study_id, uid).where(path == str(file))).first()
        if found is not None:
            return found[0], found[1]
    aside = select(Quarantine.sop_instance_uid).where(Quarantine.path == str(file))
    return None, session.scalars(aside).first()
