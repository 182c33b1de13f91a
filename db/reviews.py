"""What a person makes of a draft: accepted, edited or rejected, each an event that stays.

A review is of the version that the person saw. Where another one was made meanwhile, or the film
was read again or rejected by its department, the review is refused and nothing is changed: the
second of two never overwrites the first.
"""

import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import ReviewConflictError, ReviewRefusedError
from core.person_name import has_control_characters, person_name
from core.report import ReportKind, ReportVersion
from core.states import Purpose, ReviewState
from db.audit import record
from db.films import lock_study, refresh_study
from db.frontals import frontals_of
from db.jobs import push_back_publish
from db.models import AuditAction, Instance, ReadingRow, ReportVersionRow, ReviewRow, Study
from db.obsolete import supersede_reports
from db.rejections import FILM_REJECTED
from db.review_state import lacks_a_reading
from db.versions import version_of
from db.withdrawals import HARMFUL, UNFIT, withdraw

__all__ = ["HARMFUL", "UNFIT", "Seen", "accept", "edit", "latest_draft", "reject"]

LONGEST_SECTION: Final = 20_000
"""Characters of one section of a report."""
LONGEST_REASON: Final = 500
"""Characters of the reason for a rejection, which stands in notes to peers."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The version of a film's report that a person looked at.

    Parameters
    ----------
    study_uid, film_uid
        Of what.
    version
        The version, which names its reading.
    study_id
        The study's row.
    films
        How many films of the study have a draft that stands.
    """

    study_uid: str
    film_uid: str
    version: ReportVersion
    study_id: int
    films: int


def latest_draft(session: Session, study_uid: str, film_uid: str | None = None) -> Seen:
    """Give the latest version of a film's report, as a person is to see it.

    Parameters
    ----------
    session
        Any session.
    study_uid
        Its Study Instance UID.
    film_uid
        Its SOP Instance UID; None is the study's preferred film.

    Raises
    ------
    ReviewRefusedError
        If there is no such study or film, or no draft that could be reviewed; the text says why.
    """
    study = session.scalars(select(Study).where(Study.uid == study_uid)).one_or_none()
    if study is None:
        message = f"nothing of study {study_uid} ever came in"
        raise ReviewRefusedError(message)
    frontals = frontals_of(session, study.id)
    wanted = [film for film in frontals if film_uid in {None, film.uid}]
    if not wanted:
        raise ReviewRefusedError(_why_none(session, study, film_uid))
    film = wanted[0]
    reading = session.scalars(
        select(ReadingRow).where(ReadingRow.instance_id == film.id, ReadingRow.current)
    ).one()
    version = version_of(_latest(session, reading.id))
    return Seen(study.uid, film.uid, version, study.id, len(frontals))


def accept(session: Session, seen: Seen, *, author: str, final: bool) -> ReportVersion:
    """Make what a person saw that person's report, word for word.

    Where it is that person's already, and another film ended without a reading since somebody last
    acted on the study, it is accepted once more as it stands, which makes no other version.

    Parameters
    ----------
    session
        A writing session.
    seen
        What the person looked at.
    author
        Who: a DICOM person name.
    final
        Whether FirstRead is the hospital's reporting system, and this its final report. What
        follows a final version of the same reading is final itself, whoever owns reports by then:
        who has the final report has to get its correction.

    Raises
    ------
    ReviewConflictError
        If it is not the latest any more.
    ReviewRefusedError
        If it cannot be reviewed, the name is none, or the very same was done before.
    """
    name = person_name(author)
    reading, latest = _held(session, seen)
    final = final or latest.final
    if (latest.author, latest.final) == (name, final):
        if lacks_a_reading(session, reading.study_id):
            return _accept_again(session, reading, latest, name)
        message = f"version {latest.number} is that person's already"
        raise ReviewRefusedError(message)
    words = latest.findings, latest.impression
    return _follow(session, reading, latest, ReportKind.ACCEPTED, words, author=name, final=final)


def edit(
    session: Session, seen: Seen, *, findings: str, impression: str, author: str, final: bool
) -> ReportVersion:
    """Put a person's own words in the place of what they saw.

    Parameters
    ----------
    session, seen, author, final
        As for `accept`.
    findings, impression
        The two sections; the first must say something.

    Raises
    ------
    ReviewConflictError
        If what was seen is not the latest any more.
    ReviewRefusedError
        If it cannot be reviewed, the name is none, or the text is empty, too long, unchanged or
        holds control characters.
    """
    name = person_name(author)
    words = _section("findings", findings), _section("impression", impression)
    if not words[0]:
        message = "a report needs a findings section"
        raise ReviewRefusedError(message)
    reading, latest = _held(session, seen)
    if words == (latest.findings.strip(), latest.impression.strip()):
        message = f"the text is that of version {latest.number}: accept it instead"
        raise ReviewRefusedError(message)
    final = final or latest.final
    return _follow(session, reading, latest, ReportKind.EDITED, words, author=name, final=final)


def reject(session: Session, seen: Seen, *, author: str, reason: str, code: str) -> None:
    """Withdraw a reading: what was made of it is taken back, and none of it leaves any more.

    Parameters
    ----------
    session, seen, author
        As for `accept`.
    reason
        Why, in words.
    code
        `HARMFUL` or `UNFIT`.

    Raises
    ------
    ReviewConflictError
        If what was seen is not the latest any more.
    ReviewRefusedError
        If it cannot be reviewed, the name or the code is none, or the reason is empty or too long.
    """
    name = person_name(author)
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON or has_control_characters(why):
        message = f"a rejection needs a reason of one line, {LONGEST_REASON} characters at most"
        raise ReviewRefusedError(message)
    if code not in {HARMFUL, UNFIT}:
        message = f"a draft is rejected under {UNFIT} or {HARMFUL}, not {code!r}"
        raise ReviewRefusedError(message)
    reading, latest = _held(session, seen)
    _note(session, reading, latest, ReviewState.REJECTED, name, reason=why)
    withdraw(session, reading, code)
    record(
        session,
        AuditAction.DRAFT_REJECTED,
        actor=name,
        study_id=reading.study_id,
        instance_id=reading.instance_id,
        reading=reading.id,
        version=latest.number,
        code=code,
        reason=why,
    )
    _told(session, reading)


