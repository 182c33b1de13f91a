"""Verifies and exports the audit."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import exc

from commands.audit_file import check_file
from commands.operator import operator
from commands.output import console, print_json
from core.days import start_of
from core.errors import FirstReadError, SettingsError, WrongArgumentError
from core.private_files import create_private
from core.settings import load_settings
from db.audit import record
from db.audit_chain import Verdict
from db.audit_lines import lines_of
from db.audit_repair import repair_head
from db.audit_trail import open_trail, verify_audit
from db.engine import Database
from db.models import AuditAction


def export(path: Path | None, file: Path, begin: str, end: str) -> None:
    """Write events as JSON lines, between a line that says what they are and one with the head.

    That they were exported is an event itself, and the last one of an export without dates.

    Parameters
    ----------
    path
        The settings file.
    file
        A file that is not there yet, or `-` for standard output.
    begin, end
        First and last day, YYYY-MM-DD in the site's zone; empty is open.

    Raises
    ------
    WrongArgumentError
        If a day is none, or the file is there already.
    DatabaseAwayError
        If the database does not answer.
    """
    settings = load_settings(path)
    zone = ZoneInfo(settings.site.timezone)
    first_at, before = start_of(begin, zone), start_of(end, zone, days=1)
    db = Database(settings.database_url)
    try:
        with _target(file) as target:
            with db.write() as session:
                event = AuditAction.AUDIT_EXPORTED
                record(session, event, actor=operator(), begin=begin, end=end)
            with open_trail(db, first_at, before) as trail:
                if trail is None:
                    message = "the audit has no head: `firstread audit verify` tells more"
                    raise FirstReadError(message)
                count = 0
                for line in lines_of(trail, begin, end):
                    target.write(line)
                    count += 1
    finally:
        db.close()
    # One line stands before the events, and one behind them.
    console().print(f"{count - 2} events; the head is {trail.head.hash}")


def verify(path: Path | None, file: Path | None, kept: str, *, as_json: bool) -> bool:
    """Tell whether the audit, or an exported file, is as it was written.

    Parameters
    ----------
    path
        The settings file.
    file
        An exported file; None is the database.
    kept
        The hash of a head that was written down before; empty: none was.
    as_json
        Whether a program reads it.

    Returns
    -------
    bool
        Whether it is.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    if file is None:
        db = Database(load_settings(path).database_url)
        verdict = verify_audit(db, kept=kept)
        db.close()
    else:
        verdict = check_file(file, kept=kept)
    if as_json:
        print_json(
            {
                "whole": not verdict.broken,
                "events": verdict.events,
                "after_id": verdict.begin.last_id,
                "last_id": verdict.end.last_id,
                "hash": verdict.end.hash,
                "broken": verdict.broken or None,
            }
        )
    else:
        console().print(_words(verdict))
    return not verdict.broken


def repair(path: Path | None) -> None:
    """Let the audit's head name its last event again; an event says what it was.

    Parameters
    ----------
    path
        The settings file, with the login that owns the tables.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    SettingsError
        If this login may not do it.
    """
    db = Database(load_settings(path).database_url)
    try:
        repaired = repair_head(db, operator())
    except exc.ProgrammingError as error:
        message = f"only the owner of the tables may do it: {error.orig}"
        raise SettingsError(message) from error
    finally:
        db.close()
    if repaired is None:
        console().print("The head names the last event; nothing was done.")
        return
    was, head = repaired
    before = "was missing" if was is None else f"named event {was.last_id}"
    console().print(f"The head {before}; it names event {head.last_id} now, and an event says so.")


def _words(verdict: Verdict) -> str:
    if verdict.broken:
        return f"{verdict.broken}; {verdict.events} events before it are as they were written"
    return (
        f"{verdict.events} events, {_range(verdict)}, are as they were written;"
        f" the hash of the last is {verdict.end.hash}"
    )


def _range(verdict: Verdict) -> str:
    if not verdict.begin.last_id:
        return f"from the first to event {verdict.end.last_id}"
    return f"those after event {verdict.begin.last_id} to event {verdict.end.last_id}"


@contextmanager
def _target(file: Path) -> Iterator[TextIO]:
    if str(file) == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        stream = create_private(file)
    except FileExistsError as error:
        message = f"a file stands there already: {file}"
        raise WrongArgumentError(message) from error
    with TextIOWrapper(stream, encoding="utf-8") as text:
        try:
            yield text
        except BaseException:
            # Part of an audit is none.
            file.unlink(missing_ok=True)
            raise
