"""What an administrator decides about objects that were kept aside."""

from db.engine import Database
from db.releases import ask_release
from db.releases import discard as discard_object
from web.access.who import Who


def release(db: Database, who: Who, quarantine_id: int) -> int:
    """Have an object taken in after all; give the number of the gateway's job.

    Raises
    ------
    WrongArgumentError
        If there is no such object, its file is gone, it was decided on, or it is being taken in.
    """
    with db.write() as session:
        return ask_release(session, quarantine_id, actor=who.name)


def discard(db: Database, who: Who, quarantine_id: int, why: str) -> None:
    """Decide that an object is of no use.

    Raises
    ------
    WrongArgumentError
        As for `release`, or if the reason is empty, too long or of several lines.
    """
    with db.write() as session:
        discard_object(session, quarantine_id, why=why, actor=who.name)
