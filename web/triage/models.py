"""The models that have scores of their own in the form of the triage policy."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from db.standings import KnownModel, known_models
from web.triage.typed import is_score, model_of

MOST_MODELS: Final = 8
"""The newest ones, beside those that the fields name."""


@dataclass(frozen=True, slots=True)
class ModelFields:
    """One of them.

    Parameters
    ----------
    uid
        Its UID.
    known
        What is known of it; None where no worker ever loaded it here.
    filled
        How many of its fields are filled.
    wrong
        Whether something is wrong with one of them.
    """

    uid: str
    known: KnownModel | None
    filled: int
    wrong: bool


def model_fields(
    session: Session, fields: Mapping[str, str], wrong: Collection[str] = ()
) -> list[ModelFields]:
    """Give the models that the form has fields for.

    Parameters
    ----------
    session
        A session.
    fields
        What stands in the form.
    wrong
        The names of fields that do not fit.
    """
    known = {model.row.uid: model for model in known_models(session)}
    named = [model_of(name) for name in fields if is_score(name) and model_of(name)]
    wanted = dict.fromkeys([*list(known)[:MOST_MODELS], *named])
    return [
        ModelFields(
            uid,
            known.get(uid),
            sum(bool(text) for name, text in fields.items() if _is_of(name, uid)),
            any(_is_of(name, uid) for name in wrong),
        )
        for uid in wanted
    ]


def _is_of(name: str, uid: str) -> bool:
    return is_score(name) and model_of(name) == uid
