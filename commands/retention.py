"""What is needed no more: removed now, or only counted."""

from dataclasses import asdict
from pathlib import Path

from commands.output import print_json, print_table
from core.errors import SettingsError
from core.logs import configure_logs
from core.settings import load_settings
from db.engine import Database
from db.retention import Removed
from db.spool import Spool
from gateway.tidying import removals, to_remove


def retention(path: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Remove the files that the rule of retention lets go, and print how many.

    Parameters
    ----------
    path
        The settings file.
    dry_run
        Whether they are only counted, which also goes while retention is off.
    as_json
        Whether a program reads it.

    Raises
    ------
    SettingsError
        If retention is off, and it is no dry run.
    DatabaseAwayError
        If the database does not answer.
    """
    settings = load_settings(path)
    configure_logs(settings.log)
    if not dry_run and not settings.retention.enabled:
        message = "retention.enabled is false: nothing is removed (--dry-run counts what would be)"
        raise SettingsError(message)
    db = Database(settings.database_url)
    try:
        total = Removed()
        if dry_run:
            total = to_remove(settings, db)
        else:
            for removed in removals(settings, db, Spool.of(settings)):
                total.add(removed)
    finally:
        db.close()
    if as_json:
        print_json({"dry_run": dry_run, **asdict(total)})
        return
    rows = [
        ("studies", total.studies),
        ("films", total.films),
        ("results", total.results),
        ("quarantined objects", total.quarantined),
        ("megabytes", round(total.size / 1e6, 1)),
    ]
    print_table("To be removed" if dry_run else "Removed", ("what", "number"), rows)
