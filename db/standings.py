"""Which models have read here, and what an administrator lets the readings of each be used for.

A model is in shadow until an administrator says otherwise: its readings are stored, and neither
shown nor delivered nor flagged. The demonstration model, whose results only peers take that were
set to accept them, begins as research. Words on a model are rows that are added and never changed;
the newest counts, for readings that are stored from then on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.errors import WrongArgumentError
from core.policy import LONGEST_TEXT
from core.reading import ModelIdentity
from core.states import Standing
from db.audit import record
from db.engine import Database
from db.insert import insert_if_absent
from db.models import AuditAction, ModelRow, ModelStanding, ReadingRow, WorkerRow

IN_SHADOW: Final = "read in shadow: its model is on trial, and what it said is not shown"
"""Why a film that such a model read has no result."""


class StandingConflictError(WrongArgumentError):
    """Somebody else gave the model a standing since a person looked."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that was loaded here.

    Parameters
    ----------
    row
        Who it is.
    standing
        What its readings are used for.
    said
        The administrators' words on it, newest first.
    shown, shadow
        Number of its whole readings that were shown, and that were not.
    workers
        Number of workers that have it loaded.
    """

    row: ModelRow
    standing: Standing
    said: tuple[ModelStanding, ...]
    shown: int
    shadow: int
    workers: int

    @property
    def last_word(self) -> int:
        """Number of the newest word on it; 0 where there is none."""
        return self.said[0].id if self.said else 0


def register_model(session: Session, model: ModelIdentity, *, actor: str) -> bool:
    """Note that a worker loaded a model; tell whether it is new here.

    Parameters
    ----------
    session
        A writing session.
    model
        Who it is.
    actor
        The worker.
    """
    new = session.get(ModelRow, model.uid) is None and insert_if_absent(
        session, ModelRow, uid=model.uid, identity=asdict(model), demo=model.demo
    )
    if new:
        name, version = model.name, model.version
        record(
            session,
            AuditAction.MODEL_SEEN,
            actor=actor,
            model=model.uid,
            name=name,
            version=version,
            standing=standing_of(session, model.uid).value,
        )
    return new


def note_model(db: Database, model: ModelIdentity, *, actor: str) -> Standing:
    """Register a model in a transaction of its own, and give its standing.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    with db.write() as session:
        register_model(session, model, actor=actor)
        return standing_of(session, model.uid)


def standing_of(session: Session, model_uid: str) -> Standing:
    """Give what a model's readings may be used for; a model that nobody knows is in shadow."""
    said = session.scalars(_words_on(model_uid)).first()
    if said is not None:
        return said.standing
    demo = session.scalar(select(ModelRow.demo).where(ModelRow.uid == model_uid))
    return Standing.RESEARCH if demo else Standing.SHADOW


def is_authorised(session: Session, model_uid: str) -> bool:
    """Whether results of a model leave without the words that mark research use."""
    return standing_of(session, model_uid) is Standing.AUTHORISED


def set_standing(
    session: Session,
    model_uid: str,
    standing: Standing,
    *,
    basis: str,
    actor: str,
    after: int | None = None,
) -> None:
    """Say what a model's readings may be used for from now on.

    Parameters
    ----------
    session
        A writing session.
    model_uid
        Which model.
    standing
        What for.
    basis
        On what basis, in words: at most 500 printable characters.
    actor
        Who says so.
    after
        Number of the newest word that the person saw; None asks nothing.

    Raises
    ------
    StandingConflictError
        If another word was said meanwhile; nothing is changed.
    WrongArgumentError
        If no worker ever loaded it, the basis is missing or does not fit, or it is the
        demonstration model, which nobody can authorise.
    """
    # Two at one moment come one after the other, so that the second is told of the first.
    model = session.get(ModelRow, model_uid, with_for_update={"key_share": True})
    if model is None:
        message = f"no worker has loaded a model {model_uid}"
        raise WrongArgumentError(message)
    words = basis.strip()
    if not words or len(words) > LONGEST_TEXT or not words.isprintable():
        message = f"a basis of 1 to {LONGEST_TEXT} printable characters is wanted"
        raise WrongArgumentError(message)
    if model.demo and standing is Standing.AUTHORISED:
        message = "the demonstration model has seen synthetic films only: it cannot be authorised"
        raise WrongArgumentError(message)
    before = standing_of(session, model_uid)
    last = session.scalars(_words_on(model_uid)).first()
    if after is not None and last is not None and last.id != after:
        message = f"{last.actor} said {last.standing.value} of it meanwhile: {last.basis}"
        raise StandingConflictError(message)
    session.add(ModelStanding(model_uid=model_uid, standing=standing, basis=words, actor=actor))
    record(
        session,
        AuditAction.MODEL_STANDING_SET,
        actor=actor,
        model=model_uid,
        before=before.value,
        after=standing.value,
        basis=words,
    )


def known_models(session: Session) -> list[KnownModel]:
    """List the models that were loaded here, newest first."""
    rows = session.scalars(
        select(ModelRow).order_by(ModelRow.first_seen_at.desc(), ModelRow.uid)
    ).all()
    said = session.scalars(select(ModelStanding).order_by(ModelStanding.id.desc())).all()
    counts = _counts(session, [row.uid for row in rows])
    loaded = Counter(session.scalars(select(WorkerRow.model_uid)))
    return [
        KnownModel(
            row,
            standing_of(session, row.uid),
            tuple(one for one in said if one.model_uid == row.uid),
            counts.get((row.uid, False), 0),
            counts.get((row.uid, True), 0),
            loaded[row.uid],
        )
        for row in rows
    ]


def _words_on(model_uid: str) -> Select[ModelStanding]:
    return (
        select(ModelStanding)
        .where(ModelStanding.model_uid == model_uid)
        .order_by(ModelStanding.id.desc())
        .limit(1)
    )


def _counts(session: Session, uids: Sequence[str]) -> dict[tuple[str, bool], int]:
    rows = session.execute(
        select(ReadingRow.model_uid, ReadingRow.shadow, func.count())
        .where(ReadingRow.model_uid.in_(uids), ReadingRow.completed_at.is_not(None))
        .group_by(ReadingRow.model_uid, ReadingRow.shadow)
    )
    return {(uid, shadow): count for uid, shadow, count in rows}
