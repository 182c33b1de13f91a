"""Whether a person may open a study; every route that shows or changes one asks here first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from db.audit import record
from db.models import AuditAction, Study
from db.restrictions import access_to
from web.access.refusals import NoSuchThingError, RestrictedError
from web.access.who import Who
from web.services import Services


@dataclass(frozen=True, slots=True)
class StudyRef:
    """A study that the person may open.

    Parameters
    ----------
    id, uid
        Its row, and its Study Instance UID.
    restricted
        Whether only named persons open it.
    glass_until
        Until when this person does who is not named; None where the person is, or all are.
    """

    id: int
    uid: str
    restricted: bool = False
    glass_until: datetime | None = None


def study_of(ours: Services, who: Who, uid: str, *, viewing: bool = True) -> StudyRef:
    """Give a study that a person wants to open.

    Parameters
    ----------
    ours
        The application's services.
    who
        The person.
    uid
        Its Study Instance UID.
    viewing
        Whether something of it is shown, which the audit notes before it is.

    Raises
    ------
    NoSuchThingError
        If there is none.
    RestrictedError
        If only others may open it.
    DatabaseAwayError
        If the database does not answer, or the viewing cannot be noted.
    """
    with ours.db.read() as session:
        study_id = session.scalars(select(Study.id).where(Study.uid == uid)).one_or_none()
        if study_id is None:
            message = "there is no such study"
            raise NoSuchThingError(message)
        access = access_to(session, study_id, who.account_id, who.name)
    if not access.may_open:
        raise RestrictedError(uid)
    if viewing and not ours.viewings.is_noted(who.account_id, study_id):
        with ours.db.write() as session:
            details = {"glass_broken": True} if access.glass_until else {}
            record(session, AuditAction.STUDY_VIEWED, actor=who.name, study_id=study_id, **details)
        ours.viewings.noted(who.account_id, study_id)
    return StudyRef(study_id, uid, access.restricted, access.glass_until)
