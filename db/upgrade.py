"""Brings a database to the tables of this version; works from an installed package."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import make_url, text

import db.migrations
from core.errors import SettingsError
from core.private_files import FILE_MODE, close_to_others, private_folder
from db.audit_guards import guard
from db.engine import create_database_engine, told_when_away

_LOCK = 0x46697273745265
"""Key of PostgreSQL's advisory lock: two upgrades at once wait for each other."""


def alembic_config() -> Config:
    """Give Alembic's configuration, whose scripts are the package's own."""
    config = Config()
    # Alembic reads this through configparser, to which a percent sign is special.
    folder = str(Path(db.migrations.__path__[0])).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    return config


def upgrade(url: str) -> None:
    """Bring the database to the newest revision, in one transaction; safe to run again.

    Parameters
    ----------
    url
        As for `Database`; a missing SQLite file is made, with its folder, for this account alone.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    SettingsError
        If the database was made by a newer version than this one.
    """
    parsed = make_url(url)
    if parsed.drivername == "sqlite" and parsed.database:
        _private(Path(parsed.database))
    engine = create_database_engine(url)
    try:
        with (
            told_when_away(),
            _told_when_newer(),
            engine.execution_options(immediate=True).begin() as connection,
        ):
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            guard(connection)
    finally:
        engine.dispose()


def pending_revisions(url: str) -> list[str]:
    """List the revisions that an upgrade would apply, oldest first; none: it is up to date.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    SettingsError
        If the database was made by a newer version than this one.
    """
    engine = create_database_engine(url)
    try:
        with told_when_away(), engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    scripts = ScriptDirectory.from_config(alembic_config())
    with _told_when_newer():
        newer = list(scripts.iterate_revisions("head", current or "base"))
    return [script.revision for script in newer][::-1]


def _private(file: Path) -> None:
    if not file.parent.is_dir():
        private_folder(file.parent)
    # SQLite gives the files that it puts beside a database the database's own mode.
    file.touch(FILE_MODE)
    close_to_others(file)


@contextmanager
def _told_when_newer() -> Iterator[None]:
    try:
        yield
    except (CommandError, RevisionError) as error:
        message = f"the database was made by a newer version of FirstRead: {error}"
        raise SettingsError(message) from error
