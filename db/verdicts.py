"""What persons say of single findings: right, wrong, elsewhere, missed; each word is kept.

A verdict changes no report and no result: it says how well the model did, to the colleagues who
open the study and to whoever evaluates the model at this site.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import ReviewConflictError, ReviewRefusedError
from core.labels import Label
from core.person_name import has_control_characters
from core.reading import Box, Presence
from core.states import Verdict
from core.uids import derived_uid
from db.audit import record
from db.films import lock_study
from db.models import Account, AuditAction, FindingRow, FindingVerdict, ReadingRow

LONGEST_NOTE: Final = 500
"""Characters."""
MOST_BOXES: Final = 8
"""Of one finding."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's word on one finding.

    Parameters
    ----------
    finding_id
        Of the reading; of its own where the model missed it.
    verdict
        None takes an earlier word back.
    label
        What it is.
    boxes
        Where the person says that it is; only of what was moved or missed.
    note
        In words; may be empty.
    account_id, person_name
        Whose.
    at
        When.
    """

    finding_id: str
    verdict: Verdict | None
    label: Label
    boxes: tuple[Box, ...]
    note: str
    account_id: int
    person_name: str
    at: datetime


def judge(
    session: Session,
    reading_id: str,
    account: Account,
    verdict: Verdict | None,
    *,
    finding_id: str | None,
    label: Label | None = None,
    boxes: Sequence[Box] = (),
    note: str = "",
) -> Judgement:
    """Note a person's word on a finding.

    Parameters
    ----------
    session
        A writing session.
    reading_id
        Of which the finding is, or in which it is missing.
    account
        Whose word.
    verdict
        The word; None takes the person's earlier one back.
    finding_id
        None of a missed one that is new.
    label
        Of a missed one; of another it is the finding's own.
    boxes
        Where it is, of a moved or missed one: in [0, 1] of the stored pixel matrix.
    note
        One line.

    Raises
    ------
    ReviewConflictError
        If another reading took that one's place.
    ReviewRefusedError
        If there is no such reading or finding, or the word does not fit it.
    """
    _check(verdict, boxes, note)
    reading = _held(session, reading_id)
    found = session.get(FindingRow, finding_id) if finding_id else None
    if found is not None and found.reading_id == reading_id:
        _check_fits(found, verdict)
        about, of = found.id, found.label
    else:
        about, of = _missed(
            session, reading_id, account.id, verdict, finding_id=finding_id, label=label
        )
    row = FindingVerdict(
        reading_id=reading_id,
        finding_id=about,
        verdict=verdict,
        label=of,
        boxes=[asdict(box) for box in boxes],
        note=note.strip(),
        account_id=account.id,
        at=now(),
    )
    session.add(row)
    session.flush()
    record(
        session,
        AuditAction.VERDICT_GIVEN,
        actor=account.person_name,
        study_id=reading.study_id,
        instance_id=reading.instance_id,
        reading=reading_id,
        finding=about,
        label=of.value,
        verdict=None if verdict is None else verdict.value,
    )
    return _judgement(row, account.person_name)


def judgements_of(session: Session, reading_id: str) -> list[Judgement]:
    """List what each person says of each finding of a reading now, the earliest word first.

    Of several words of one person on one finding the last counts; one that was taken back is left
    out.
    """
    latest: dict[tuple[str, int], Judgement] = {}
    rows = session.execute(
        select(FindingVerdict, Account.person_name)
        .join(Account, Account.id == FindingVerdict.account_id)
        .where(FindingVerdict.reading_id == reading_id)
        .order_by(FindingVerdict.id)
    )
    for row, name in rows:
        latest[row.finding_id, row.account_id] = _judgement(row, name)
    return [one for one in latest.values() if one.verdict is not None]


def _held(session: Session, reading_id: str) -> ReadingRow:
    """Lock the study of a reading that people see."""
    reading = session.get(ReadingRow, reading_id)
    if reading is None or reading.document is None or reading.shadow:
        message = "there is no such reading"
        raise ReviewRefusedError(message)
    lock_study(session, reading.study_id)
    session.refresh(reading)
    if not reading.current and reading.withdrawn_code is None:
        message = "another reading of the film took this one's place"
        raise ReviewConflictError(message)
    return reading


def _check(verdict: Verdict | None, boxes: Sequence[Box], note: str) -> None:
    if len(note.strip()) > LONGEST_NOTE or has_control_characters(note.strip()):
        message = f"a note is one line of {LONGEST_NOTE} characters at most"
        raise ReviewRefusedError(message)
    if len(boxes) > MOST_BOXES:
        message = f"{len(boxes)} boxes are more than the {MOST_BOXES} that a finding may have"
        raise ReviewRefusedError(message)
    if verdict is Verdict.MOVED and not boxes:
        message = "a finding that was moved needs a box"
        raise ReviewRefusedError(message)
    if boxes and verdict not in {Verdict.MOVED, Verdict.MISSED}:
        message = "a place is said only of what was moved or missed"
        raise ReviewRefusedError(message)


def _check_fits(found: FindingRow, verdict: Verdict | None) -> None:
    if verdict is Verdict.MISSED:
        message = f"the model did say {found.label.value}: it was not missed"
        raise ReviewRefusedError(message)
    if verdict is Verdict.MOVED and found.presence is Presence.ABSENT:
        message = "what is said to be absent has no place: call it wrong, and add what was missed"
        raise ReviewRefusedError(message)


def _missed(
    session: Session,
    reading_id: str,
    account_id: int,
    verdict: Verdict | None,
    *,
    finding_id: str | None,
    label: Label | None,
) -> tuple[str, Label]:
    """Give the id and the label of a finding that the person added, or adds now."""
    if finding_id is None:
        if verdict is not Verdict.MISSED or label is None:
            message = "a finding that the model missed needs its label"
            raise ReviewRefusedError(message)
        return derived_uid("missed", reading_id, uuid.uuid4().hex), label
    added = session.scalars(
        select(FindingVerdict)
        .where(
            FindingVerdict.reading_id == reading_id,
            FindingVerdict.finding_id == finding_id,
            FindingVerdict.account_id == account_id,
        )
        .order_by(FindingVerdict.id.desc())
        .limit(1)
    ).one_or_none()
    if added is None:
        message = "the reading has no such finding, and you added none"
        raise ReviewRefusedError(message)
    if verdict not in {Verdict.MISSED, None}:
        message = "a finding of your own can be changed or taken back"
        raise ReviewRefusedError(message)
    return finding_id, label or added.label


def _judgement(row: FindingVerdict, person_name: str) -> Judgement:
    return Judgement(
        finding_id=row.finding_id,
        verdict=row.verdict,
        label=row.label,
        boxes=tuple(Box(**box) for box in row.boxes),
        note=row.note,
        account_id=row.account_id,
        person_name=person_name,
        at=row.at,
    )
