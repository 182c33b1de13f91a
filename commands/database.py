"""Keeps the database's schema, and its roles."""

import sys
from pathlib import Path

from commands.output import console
from core.private_files import private_folder
from core.settings import load_settings
from db.roles import apply as apply_roles
from db.roles import apply_again, database_name, statements
from db.upgrade import upgrade as upgrade_database


def upgrade(path: Path | None) -> None:
    """Bring the database to this version's schema; nothing happens where it is there already."""
    settings = load_settings(path)
    if settings.embedded:
        private_folder(settings.data)
    upgrade_database(settings.database_url)
    console().print("The database has this version's schema.")
    given = apply_again(settings.database_url)
    if given is None:
        return
    console().print(f"The roles {given.prefix}_... have their rights to it.")
    for name in given.missing:
        console().print(f"There is no role {name}: `firstread db roles` makes it, as a superuser.")


def roles(path: Path | None, prefix: str, *, apply: bool) -> None:
    """Print the SQL that makes the roles of PostgreSQL with their rights; run it where wished.

    Raises
    ------
    SettingsError
        If the database is not PostgreSQL, or this login may not do it.
    DatabaseAwayError
        If the database does not answer.
    WrongArgumentError
        If the prefix fits no role's name.
    """
    url = load_settings(path).database_url
    if apply:
        count = len(apply_roles(url, prefix))
        console().print(f"{count} statements were run; set passwords by psql's \\password.")
        return
    sys.stdout.write(";\n".join(statements(prefix, database_name(url))) + ";\n")
