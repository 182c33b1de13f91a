"""An exported audit (`db.audit_lines`), read again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import Any, Final

from core.errors import WrongArgumentError
from db.audit_chain import End, Link, Verdict, walk
from db.audit_lines import FORMAT, line_of

_EVENT: Final = {
    "id": int,
    "at": str,
    "actor": str,
    "action": str,
    "study_id": int | None,
    "instance_id": int | None,
    "details": dict,
    "hash": str,
}
_END: Final = {"id": int, "hash": str}


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
        If the file does not begin as an exported audit, or says that it begins with the first
        event and does not.
    OSError
        If it cannot be read.
    """
    with file.open(encoding="utf-8", errors="replace") as stream:
        lines = iter(stream)
        header = _header(next(lines, ""), file)
        exported = _Exported(lines)
        try:
            verdict = walk(exported.links(), header.begin, kept=kept)
        except _OddLineError as error:
            return Verdict(exported.count, header.begin, str(error), header.begin)
    if verdict.broken or (
        exported.footer == (verdict.events, verdict.end)
        and (header.ends_early or exported.head == verdict.end)
    ):
        return verdict
    words = f"the end is missing: the file stops at event {verdict.end.last_id}"
    return replace(verdict, broken=words)


@dataclass(frozen=True, slots=True)
class _Header:
    """The first line: what stands before the first event, and whether a last day was asked for."""

    begin: End
    ends_early: bool


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
        self.head: End | None = None
        """Head of the whole audit when it was exported, by the last line."""

    def links(self) -> Iterator[Link]:
        """Give the events, and then know the last line."""
        for number, line in enumerate(self._lines, start=2):
            if self.footer is not None:
                message = f"line {number} stands behind the end"
                raise _OddLineError(message)
            try:
                values = _values(line)
                if "events" in values:
                    _typed(values, {"events": int, "end": dict, "head": dict})
                    self.footer = values["events"], _end(values["end"])
                    self.head = _end(values["head"])
                    continue
                link = _link(values)
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                message = f"line {number} is neither an event nor the end"
                raise _OddLineError(message) from error
            yield link
            self.count += 1


def _header(line: str, file: Path) -> _Header:
    try:
        values = _values(line)
        begin = _end({FORMAT: values["after"]}[values["format"]])
        days = values["from"], values["to"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        message = f"no exported audit of the form {FORMAT}: {file}"
        raise WrongArgumentError(message) from error
    if days[0] is None and begin != End():
        message = (
            f"the beginning is missing: {file} names no first day, and begins after event"
            f" {begin.last_id}"
        )
        raise WrongArgumentError(message)
    return _Header(begin, ends_early=days[1] is not None)


def _values(line: str) -> dict[str, Any]:
    """Read a line as it was written, and in no other form: no key twice, nothing beside it."""
    values = json.loads(line, parse_constant=_refuse)
    if not isinstance(values, dict) or line_of(values) != line:
        raise ValueError
    return values


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _link(values: dict[str, Any]) -> Link:
    _typed(values, _EVENT)
    link = Link(**{**values, "at": datetime.fromisoformat(values["at"])})
    if link.plain()["at"] != values["at"]:
        raise ValueError
    return link


def _end(values: dict[str, Any]) -> End:
    _typed(values, _END)
    return End(values["id"], values["hash"])


def _typed(values: dict[str, Any], types: Mapping[str, type | UnionType]) -> None:
    """Refuse values that are not of these types, or others beside them."""
    if values.keys() != types.keys():
        raise KeyError(*values)
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, types[name]):
            raise TypeError(name)
