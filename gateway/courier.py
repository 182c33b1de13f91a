"""Brings one peer what waits for it, in order, over one line at a time.

What is the same for every protocol is here: who has the peer, in what order its deliveries go, and
what becomes of each. How one is sent is the carrier's.
"""

import contextlib
import threading
from collections.abc import Mapping, Sequence

import structlog

from core.errors import DatabaseAwayError, PeerUnavailableError, RefusedByPeerError
from core.settings import Settings
from db.deliveries import (
    begin,
    mark_failed,
    mark_retry,
    mark_sent,
    next_deliveries,
    peer_away,
)
from db.engine import Database
from db.pauses import Pause
from gateway.carrier import Address, Answer, Carrier, Line, Parcel
from gateway.dicom_carrier import DicomCarrier
from gateway.hl7.carrier import Hl7Carrier
from gateway.hold import PeerHold
from gateway.statuses import Verdict

_log = structlog.get_logger()
_BATCH = 50
"""Deliveries of one line; then urgent studies get another chance to go first."""


def carriers(settings: Settings) -> dict[str, Carrier]:
    """Give the carrier of each protocol that a peer may speak."""
    return {
        "dicom": DicomCarrier(settings),
        "hl7": Hl7Carrier(settings),
    }


class Courier:
    """Sends to one peer until nothing waits, the peer fails, or it is told to stop.

    Parameters
    ----------
    settings
        The whole tree.
    db
        Where the deliveries are.
    worker
        Name of this deliverer, under which the peer is taken.
    stop
        Ends the run after the object that is under way.
    """

    def __init__(
        self, settings: Settings, db: Database, *, worker: str, stop: threading.Event
    ) -> None:
        delivery = settings.delivery
        self._carriers: Mapping[str, Carrier] = carriers(settings)
        self._pause = Pause(delivery.first_retry_seconds, delivery.longest_retry_seconds)
        self._db = db
        self._worker = worker
        self._stop = stop

    def run(self, address: Address) -> None:
        """Bring a peer what waits for it; never raises.

        Parameters
        ----------
        address
            The peer. Nothing is done where another deliverer has it.
        """
        try:
            with PeerHold(self._db, address.peer_id, self._worker) as hold:
                while hold.kept and not self._stop.is_set() and self._batch(address, hold):
                    pass
        except DatabaseAwayError:
            # What was sent and could not be noted is sent again, under the same UID.
            _log.warning("delivery_interrupted", peer=address.name, reason="database away")
        except Exception as error:  # noqa: BLE001 - one peer's trouble must not end the service
            _log.error("delivery_crashed", peer=address.name, error=type(error).__name__)
            with contextlib.suppress(DatabaseAwayError):
                self._put_off(address, f"internal error: {type(error).__name__}")

    def _batch(self, address: Address, hold: PeerHold) -> bool:
        """Send what waits first; True where more may be sent at once."""
        with self._db.read() as session:
            parcels = [
                Parcel.of(delivery)
                for delivery in next_deliveries(session, address.peer_id, _BATCH)
            ]
        if not parcels:
            return False
        try:
            with self._carriers[address.protocol].open(address, parcels) as line:
                return self._send_all(line, parcels, address, hold)
        except PeerUnavailableError as error:
            self._put_off(address, str(error))
            return False
        except RefusedByPeerError as error:
            for parcel in parcels:
                self._failed(parcel, address, error.status, str(error))
            return True

    def _send_all(
        self, line: Line, parcels: Sequence[Parcel], address: Address, hold: PeerHold
    ) -> bool:
        sent = 0
        for parcel in parcels:
            if self._stop.is_set() or not hold.kept:
                return False
            if not line.ready():
                if sent:
                    return True
                # A line that ends before anything went would be opened again without a pause.
                message = "the connection was closed before anything was sent"
                raise PeerUnavailableError(message)
            if not self._begin(parcel):
                continue
            if not self._send(line, parcel, address):
                return False
            sent += 1
        return True

    def _send(self, line: Line, parcel: Parcel, address: Address) -> bool:
        """Send one parcel and note the outcome; False where the peer is to be left alone."""
        try:
            answer = line.send(parcel)
        except RefusedByPeerError as error:
            self._failed(parcel, address, error.status, str(error))
            return True
        except FileNotFoundError:
            self._failed(parcel, address, None, "the object's file is missing from the spool")
            return True
        except PeerUnavailableError as error:
            self._retry(parcel, address, None, str(error))
            return False
        return self._noted(parcel, address, answer)

    def _noted(self, parcel: Parcel, address: Address, answer: Answer) -> bool:
        """Note a peer's answer; False where the peer is to be left alone."""
        if answer.verdict is Verdict.TRANSIENT:
            self._retry(parcel, address, answer.status, answer.words)
            return False
        if answer.verdict is Verdict.PERMANENT:
            self._failed(parcel, address, answer.status, answer.words)
            return True
        with self._db.write() as session:
            mark_sent(session, parcel.delivery_id, answer.status, answer.words)
        _log.info("delivered", peer=address.name, sop_instance_uid=parcel.uid)
        return True

    def _failed(self, parcel: Parcel, address: Address, status: int | None, words: str) -> None:
        with self._db.write() as session:
            mark_failed(session, parcel.delivery_id, status, words)
        _log.error("delivery_failed", peer=address.name, sop_instance_uid=parcel.uid, status=status)

    def _retry(self, parcel: Parcel, address: Address, status: int | None, words: str) -> None:
        with self._db.write() as session:
            mark_retry(session, parcel.delivery_id, status, words, pause=self._pause)
        _log.warning(
            "delivery_put_off", peer=address.name, sop_instance_uid=parcel.uid, status=status
        )

    def _put_off(self, address: Address, words: str) -> None:
        with self._db.write() as session:
            peer_away(session, address.peer_id, words, pause=self._pause)
        _log.warning("peer_away", peer=address.name)

    def _begin(self, parcel: Parcel) -> bool:
        """Note that an object leaves, unless it was superseded since: then it does not."""
        with self._db.write() as session:
            return begin(session, parcel.delivery_id)
