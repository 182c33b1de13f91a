"""Brings a peer one study's results after the other, over one line that is kept open between them.

What is the same for every protocol is here; how one parcel is sent is the carrier's.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import structlog

from core.errors import (
    PeerUnavailableError,
    RefusedByPeerError,
    RetriableError,
    UnreadableObjectError,
)
from gateway.carrier import Address, Answer, Carrier, Line, Parcel
from gateway.desk import Desk, Errand
from gateway.hold import PeerHold
from gateway.open_lines import OpenLines
from gateway.outcomes import Outcomes
from gateway.statuses import Verdict

_log = structlog.get_logger()


@dataclass(slots=True)
class Round:
    """What the lines to one peer share.

    Parameters
    ----------
    desk
        Hands out what waits.
    hold
        On the peer.
    carrier
        Opens lines.
    outcomes
        Notes what becomes of parcels.
    stop
        Ends all lines after the parcels that are under way.
    linger_seconds
        How long a line stays open while nothing waits.
    poll_seconds
        How often the desk is asked without a ring.
    over
        Set once the peer is to be left alone; ends all lines likewise.
    lines
        Those that are open.
    """

    desk: Desk
    hold: PeerHold
    carrier: Carrier
    outcomes: Outcomes
    stop: threading.Event
    linger_seconds: float
    poll_seconds: float
    over: threading.Event = field(default_factory=threading.Event)
    lines: OpenLines = field(default_factory=OpenLines)

    def goes_on(self) -> bool:
        """Tell whether more may be sent."""
        return self.hold.kept and not (self.stop.is_set() or self.over.is_set())


class _SpareLineError(RetriableError):
    """A line could not be opened, and others are open: what is wrong is that it is one more."""


class Runner:
    """One line.

    Parameters
    ----------
    shared
        What it shares with the peer's other lines.
    on_open
        Called whenever a study was taken and the line to the peer is open.
    """

    def __init__(self, shared: Round, on_open: Callable[[Errand], None]) -> None:
        self._shared = shared
        self._on_open = on_open
        self._line: Line | None = None
        self._stack = ExitStack()
        self._address: Address | None = None
        self._idled = False
        """Whether nothing was sent on the line since it was last idle: it may be gone by now."""

    def run(self) -> None:
        """Work until nothing waited for a while, the peer fails, or the round is over.

        It ends, too, where the peer takes no line besides those that are open.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        shared = self._shared
        idle_since = time.monotonic()
        try:
            while shared.goes_on():
                errand = shared.desk.take()
                if errand is not None:
                    try:
                        self._do(errand)
                    except _SpareLineError as error:
                        _log.warning("line_turned_away", peer=errand.address.name, words=str(error))
                        return
                    finally:
                        shared.desk.done(errand)
                    idle_since = time.monotonic()
                elif not self._stays(idle_since):
                    return
                else:
                    self._idled = True
                    shared.desk.wait(shared.poll_seconds)
        finally:
            self._close()

    def _stays(self, idle_since: float) -> bool:
        """Tell whether the line is kept; one that the peer has closed is no loss."""
        return (
            self._line is not None
            and time.monotonic() < idle_since + self._shared.linger_seconds
            and self._line.ready()
        )

    def _do(self, errand: Errand) -> None:
        outcomes = self._shared.outcomes
        try:
            line = self._open(errand)
        except PeerUnavailableError as error:
            self._shared.over.set()
            outcomes.away(errand.address, str(error))
            return
        except RefusedByPeerError as error:
            for parcel in errand.parcels:
                if errand.rehearsed:
                    outcomes.rehearsed(parcel, errand.address, f"rehearsed: would fail, {error}")
                else:
                    outcomes.failed(parcel, errand.address, error.status, str(error))
            return
        self._on_open(errand)
        refused = next(filter(line.wants_other_class, errand.parcels), None)
        if refused is not None and outcomes.other_class_wanted(
            errand.address, errand.study_id, refused
        ):
            return
        if errand.rehearsed:
            for parcel in errand.parcels:
                if self._goes_on(errand):
                    outcomes.rehearsed(parcel, errand.address, _rehearsal(line, parcel))
        else:
            self._send_all(errand)

    def _goes_on(self, errand: Errand) -> bool:
        return self._shared.goes_on() and not self._shared.desk.quiet(errand.address)

    def _send_all(self, errand: Errand) -> None:
        begun = left = False
        for parcel, following in zip(errand.parcels, [*errand.parcels[1:], None], strict=True):
            if not begun:
                if not self._goes_on(errand):
                    return
                begun = self._shared.outcomes.begin(parcel)
            left = left or begun
            if begun:
                answer = self._send(parcel, errand)
                if answer is None:
                    if self._shared.over.is_set():
                        return
                    begun = False
                else:
                    then = following if self._goes_on(errand) else None
                    begun = self._shared.outcomes.answered(parcel, errand.address, answer, then)
        if not left:
            # All of it was superseded since it was listed, or somebody else has the peer by now.
            self._shared.stop.wait(self._shared.poll_seconds)

    def _send(self, parcel: Parcel, errand: Errand) -> Answer | None:
        """Send one parcel; None where what became of it is noted, and no answer of the peer."""
        outcomes, address = self._shared.outcomes, errand.address
        try:
            parcel.check()
            answer = self._sent(parcel, errand)
        except RefusedByPeerError as error:
            outcomes.failed(parcel, address, error.status, str(error))
            return None
        except UnreadableObjectError as error:
            outcomes.damaged(parcel, address, str(error))
            return None
        except PeerUnavailableError as error:
            self._shared.over.set()
            outcomes.put_off(parcel, address, None, str(error))
            return None
        if answer.verdict is Verdict.TRANSIENT:
            self._shared.over.set()
            outcomes.put_off(parcel, address, answer.status, answer.words)
            return None
        return answer

    def _sent(self, parcel: Parcel, errand: Errand) -> Answer:
        """Send one parcel; over a new line where the old one turns out to have ended while idle."""
        idled, self._idled = self._idled, False
        try:
            return self._open(errand, parcel).send(parcel)
        except PeerUnavailableError:
            if not idled:
                raise
        self._close()
        return self._open(errand, parcel).send(replace(parcel, unanswered=True))

    def _open(self, errand: Errand, parcel: Parcel | None = None) -> Line:
        """Give the line on which a parcel goes: the one that is open, or a new one."""
        line = self._line
        if line is not None and self._address == errand.address and line.ready(parcel):
            return line
        self._close()
        opening = self._shared.carrier.open(errand.address, errand.parcels)
        try:
            line = self._stack.enter_context(opening)
        except PeerUnavailableError as error:
            if self._shared.lines.suffice():
                raise _SpareLineError(str(error)) from error
            raise
        self._shared.lines.opened()
        self._line, self._address, self._idled = line, errand.address, False
        return line

    def _close(self) -> None:
        if self._line is None:
            return
        self._line = None
        try:
            self._stack.close()
        finally:
            self._shared.lines.closed()


def _rehearsal(line: Line, parcel: Parcel) -> str:
    try:
        parcel.check()
    except UnreadableObjectError as error:
        return f"rehearsed: would fail, {error}"
    return line.rehearse(parcel)
