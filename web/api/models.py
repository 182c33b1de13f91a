"""Calls by which an administrator sees the models that read here, and what each is used for."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from core.accounts import AccountRole
from core.policy import LONGEST_TEXT
from core.states import Standing
from db.standings import KnownModel, known_models, set_standing
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import VersionNumber
from web.services import Given

router = GuardedRouter()
_ROLES: Final = (AccountRole.ADMINISTRATOR,)
_PATH: Final = "/api/v1/models"


class Word(BaseModel):
    """An administrator's word on a model."""

    number: int
    standing: Standing
    basis: str
    actor: str
    at: datetime


class ModelValues(BaseModel):
    """A model that a worker loaded here."""

    uid: str
    family: str
    name: str
    version: str
    licence: str
    intended_use: str
    demo: bool
    standing: Standing
    shown: int
    """Number of its whole readings that were shown."""
    shadow: int
    """Number of those that were not."""
    workers: int
    """Number of workers that have it loaded."""
    words: list[Word]
    """Newest first."""

    @classmethod
    def of(cls, model: KnownModel) -> Self:
        """Give a model's."""
        identity = model.row.identity
        return cls(
            uid=model.row.uid,
            family=identity["family"],
            name=identity["name"],
            version=identity["version"],
            licence=identity["licence"],
            intended_use=identity["intended_use"],
            demo=model.row.demo,
            standing=model.standing,
            shown=model.shown,
            shadow=model.shadow,
            workers=model.workers,
            words=[
                Word(
                    number=word.id,
                    standing=word.standing,
                    basis=word.basis,
                    actor=word.actor,
                    at=word.at,
                )
                for word in model.said
            ],
        )


class NewStanding(BaseModel):
    """What a model's readings may be used for from now on."""

    model_config = ConfigDict(extra="forbid")

    standing: Standing
    basis: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    """Who decided, and where it is written."""
    after: VersionNumber
    """Number of the newest word that the caller knows of, 0 for none; else 409."""


@router.call(_PATH, roles=_ROLES, tags=["models"])
def models(ours: Given) -> list[ModelValues]:
    """List the models that workers loaded here, newest first."""
    with ours.db.read() as session:
        return [ModelValues.of(model) for model in known_models(session)]


@router.call(f"{_PATH}/{{model_uid}}/standing", roles=_ROLES, methods=["POST"], tags=["models"])
def say(ours: Given, who: Person, model_uid: str, said: NewStanding) -> ModelValues:
    """Record a model's standing, with its basis."""
    with ours.db.write() as session:
        set_standing(
            session, model_uid, said.standing, basis=said.basis, actor=who.name, after=said.after
        )
        session.flush()
        (model,) = (one for one in known_models(session) if one.row.uid == model_uid)
        return ModelValues.of(model)
