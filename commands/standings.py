"""Which models read here, and what an administrator lets each one's readings be used for."""

from pathlib import Path

from commands.operator import operator
from commands.output import console, print_json, print_table
from core.settings import load_settings
from core.states import Standing
from db.engine import Database
from db.standings import KnownModel, known_models, set_standing


def list_(path: Path | None, *, as_json: bool) -> None:
    """List the models that workers loaded here."""
    with Database(load_settings(path).database_url).read() as session:
        models = [_plain(model) for model in known_models(session)]
    if as_json:
        print_json({"models": models})
        return
    columns = ("uid", "model", "version", "standing", "by", "shown", "shadow")
    print_table("Models", columns, [[model[column] for column in columns] for model in models])


def standing(path: Path | None, uid: str, word: Standing, basis: str) -> None:
    """Say what a model's readings may be used for from now on.

    Raises
    ------
    WrongArgumentError
        If there is no such model, or it cannot have that standing.
    """
    with Database(load_settings(path).database_url).write() as session:
        set_standing(session, uid, word, basis=basis, actor=operator())
    console().print(f"{uid} is {word.value} from now on")


def _plain(model: KnownModel) -> dict[str, object]:
    last = model.said[0] if model.said else None
    return {
        "uid": model.row.uid,
        "model": model.row.identity.get("name"),
        "version": model.row.identity.get("version"),
        "family": model.row.identity.get("family"),
        "intended_use": model.row.identity.get("intended_use"),
        "demo": model.row.demo,
        "standing": model.standing.value,
        "since": None if last is None else last.at.isoformat(),
        "basis": None if last is None else last.basis,
        "by": None if last is None else last.actor,
        "shown": model.shown,
        "shadow": model.shadow,
        "first_seen_at": model.row.first_seen_at.isoformat(),
    }
