"""The audit as a file: JSON lines, the first says what follows what, the last where it ends."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Final

from db.audit_trail import Trail

FORMAT: Final = "firstread-audit-1"


def line_of(values: Mapping[str, object]) -> str:
    """Give the one line that says these values."""
    return json.dumps(values, ensure_ascii=True) + "\n"


def lines_of(trail: Trail, begin: str, end: str) -> Iterator[str]:
    """Give the lines of a run of the audit, walking along it once.

    Parameters
    ----------
    trail
        The run.
    begin, end
        First and last day that were asked for, YYYY-MM-DD; empty is open.
    """
    yield line_of(
        {
            "format": FORMAT,
            "firstread": version("firstread"),
            "from": begin or None,
            "to": end or None,
            "after": {"id": trail.begin.last_id, "hash": trail.begin.hash},
        }
    )
    count = 0
    for link in trail.events:
        yield line_of({**link.plain(), "hash": link.hash})
        count += 1
    yield line_of(
        {
            "events": count,
            "end": {"id": trail.end.last_id, "hash": trail.end.hash},
            "head": {"id": trail.head.last_id, "hash": trail.head.hash},
        }
    )
