"""What a radiologist made of a draft, said at the command line."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from commands.operator import operator
from commands.output import console, print_json, printable
from core.errors import ReviewConflictError, ReviewRefusedError, WrongArgumentError
from core.person_name import person_name
from core.report import ReportKind, ReportVersion
from core.settings import Settings, load_settings
from core.states import ReviewState
from db.audit import OPERATOR
from db.engine import Database
from db.retractions import left_behind
from db.reviews import HARMFUL, UNFIT, Seen, latest_draft
from db.reviews import accept as accept_draft
from db.reviews import edit as edit_draft
from db.reviews import reject as reject_draft
from db.signed_reports import signed_since

_HEADING: Final = re.compile(r"^[ \t]*(FINDINGS|IMPRESSION)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LARGEST_TEXT: Final = 1 << 18
"""Bytes of a file with a report."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Which draft a person looked at, and who.

    Parameters
    ----------
    study
        Study Instance UID.
    film
        SOP Instance UID; None is the study's preferred film.
    number
        Number of the version that was read; None is the model's own draft, and no person's.
    by
        The person's name as DICOM writes it.
    """

    study: str
    film: str | None
    number: int | None
    by: str


def accept(path: Path | None, draft: Draft, *, as_json: bool) -> None:
    """Accept a draft as it stands.

    Raises
    ------
    ReviewRefusedError
        If it cannot be reviewed.
    WrongArgumentError
        If the name is no person's.
    DatabaseAwayError
        If the database does not answer.
    """
    settings, name = load_settings(path), _name(draft.by)
    with _looked_at(settings, draft) as (session, seen):
        version = accept_draft(session, seen, author=name, final=_owns_reports(settings))
        stays = _stays_here(session, seen, version)
    _tell(seen, ReviewState.ACCEPTED, name, version, stays=stays, as_json=as_json)


def edit(path: Path | None, draft: Draft, text: Path, *, as_json: bool) -> None:
    """Put a person's own words in the place of a draft's.

    Raises
    ------
    ReviewRefusedError
        If the draft cannot be reviewed, or not with this text.
    WrongArgumentError
        If the name is no person's, or the file does not hold the sections of a report.
    DatabaseAwayError
        If the database does not answer.
    """
    settings, name = load_settings(path), _name(draft.by)
    findings, impression = sections_of(text)
    with _looked_at(settings, draft) as (session, seen):
        version = edit_draft(
            session,
            seen,
            findings=findings,
            impression=impression,
            author=name,
            final=_owns_reports(settings),
        )
        stays = _stays_here(session, seen, version)
    _tell(seen, ReviewState.EDITED, name, version, stays=stays, as_json=as_json)


def reject(path: Path | None, draft: Draft, reason: str, *, harmful: bool, as_json: bool) -> None:
    """Reject a draft.

    Raises
    ------
    ReviewRefusedError
        If it cannot be reviewed, or there is no reason.
    WrongArgumentError
        If the name is no person's.
    DatabaseAwayError
        If the database does not answer.
    """
    settings, name = load_settings(path), _name(draft.by)
    with _looked_at(settings, draft) as (session, seen):
        reject_draft(session, seen, author=name, reason=reason, code=HARMFUL if harmful else UNFIT)
        left = left_behind(session, [seen.study_id]).get(seen.study_id, ())
    _tell(seen, ReviewState.REJECTED, name, seen.version, stays=False, left=left, as_json=as_json)


def sections_of(file: Path) -> tuple[str, str]:
    """Give the sections of a report in a text file: findings and impression.

    Each begins with its heading and a colon at the beginning of a line, in capitals or not, in
    any order. The impression may be missing.

    Raises
    ------
    WrongArgumentError
        If the file is too large, no UTF-8, or holds no such sections.
    OSError
        If it cannot be read.
    """
    with file.open("rb") as opened:
        data = opened.read(_LARGEST_TEXT + 1)
    if len(data) > _LARGEST_TEXT:
        message = f"{file}: more than {_LARGEST_TEXT} bytes are no report"
        raise WrongArgumentError(message)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{file}: no UTF-8 text"
        raise WrongArgumentError(message) from error
    before, *parts = _HEADING.split("\n".join(text.splitlines()))
    names = [name.upper() for name in parts[::2]]
    if before.strip() or "FINDINGS" not in names or len(set(names)) != len(names):
        message = f"{file}: sections FINDINGS: and IMPRESSION: are wanted, each once, and no more"
        raise WrongArgumentError(message)
    said = dict(zip(names, (part.strip() for part in parts[1::2]), strict=True))
    return said["FINDINGS"], said.get("IMPRESSION", "")


def _name(by: str) -> str:
    try:
        return person_name(by)
    except ReviewRefusedError as error:
        message = f"--by: {error}"
        raise WrongArgumentError(message) from error


def _owns_reports(settings: Settings) -> bool:
    return settings.site.reporting_system == "firstread"


@contextmanager
def _looked_at(settings: Settings, draft: Draft) -> Iterator[tuple[Session, Seen]]:
    """Open a writing session with the version that the person looked at."""
    db = Database(settings.database_url)
    try:
        with db.write() as session:
            session.info[OPERATOR] = operator()
            seen = latest_draft(session, draft.study, draft.film)
            _check_number(seen.version, draft.number)
            yield session, seen
    finally:
        db.close()


def _check_number(latest: ReportVersion, number: int | None) -> None:
    """Refuse what the person did not say that they read: another's words are never signed unseen.

    Raises
    ------
    ReviewConflictError
        If the latest version is another one, or a person's and no number was given.
    """
    if number is None and latest.kind is not ReportKind.DRAFT:
        message = (
            f"the latest is {_named(latest)}, no draft of the model any more: "
            f"read it, and say --version {latest.number} if it is what you mean"
        )
        raise ReviewConflictError(message)
    if number not in {None, latest.number}:
        message = f"version {latest.number} is the latest, not {number}: {_named(latest)}"
        raise ReviewConflictError(message)


def _named(version: ReportVersion) -> str:
    """Say which version it is, and whose words it holds."""
    whose = "the model's draft"
    if version.author:
        whose = f"{version.kind.value} by {version.author}"
    return f"version {version.number} ({whose})"


def _stays_here(session: Session, seen: Seen, version: ReportVersion) -> bool:
    """Tell whether a version is not sent, since a signed report of the study is known."""
    return not version.final and signed_since(session, seen.study_id) is not None


def _tell(
    seen: Seen,
    act: ReviewState,
    name: str,
    version: ReportVersion,
    *,
    stays: bool,
    left: Sequence[str] = (),
    as_json: bool,
) -> None:
    if as_json:
        print_json(
            {
                "study": seen.study_uid,
                "film": seen.film_uid,
                "reading": version.reading_id,
                "act": act.value,
                "by": name,
                "version": version.number,
                "reviewed": {
                    "version": seen.version.number,
                    "kind": seen.version.kind.value,
                    "author": seen.version.author,
                },
                "final": version.final,
                "sent": not stays,
                "left_at": [*left],
                "other_films": seen.films - 1,
            }
        )
        return
    say = console().print
    of = printable(_named(seen.version))
    if act is ReviewState.REJECTED:
        say(f"film {seen.film_uid}: {of} rejected by {printable(name)}")
    else:
        say(f"film {seen.film_uid}: version {version.number} {act.value} by {printable(name)}")
    say(f"its reading: {version.reading_id}")
    if act is ReviewState.ACCEPTED:
        say(f"the words that were signed are those of {of}")
    if left:
        say(f"rejected results of the study are at {printable(', '.join(left))}")
        say("they are taken back where peers can be told so: see firstread study")
    elif stays:
        say("a signed report of the study is known: this version stays here")
    if seen.films > 1:
        say(f"{seen.films - 1} other films of the study have drafts of their own")
