"""Accept, edit and reject, as pages and programs ask for them: of the version that was seen.

Reports bear a person's name, which may be several persons'; the audit names the account, too.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.errors import ReviewConflictError
from core.report import ReportKind, ReportVersion
from core.settings import Settings
from db import reviews
from db.audit import OPERATOR
from db.engine import Database
from db.signed_reports import signed_since
from db.unsigned_edits import discard_edit
from web.access.studies import StudyRef
from web.access.who import Who


@dataclass(frozen=True, slots=True)
class Target:
    """The version of a film's report that a person looked at.

    Parameters
    ----------
    study, film_uid
        Of what.
    version_id
        Which version.
    """

    study: StudyRef
    film_uid: str
    version_id: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature made.

    Parameters
    ----------
    version
        The person's version.
    stays
        Whether it is not sent, since a signed report of the study is known from elsewhere.
    """

    version: ReportVersion
    stays: bool


def owns_reports(settings: Settings) -> bool:
    """Tell whether what is signed here is the hospital's final report."""
    return settings.site.reporting_system == "firstread"


def accept(db: Database, who: Who, target: Target, *, final: bool) -> Signed:
    """Make what was seen the person's report, word for word.

    Raises
    ------
    ReviewConflictError
        If another version was made meanwhile.
    ReviewRefusedError
        If it cannot be reviewed.
    """
    with db.write() as session:
        session.info[OPERATOR] = who.name
        seen = _seen(session, target)
        version = reviews.accept(session, seen, author=who.person_name, final=final)
        return _signed(session, target, version)


def edit(
    db: Database,
    who: Who,
    target: Target,
    *,
    findings: str,
    impression: str,
    final: bool,
    revision: int,
) -> Signed:
    """Put the person's words in the place of what was seen; they are unsigned no longer.

    Parameters
    ----------
    db, who, target
        Where, who, and what was seen.
    findings, impression
        The words.
    final
        Whether it is the hospital's final report.
    revision
        Of the unsigned text that they were; 0 where nothing was kept.

    Raises
    ------
    ReviewConflictError
        If another version was made meanwhile, or another text kept.
    ReviewRefusedError
        If it cannot be reviewed, or not with this text.
    """
    with db.write() as session:
        session.info[OPERATOR] = who.name
        seen = _seen(session, target)
        version = reviews.edit(
            session,
            seen,
            findings=findings,
            impression=impression,
            author=who.person_name,
            final=final,
        )
        discard_edit(session, version.reading_id, who.account_id, revision)
        return _signed(session, target, version)


def reject(db: Database, who: Who, target: Target, *, reason: str, code: str) -> None:
    """Withdraw what was seen.

    Raises
    ------
    ReviewConflictError
        If another version was made meanwhile.
    ReviewRefusedError
        If it cannot be reviewed, or there is no reason.
    """
    with db.write() as session:
        session.info[OPERATOR] = who.name
        seen = _seen(session, target)
        reviews.reject(session, seen, author=who.person_name, reason=reason, code=code)


def _seen(session: Session, target: Target) -> reviews.Seen:
    seen = reviews.latest_draft(session, target.study.uid, target.film_uid)
    latest = seen.version
    if latest.id != target.version_id:
        whose = f"{latest.kind.value} by {latest.author}"
        if latest.kind is ReportKind.DRAFT:
            whose = "the draft of another reading"
        message = f"version {latest.number} ({whose}) came meanwhile: nothing was changed"
        raise ReviewConflictError(message)
    return seen


def _signed(session: Session, target: Target, version: ReportVersion) -> Signed:
    known = signed_since(session, target.study.id) is not None
    return Signed(version, stays=known and not version.final)