def _held(session: Session, seen: Seen) -> tuple[ReadingRow, ReportVersionRow]:
    """Lock the study, and give the reading and its latest version, which must be what was seen."""
    lock_study(session, seen.study_id)
    reading = session.get_one(ReadingRow, seen.version.reading_id, populate_existing=True)
    film = session.get_one(Instance, reading.instance_id, populate_existing=True)
    if film.rejection_code is not None:
        raise ReviewRefusedError(FILM_REJECTED)
    if reading.withdrawn_code is not None:
        message = "this draft was rejected, and stays so"
        raise ReviewConflictError(message)
    if not reading.current or reading.document is None or film.purpose is not Purpose.READ:
        message = "another reading of the film took this one's place"
        raise ReviewConflictError(message)
    latest = _latest(session, reading.id)
    if latest.id != seen.version.id:
        message = (
            f"version {latest.number} ({latest.kind.value}) was made meanwhile: "
            f"what was seen is version {seen.version.number}"
        )
        raise ReviewConflictError(message)
    return reading, latest


def _follow(
    session: Session,
    reading: ReadingRow,
    latest: ReportVersionRow,
    kind: ReportKind,
    words: tuple[str, str],
    *,
    author: str,
    final: bool,
) -> ReportVersion:
    row = ReportVersionRow(
        id=uuid.uuid4().hex,
        reading_id=reading.id,
        number=latest.number + 1,
        kind=kind,
        findings=words[0],
        impression=words[1],
        author=author,
        final=final,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    accepted = kind is ReportKind.ACCEPTED
    act = ReviewState.ACCEPTED if accepted else ReviewState.EDITED
    _note(session, reading, row, act, author)
    record(
        session,
        AuditAction.DRAFT_ACCEPTED if accepted else AuditAction.DRAFT_EDITED,
        actor=author,
        study_id=reading.study_id,
        instance_id=reading.instance_id,
        reading=reading.id,
        version=row.number,
        final=final,
    )
    supersede_reports(session, reading.id)
    _told(session, reading)
    return version_of(row)


def _accept_again(
    session: Session, reading: ReadingRow, latest: ReportVersionRow, author: str
) -> ReportVersion:
    """Note that a person's own report stands, in the knowledge of what has no reading."""
    _note(session, reading, latest, ReviewState.ACCEPTED, author)
    record(
        session,
        AuditAction.DRAFT_ACCEPTED,
        actor=author,
        study_id=reading.study_id,
        instance_id=reading.instance_id,
        reading=reading.id,
        version=latest.number,
        final=latest.final,
    )
    _told(session, reading)
    return version_of(latest)


def _note(
    session: Session,
    reading: ReadingRow,
    version: ReportVersionRow,
    act: ReviewState,
    author: str,
    *,
    reason: str = "",
) -> None:
    session.add(
        ReviewRow(
            study_id=reading.study_id,
            reading_id=reading.id,
            version_id=version.id,
            act=act,
            author=author,
            reason=reason,
        )
    )


def _told(session: Session, reading: ReadingRow) -> None:
    """Bring the study's state up to date, and let it be published at once."""
    study = session.get_one(Study, reading.study_id)
    study.unseen_since = None
    refresh_study(session, study)
    push_back_publish(session, reading.study_id, now())


def _latest(session: Session, reading_id: str) -> ReportVersionRow:
    return session.scalars(
        select(ReportVersionRow)
        .where(ReportVersionRow.reading_id == reading_id)
        .order_by(ReportVersionRow.number.desc())
        .limit(1)
    ).one()


def _section(name: str, text: str) -> str:
    words = "\n".join(line.rstrip() for line in text.splitlines()).strip()
    if len(words) > LONGEST_SECTION:
        message = f"the section {name} has {len(words)} characters, more than {LONGEST_SECTION}"
        raise ReviewRefusedError(message)
    if has_control_characters(words.replace("\n", " ").replace("\t", " ")):
        message = f"the section {name} holds control characters"
        raise ReviewRefusedError(message)
    return words


def _why_none(session: Session, study: Study, film_uid: str | None) -> str:
    """Say why there is nothing to be reviewed."""
    if film_uid is None:
        return f"no film of the study has a draft that could be reviewed: it is {study.state.value}"
    film = session.scalars(
        select(Instance).where(Instance.uid == film_uid, Instance.study_id == study.id)
    ).one_or_none()
    if film is None:
        return f"the study has no film {film_uid}"
    if film.purpose is not Purpose.READ:
        return f"film {film_uid} came in for {film.purpose.value}: no draft of today"
    withdrawn = session.scalars(
        select(ReadingRow.id).where(
            ReadingRow.instance_id == film.id, ReadingRow.withdrawn_code.is_not(None)
        )
    ).first()
    if withdrawn is not None:
        return f"the draft of film {film_uid} was rejected, and stays so"
    why = f": {film.reason}" if film.reason else ""
    return f"film {film_uid} has no draft: it is {film.state.value}{why}"
