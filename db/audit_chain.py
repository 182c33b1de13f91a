"""The chain that makes the audit tell of its own changes.

Each event's hash is the SHA-256 of the event, in one canonical form, and of the hash before it. An
event that was changed, removed, put in or moved no longer fits what stands around it; what was cut
off the end is missed by the head, which names the last event. Whoever may write everything can make
the whole chain anew: only a head that was kept elsewhere tells of that.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

FIRST: Final = ""
"""What stands in the place of the hash before the first event."""


@dataclass(frozen=True, slots=True)
class Link:
    """One event as the chain knows it, out of the database or out of an exported file.

    Parameters
    ----------
    id
        Its place, greater than that of the one before it.
    at
        When, aware.
    actor, action
        Who, and what.
    study_id, instance_id
        Of what; rows of the database.
    details
        JSON values.
    hash
        What is kept as its hash.
    """

    id: int
    at: datetime
    actor: str
    action: str
    study_id: int | None
    instance_id: int | None
    details: dict[str, Any]
    hash: str

    def plain(self) -> dict[str, Any]:
        """Give it as JSON values, without its hash."""
        return {
            "id": self.id,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "action": self.action,
            "study_id": self.study_id,
            "instance_id": self.instance_id,
            "details": self.details,
        }


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends: the place and the hash of its last event; 0 and "" of an empty one."""

    last_id: int = 0
    hash: str = FIRST


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a chain holds.

    Parameters
    ----------
    events
        How many events were looked at and fit.
    end
        The last that fits.
    broken
        What does not, in words, with the id of the first such event; empty where all holds.
    begin
        What stands before the first.
    """

    events: int
    end: End
    broken: str = ""
    begin: End = field(default_factory=End)


def digest(link: Link, previous: str) -> str:
    """Give the hash of an event that follows another's hash.

    Returns
    -------
    str
        64 hexadecimal digits: SHA-256 of the event's JSON (keys sorted, no blanks, ASCII only) with
        the hash before it under the key `previous`.
    """
    whole = {**link.plain(), "previous": previous}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def check(links: Iterable[Link], begin: End, end: End, *, kept: str = "") -> Verdict:
    """Walk along a chain up to its first break, and see that it ends where it should.

    Parameters
    ----------
    links, begin, kept
        As for `walk`.
    end
        What the chain says of its own end.
    """
    verdict = walk(links, begin, kept=kept)
    if verdict.broken or verdict.end == end:
        return verdict
    words = f"the end is missing: it stops at event {verdict.end.last_id}, not at {end.last_id}"
    return replace(verdict, broken=words)


def walk(links: Iterable[Link], begin: End, *, kept: str = "") -> Verdict:
    """Walk along a chain up to its first break, wherever it ends.

    Parameters
    ----------
    links
        The events in the order of their ids.
    begin
        What stands before the first of them.
    kept
        A hash that was written down elsewhere and must be found; empty: none was.
    """
    at, count = begin, 0
    found = kept in {"", begin.hash}
    for link in links:
        if link.id <= at.last_id:
            words = f"event {link.id} does not follow event {at.last_id}"
            return Verdict(count, at, words, begin)
        if digest(link, at.hash) != link.hash:
            words = f"event {link.id} or what stood before it was changed, removed or put in"
            return Verdict(count, at, words, begin)
        at, count = End(link.id, link.hash), count + 1
        found = found or link.hash == kept
    if not found:
        return Verdict(count, at, f"the head that was kept is not in it: {kept}", begin)
    return Verdict(count, at, begin=begin)
