"""What strangers can hold of the reading room's port, and for how long.

A connection that is not being answered waits for its client: for a request's head or body, for the
next request, or until an answer is taken. Each wait has an end. Where all places are taken, the
newest comes in at the cost of the oldest that waits so, of whichever address holds the most of them
(as at the doors of `gateway`); browsers open such a connection again by themselves.
"""

import asyncio
import resource
from enum import Enum, auto
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.crowd import first_to_go
from core.sparing_log import SparingLog

BACKLOG: Final = 128
_MOST: Final = 2000
"""Connections; a browser that shows pages has few, and one stays open for news."""
_MOST_SILENT: Final = 100
"""Of one address, that have never asked for anything: a proxy connects when it has to ask."""
_ENDING: Final = 100
"""More connections than places: those that were cut, whose requests end in the next moment."""
_SPARE: Final = 400
"""Descriptors for these and for all that is no connection."""
_LARGEST_HEAD: Final = 64 << 10
_HANDSHAKE_SECONDS: Final = 10.0
_PATIENCE_SECONDS: Final = 5
_KEEP_ALIVE_SECONDS: Final = 30

_sent_away = SparingLog("visitor_sent_away")


class Stage(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    """Of ours: such a connection is never cut."""
    TAKING = auto()
    """The client has to take what was written."""
    NEXT = auto()
    """A request, after an answer; uvicorn ends this wait."""


class RoomProtocol(H11Protocol):
    """HTTP/1.1 with an end to each wait for a client.

    Attributes
    ----------
    limits
        Seconds that a stage may last; one in which the client takes an answer begins anew whenever
        some of it went.
    most_silent
        Connections of one address that have never asked.
    """

    limits: dict[Stage, float] = {Stage.HEAD: 10.0, Stage.BODY: 60.0, Stage.TAKING: 30.0}  # noqa: RUF012 - read alone
    most_silent = _MOST_SILENT
    stage = Stage.HEAD

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; its clock begins."""
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        self._clock: asyncio.TimerHandle | None = None
        self._unsent = 0
        self._begin(Stage.HEAD)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        super().connection_lost(exc)
        self._stop_clock()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Go on after an answer."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """Write no more until the client takes some."""
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        """Write on."""
        super().resume_writing()
        self._look()

    @property
    def address(self) -> str:
        """Where it comes from."""
        return self.client[0] if self.client else ""

    def cut(self) -> None:
        """End it at once."""
        self.connections.discard(self)  # by itself it leaves in the loop's next turn only
        self.transport.abort()

    def _found(self) -> Stage:
        if self.flow.write_paused or self.transport.is_closing():
            return Stage.TAKING
        if getattr(self, "cycle", None) is None:  # before the first request
            return Stage.HEAD
        if self.cycle.response_complete:
            return Stage.HEAD if self.timeout_keep_alive_task is None else Stage.NEXT
        return Stage.BODY if self.cycle.more_body else Stage.ANSWER

    def _look(self) -> None:
        found = self._found()
        if found is not self.stage:
            self._begin(found)

    def _begin(self, stage: Stage) -> None:
        self._stop_clock()
        self.stage = stage
        self.waits_since = self.loop.time()
        self._unsent = self.transport.get_write_buffer_size()
        if stage in self.limits:
            self._clock = self.loop.call_later(self.limits[stage], self._time_is_up)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _time_is_up(self) -> None:
        if self.stage is Stage.TAKING and self.transport.get_write_buffer_size() < self._unsent:
            self._begin(Stage.TAKING)
        else:
            self.cut()

    def _make_room(self) -> None:
        ours = [one for one in self.connections if isinstance(one, RoomProtocol)]
        silent = [
            one
            for one in ours
            if one.address == self.address and getattr(one, "cycle", None) is None
        ]
        if len(silent) > self.most_silent:
            self._send_away(silent)
        places = (self.limit_concurrency or 0) - _ENDING
        if len(self.connections) <= places:
            return
        waiting = [one for one in ours if one is not self and one.stage is not Stage.ANSWER]
        if waiting:
            self._send_away(waiting)

    def _send_away(self, visitors: "list[RoomProtocol]") -> None:
        visitors.sort(key=lambda one: one.waits_since)
        one = first_to_go(visitors, lambda one: one.address)
        _sent_away.tell(address=one.address)
        one.cut()


class RoomLoop(asyncio.SelectorEventLoop):
    """Ends handshakes of TLS that take too long: before one there is no protocol to do it."""

    async def create_server(self, *args: Any, **options: Any) -> asyncio.Server:
        """Listen, as the loop that it is."""
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = _HANDSHAKE_SECONDS
        return await super().create_server(*args, **options)


def room_config(application: ASGIApp, **options: Any) -> uvicorn.Config:
    """Give how the reading room is served.

    Parameters
    ----------
    application
        What answers.
    **options
        More of uvicorn's, such as certificates.
    """
    return uvicorn.Config(
        application,
        http=RoomProtocol,
        loop="web.door:RoomLoop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=_places() + _ENDING,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
        **options,
    )


def take_descriptors() -> None:
    """Raise this process's limit of open files as far as it may itself."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _places() -> int:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return _MOST
    return max(1, min(_MOST, limit - _SPARE))
