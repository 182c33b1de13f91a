"""An exported audit: JSON lines, the first says what follows what, the last where it ends."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from core.errors import WrongArgumentError
from db.audit_chain import End, Link, Verdict, walk

FORMAT: Final = "firstread-audit-1"
_EVENT: Final = {"id", "at", "actor", "action", "study_id", "instance_id", "details", "hash"}


class _OddLineError(ValueError):
    """A line that is none of ours."""


def check_file(file: Path, *, kept: str = "") -> Verdict:
    """Walk along an exported audit up to its first break.

    Parameters
    ----------
    file
        What `firstread audit export` wrote.
    kept
        A hash that was written down elsewhere and must be found; empty: none was.

    Raises
    ------
    WrongArgumentError
        If the file does not begin as an exported audit.
    OSError
        If it cannot be read.
    """
    with file.open(encoding="utf-8", errors="replace") as stream:
        lines = iter(stream)
        begin = _begin(next(lines, ""), file)
        exported = _Exported(lines)
        try:
            verdict = walk(exported.links(), begin, kept=kept)
        except _OddLineError as error:
            return Verdict(exported.count, begin, str(error))
    if verdict.broken or exported.footer == (verdict.events, verdict.end):
        return verdict
    words = f"the end is missing: the file stops at event {verdict.end.last_id}"
    return Verdict(verdict.events, verdict.end, words)


class _Exported:
    """The lines behind the first one.

    Parameters
    ----------
    lines
        Of the file; read once.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.count = 0
        self.footer: tuple[int, End] | None = None
        """Number and end of the events by the last line; None where it is missing."""

    def links(self) -> Iterator[Link]:
        """Give the events, and then know the last line."""
        for number, line in enumerate(self._lines, start=2):
            if self.footer is not None:
                message = f"line {number} stands behind the end"
                raise _OddLineError(message)
            try:
                values = json.loads(line)
                if "events" in values:
                    self.footer = int(values["events"]), _end(values["end"])
                    continue
                link = _link(values)
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                message = f"line {number} is neither an event nor the end"
                raise _OddLineError(message) from error
            yield link
            self.count += 1


def _begin(line: str, file: Path) -> End:
    try:
        header = json.loads(line)
        after = {FORMAT: header["after"]}[header["format"]]
        return _end(after)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        message = f"no exported audit of the form {FORMAT}: {file}"
        raise WrongArgumentError(message) from error


def _link(values: dict[str, Any]) -> Link:
    if values.keys() != _EVENT:
        raise KeyError(*values)
    return Link(**{**values, "at": datetime.fromisoformat(values["at"])})


def _end(values: dict[str, Any]) -> End:
    return End(int(values["id"]), str(values["hash"]))
