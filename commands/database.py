"""Keeps the database's schema."""

from pathlib import Path

from commands.output import console
from core.private_files import private_folder
from core.settings import load_settings
from db.upgrade import upgrade as upgrade_database


def upgrade(path: Path | None) -> None:
    """Bring the database to this version's schema; nothing happens where it is there already."""
    settings = load_settings(path)
    if settings.embedded:
        private_folder(settings.data)
    upgrade_database(settings.database_url)
    console().print("The database has this version's schema.")
