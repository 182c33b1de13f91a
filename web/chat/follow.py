"""An answer as it is written, as a stream of events (HTML Living Standard, "Server-sent events").

Each follower asks the database for itself, a few times a second, and only while an answer is
written; a page that was away goes on behind the last event it heard.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool

from core.errors import DatabaseAwayError
from db.chat_events import ENDS, Piece, Waiting, is_over, pieces_after, waiting_for
from web.access.sessions import still_in
from web.access.who import Who
from web.services import Services

_LOOK_SECONDS: Final = 0.15
_WAITING_LOOK_SECONDS: Final = 0.5
_TELL_SECONDS: Final = 5.0
"""Between two words on what an answer waits for: they keep a quiet connection alive as well."""
_LONGEST_SECONDS: Final = 60.0
"""Of one connection; the page then asks for another, and is let in anew."""
RETRY_MILLISECONDS: Final = 2000


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the database found."""

    pieces: list[Piece]
    waiting: Waiting | None
    goes_on: bool


async def follow(ours: Services, who: Who, turn_id: int, after: int) -> AsyncIterator[str]:
    """Give the events of a turn, from behind one of them to its end.

    Parameters
    ----------
    ours
        The application's services.
    who
        Who follows: the stream ends with the session, and while its screen is locked.
    turn_id
        The turn, of a study that the person may open.
    after
        The last event that the page has; 0 for none.

    Yields
    ------
    str
        `begin`, `text`, `end`, `failed` or `cancelled` with their number and JSON `{"text"}`;
        in between `waiting` with `{"ahead", "worker"}`, or `{"away": true}` where the database
        does not answer.
    """
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    until = time.monotonic() + _LONGEST_SECONDS
    tell_at = 0.0
    while time.monotonic() < until:
        try:
            look = await run_in_threadpool(_look, ours, who, turn_id, after)
        except DatabaseAwayError:
            yield _event("waiting", {"away": True})
            await asyncio.sleep(_TELL_SECONDS)
            continue
        if not look.goes_on:
            return
        for piece in look.pieces:
            after = piece.id
            yield _event(piece.kind.value, {"text": piece.text}, piece.id)
            if piece.kind in ENDS:
                return
        if look.waiting is not None and time.monotonic() >= tell_at:
            tell_at = time.monotonic() + _TELL_SECONDS
            yield _event("waiting", asdict(look.waiting))
        await asyncio.sleep(_LOOK_SECONDS if look.waiting is None else _WAITING_LOOK_SECONDS)


def _look(ours: Services, who: Who, turn_id: int, after: int) -> _Look:
    let_in = still_in(ours, who)
    with ours.db.read() as session:
        # In this order: what ended in between is told by the next look.
        over = is_over(session, turn_id)
        pieces = pieces_after(session, turn_id, after)
        waiting = None if pieces else waiting_for(session, turn_id)
    return _Look(pieces, waiting, let_in and not (over and not pieces))


def _event(name: str, values: dict[str, object], number: int | None = None) -> str:
    # JSON has no line breaks of its own, so that no words can end an event.
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {json.dumps(values)}\n\n"
