"""A film whose pixels turned out to be unusable, and of which another copy comes in.

A link or a disk that damaged the first copy must not keep the sender's second, whole one from being
read. Nothing was ever made of the first, so the second takes its place; the first is kept aside.
"""

import hashlib
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import FilmState, JobKind, Purpose
from db.films import refresh_study
from db.insert import insert_if_absent
from db.jobs import add_job
from db.models import Instance, Quarantine, ReadingRow, Study
from db.received import ReadDecision, ReceivedObject
from db.tiers import urgency_of

TAKEN_OVER = "a later copy took its place: "


def is_unusable(film: Instance) -> bool:
    """Tell whether a film ended since its own bytes are of no use.

    A prior is never read, so nobody knows of its pixels; nor of a film that still waits.
    """
    return film.state is FilmState.QUARANTINED


def never_read(session: Session, film: Instance) -> bool:
    """Tell whether a film is not read, and never was: nothing was ever made of its pixels.

    A rejected one is out of the question: what was rejected does not come back by another copy.
    """
    if film.state not in {FilmState.NOT_READ, FilmState.FAILED} or film.rejection_code is not None:
        return False
    readings = select(ReadingRow.id).where(ReadingRow.instance_id == film.id).limit(1)
    return session.execute(readings).first() is None


def take_over(
    session: Session,
    study: Study,
    film: Instance,
    received: ReceivedObject,
    *,
    decision: ReadDecision,
    kept: Path,
) -> bool:
    """Put another copy in the place of one that is unusable, or that an administrator gives up.

    Parameters
    ----------
    session
        A writing session that holds the study.
    study, film
        The rows.
    received
        The copy, of the same study and patient.
    decision
        Whether it is to be read.
    kept
        Its durable file.

    Returns
    -------
    bool
        Whether it now waits for a worker.
    """
    _keep_aside(session, study, film)
    film.path, film.removed_at, film.content_sha256 = str(kept), None, None
    film.transfer_syntax_uid = received.transfer_syntax_uid
    if received.purpose is Purpose.READ:
        film.purpose = received.purpose
    film.state, film.reason = decision.state, decision.reason
    film.rule, film.policy_version = decision.rule, decision.policy_version
    film.asked_of_pixels = decision.asked_of_pixels
    queued = film.state is FilmState.QUEUED
    if queued:
        add_job(
            session,
            JobKind.DRAFT,
            instance_id=film.id,
            study_id=study.id,
            urgency=urgency_of(film, study),
        )
    refresh_study(session, study)
    return queued


def _keep_aside(session: Session, study: Study, film: Instance) -> None:
    with Path(film.path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    insert_if_absent(
        session,
        Quarantine,
        sop_instance_uid=film.uid,
        study_uid=study.uid,
        sha256=digest,
        calling_ae=film.calling_ae,
        called_ae=film.called_ae,
        reason=f"{TAKEN_OVER}{film.reason or 'unusable'}",
        path=film.path,
        # Of one whose pixels were removed only the header is kept aside.
        removed_at=film.removed_at,
    )
