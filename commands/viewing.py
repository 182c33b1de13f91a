"""Notes in the audit who looked at what: before anything is shown, and nothing is shown without."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

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
    stored = [file.resolve() for file in files if file.resolve().is_relative_to(spool)]
    if not stored or (settings.embedded and not (settings.data / "firstread.db").is_file()):
        return
    db = Database(settings.database_url)
    try:
        with db.write() as session:
            for file in stored:
                found = None
                for column, uid, study in (
                    (Instance.path, Instance.uid, Instance.study_id),
                    (ResultObject.path, ResultObject.uid, ResultObject.study_id),
                ):
                    found = (
                        found
                        or session.execute(select(uid, study).where(column == str(file))).first()
                    )
                aside = session.scalar(
                    select(Quarantine.sop_instance_uid).where(Quarantine.path == str(file))
                )
                shown, study_id = found or (aside, None)
                record(
                    session,
                    AuditAction.OBJECT_VIEWED,
                    actor=operator(),
                    study_id=study_id,
                    uid=shown,
                    file=file.name,
                )
    finally:
        db.close()
