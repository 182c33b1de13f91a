"""An upper layer that waits in the kernel, and reads data sets without a detour.

pynetdicom's own looks a thousand times a second whether there is something to do, and hands each
PDU on by way of four objects and two queues. Here the thread sleeps until the peer or the
association has something for it, and while a data set comes in, its PDUs go from the connection
into one buffer and from there to whoever takes fragments.
"""

import os
import queue
import select
import threading
from collections.abc import Callable
from typing import Any, Protocol, cast

import structlog
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider

from gateway.bounded_socket import BoundedSocket, check_length

_log = structlog.get_logger()

_P_DATA = 0x04
_HEAD = 6
"""Bytes before the variable field of a PDU: type, reserved, length (PS3.8 section 9.3.1)."""
_TRANSFERRING = "Sta6"
_LOOK_MILLISECONDS = 250
"""Time between two looks at the timers of a silent association."""
_MOST_WAITING = 2
"""Requests that may wait for the association before the peer has to: it may send one at a time,
since no other number was negotiated."""


class FragmentTaker(Protocol):
    """What takes the fragments of messages."""

    def take(self, body: memoryview) -> bool:
        """Take a P-DATA-TF's variable field; tell whether a message ended with it."""


class Bell:
    """Wakes a thread that sleeps in poll(2)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: int | None = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def fileno(self) -> int:
        """Give what to poll; -1 once it is closed."""
        return -1 if self._file is None else self._file

    def ring(self) -> None:
        """Wake the thread, now or as soon as it would sleep."""
        with self._lock:
            if self._file is not None:
                os.eventfd_write(self._file, 1)

    def hush(self) -> None:
        """Forget that it was rung."""
        if self._file is not None:
            os.eventfd_read(self._file)

    def close(self) -> None:
        """Give the file back; ringing does nothing any more."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


class _TellingQueue(queue.Queue[Any]):
    """A queue that tells of each thing put into it."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self._tell = tell

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002 - as in the base class
        """Put, and tell."""
        super().put(item, block, timeout)
        self._tell()


class PromptProvider(DULServiceProvider):
    """A DUL provider without polling; its association's `dimse` is a `FragmentTaker`.

    Parameters
    ----------
    association
        The association that it serves, as the acceptor.
    """

    def __init__(self, association: Association) -> None:
        super().__init__(association)
        self._run_loop_delay = 0.0
        self._bell: Bell | None = None
        self._buffer = bytearray()
        self.to_provider_queue = _TellingQueue(self._ring)
        # The association sleeps at the queue of messages; nothing there is something elsewhere.
        self.to_user_queue = _TellingQueue(lambda: self.assoc.dimse.msg_queue.put((None, None)))

    def run_reactor(self) -> None:
        """Serve until the end; see the base class."""
        self._bell = Bell()
        try:
            super().run_reactor()
        finally:
            self._bell.close()

    def kill_dul(self) -> None:
        """End the thread."""
        super().kill_dul()
        self._ring()

    def stop_dul(self) -> bool:
        """End the thread if the association has ended, and tell whether it had."""
        if self.state_machine.current_state != "Sta1":
            return False
        self.kill_dul()
        self.join()
        return True

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.ring()

    def _is_transport_event(self) -> bool:
        if self.state_machine.current_state == "Sta13":
            return super()._is_transport_event()  # it closes the connection at once
        listening = self.assoc.dimse.msg_queue.qsize() < _MOST_WAITING
        if self.event_queue.empty() and not self._kill_thread:
            self._sleep(listening=listening)
        return listening and super()._is_transport_event()

    def _sleep(self, *, listening: bool) -> None:
        """Wait for the peer, the association, or the time to look at the timers."""
        connection = cast("BoundedSocket", self.socket)
        poll = select.poll()
        try:
            if listening and connection.socket is not None:
                if connection.waiting:
                    return
                poll.register(connection.socket, select.POLLIN)
        except (OSError, ValueError):
            return  # closed by another thread
        bell = cast("Bell", self._bell)
        poll.register(bell, select.POLLIN)
        if any(file == bell.fileno() for file, _event in poll.poll(_LOOK_MILLISECONDS)):
            bell.hush()

    def _read_pdu_data(self) -> None:
        if self.state_machine.current_state != _TRANSFERRING:
            super()._read_pdu_data()
            return
        connection = cast("BoundedSocket", self.socket)
        try:
            while self._read_fragments(connection) and self._undisturbed():
                self._idle_timer.restart()
        except OSError:
            self.event_queue.put("Evt17")  # the connection is closed
        except Exception as error:  # noqa: BLE001 - pynetdicom's parsing of what a peer sent
            _log.warning("pdu_malformed", error=type(error).__name__)
            self.event_queue.put("Evt19")  # an invalid PDU

    def _undisturbed(self) -> bool:
        return not self._kill_thread and self.to_provider_queue.empty() and self.event_queue.empty()

    def _read_fragments(self, connection: BoundedSocket) -> bool:
        """Read one PDU; tell whether more of the same message is to come."""
        head = connection.recv(_HEAD)
        if len(head) < _HEAD or head[0] != _P_DATA:
            connection.unread(bytes(head))
            super()._read_pdu_data()
            return False
        length = int.from_bytes(head[2:], "big")
        check_length(length)
        if len(self._buffer) < length:
            self._buffer = bytearray(length)
        with memoryview(self._buffer)[:length] as body:
            if connection.fill(body) < length:
                message = "the connection ended within a PDU"
                raise OSError(message)
            return not cast("FragmentTaker", self.assoc.dimse).take(body)
