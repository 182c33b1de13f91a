"""What persons left in the reading room: accounts, a restricted study, questions with answers.

Also a flag that nobody opened for long. The passwords of the accounts are nobody's.
"""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import AccountRole
from core.clock import now
from core.reading import Box
from core.reading_json import reading_from_json
from core.states import JobKind, Purpose
from db.accounts import account_named, add_account
from db.chat import Asking, ask
from db.chat_answers import Answered, store_answer, turn_for
from db.engine import Database
from db.jobs import claim
from db.models import Instance, ReadingRow, Study
from db.restrictions import restrict_study
from evaluation.room.drafts import MODEL

ACTOR: Final = "ada"
RESTRICTED: Final = "Haddad"
ASKED: Final = "Kowalska"
FORGOTTEN: Final = "Lindqvist"
"""Surnames of the cast."""
_SECRET_BYTES: Final = 24
_UNSEEN: Final = timedelta(hours=3)
_PERSONS: Final = {
    "radiologist": ("Brandt^Helena", AccountRole.RADIOLOGIST),
    "sam": ("Osei^Samuel", AccountRole.RADIOLOGIST),
    "administrator": ("Ruiz^Carmen", AccountRole.ADMINISTRATOR),
    "auditor": ("Weber^Otto", AccountRole.AUDITOR),
    "researcher": ("Chen^Li", AccountRole.RESEARCHER),
}
_TALK: Final = (
    ("Where is the lesion?", "It lies in the {place}. It is round and has a smooth edge."),
    ("Is it calcified?", "No calcification is seen. A film cannot exclude it."),
)


def leave_traces(db: Database) -> None:
    """Enter all of it, after the cast."""
    with db.write() as session:
        for name, (person, role) in _PERSONS.items():
            password = secrets.token_urlsafe(_SECRET_BYTES)
            add_account(session, name, person=person, roles=(role,), password=password)
    with db.write() as session:
        uid = _study(session, RESTRICTED).uid
        restrict_study(session, uid, ("sam",), "The patient works in this house.", actor=ACTOR)
        forgotten = _study(session, FORGOTTEN)
        forgotten.unseen_since = now() - _UNSEEN
        forgotten.changed_at = now()
    for question, answer in _TALK:
        _talk(db, question, answer)


def _study(session: Session, surname: str) -> Study:
    """Give the study of today of a patient of the cast."""
    films = select(Instance.study_id).where(Instance.purpose == Purpose.READ)
    named = Study.patient_name.startswith(f"{surname}^"), Study.id.in_(films)
    return session.scalars(select(Study).where(*named)).one()


def _talk(db: Database, question: str, answer: str) -> None:
    with db.write() as session:
        account = account_named(session, "radiologist")
        study_id = _study(session, ASKED).id
        film_uid, document = session.execute(
            select(Instance.uid, ReadingRow.document)
            .join(ReadingRow, ReadingRow.instance_id == Instance.id)
            .where(ReadingRow.study_id == study_id, ReadingRow.current)
        ).one()
        findings = reading_from_json(document or {}).findings
        box = next(one for finding in findings for one in finding.boxes)
        ask(session, Asking(account.id, account.person_name), study_id, film_uid, question)
    held = claim(db, (JobKind.CHAT,), worker="room", lease_seconds=60.0)
    if held is None:
        message = f"nobody may answer {question!r}"
        raise RuntimeError(message)
    asked = turn_for(db, held, MODEL.uid)
    boxes = (box,) if "{place}" in answer else ()
    words = answer.format(place=_written(box))
    store_answer(db, held, asked.turn_id, Answered(words, boxes, len(asked.turns)), MODEL)


def _written(box: Box) -> str:
    """Write a place as models do."""
    return f"[{box.x1}, {box.y1}, {box.x2}, {box.y2}]"
