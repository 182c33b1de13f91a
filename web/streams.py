"""Streams of news to pages that stay open: each person's session has so many, and no more."""

from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from web.access.who import Who

MOST_STREAMS: Final = 20
"""Of one session, or of one person's programs: more tabs than anybody looks at."""
_Key = tuple[str, int]


class Streams:
    """The streams that are open; the newest comes in at the cost of the same session's oldest.

    Pages ask again where a stream ends, and hear what they missed.
    """

    def __init__(self) -> None:
        self._ends: dict[_Key, list[Callable[[], None]]] = {}

    @contextmanager
    def place(self, who: Who, end: Callable[[], None]) -> Iterator[None]:
        """Have a place for one stream.

        Parameters
        ----------
        who
            The person that it is for.
        end
            Ends it, where a newer one takes its place.
        """
        key = ("program", who.account_id)
        if who.sign_in_id is not None:
            key = ("session", who.sign_in_id)
        ends = self._ends.setdefault(key, [])
        ends.append(end)
        try:
            if len(ends) > MOST_STREAMS:
                ends.pop(0)()
            yield
        finally:
            if end in ends:
                ends.remove(end)
            if not ends:
                self._ends.pop(key, None)


class EventStream(StreamingResponse):
    """Server-sent events, in one of a person's places.

    Parameters
    ----------
    streams
        All that are open.
    who
        The person.
    events
        As they are written.
    """

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, who: Who, events: AsyncIterable[str]) -> None:
        super().__init__(events, headers={"x-accel-buffering": "no"})
        self._streams = streams
        self._who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell what happens until it ends."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        with anyio.CancelScope() as whole, self._streams.place(self._who, whole.cancel):
            await super().__call__(scope, receive, noted)
        if whole.cancelled_caught and begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
