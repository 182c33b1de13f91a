"""Brings one peer what waits for it, in order, over one association at a time."""

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.association import Association

from core.errors import DatabaseAwayError, PeerUnavailableError, RefusedByPeerError
from core.settings import Settings
from core.states import DeliveryState
from db.deliveries import (
    mark_failed,
    mark_retry,
    mark_sent,
    next_deliveries,
    peer_away,
)
from db.engine import Database
from db.models import Delivery
from db.pauses import Pause
from gateway.association import open_association, store_file
from gateway.contexts import VERIFICATION
from gateway.hold import PeerHold
from gateway.statuses import Verdict, in_words, judge

_log = structlog.get_logger()
_BATCH = 50
"""Deliveries of one association; then urgent studies get another chance to go first."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer is.

    Parameters
    ----------
    peer_id
        Its row.
    name, ae_title, host, port
        As the row says.
    """

    peer_id: int
    name: str
    ae_title: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class _Parcel:
    delivery_id: int
    uid: str
    sop_class_uid: str
    path: Path


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
        self._calling_ae = settings.gateway.ae_title
        self._timeout = delivery.network_timeout
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
                _parcel(delivery) for delivery in next_deliveries(session, address.peer_id, _BATCH)
            ]
        if not parcels:
            return False
        try:
            with open_association(
                address.host,
                address.port,
                called_ae=address.ae_title,
                calling_ae=self._calling_ae,
                contexts=[
                    build_context(VERIFICATION),
                    *(
                        build_context(uid, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
                        for uid in sorted({parcel.sop_class_uid for parcel in parcels})
                    ),
                ],
                timeout=self._timeout,
            ) as association:
                return self._send_all(association, parcels, address, hold)
        except PeerUnavailableError as error:
            self._put_off(address, str(error))
            return False
        except RefusedByPeerError as error:
            for parcel in parcels:
                self._failed(parcel, address, error.status, str(error))
            return True

    def _send_all(
        self,
        association: Association,
        parcels: Sequence[_Parcel],
        address: Address,
        hold: PeerHold,
    ) -> bool:
        for parcel in parcels:
            if self._stop.is_set() or not hold.kept:
                return False
            if self._still_waits(parcel) and not self._send(association, parcel, address):
                return False
        return True

    def _send(self, association: Association, parcel: _Parcel, address: Address) -> bool:
        """Send one object and note the outcome; False where the peer is to be left alone."""
        try:
            status, comment = store_file(association, parcel.path)
        except RefusedByPeerError as error:
            self._failed(parcel, address, error.status, str(error))
            return True
        except FileNotFoundError:
            self._failed(parcel, address, None, "the object's file is missing from the spool")
            return True
        except PeerUnavailableError as error:
            self._retry(parcel, address, None, str(error))
            return False
        words = in_words(status, comment)
        verdict = judge(status).verdict
        if verdict is Verdict.TRANSIENT:
            self._retry(parcel, address, status, words)
            return False
        if verdict is Verdict.PERMANENT:
            self._failed(parcel, address, status, words)
            return True
        with self._db.write() as session:
            mark_sent(session, parcel.delivery_id, status, words)
        _log.info("delivered", peer=address.name, sop_instance_uid=parcel.uid)
        return True

    def _failed(self, parcel: _Parcel, address: Address, status: int | None, words: str) -> None:
        with self._db.write() as session:
            mark_failed(session, parcel.delivery_id, status, words)
        _log.error("delivery_failed", peer=address.name, sop_instance_uid=parcel.uid, status=status)

    def _retry(self, parcel: _Parcel, address: Address, status: int | None, words: str) -> None:
        with self._db.write() as session:
            mark_retry(session, parcel.delivery_id, status, words, pause=self._pause)
        _log.warning(
            "delivery_put_off", peer=address.name, sop_instance_uid=parcel.uid, status=status
        )

    def _put_off(self, address: Address, words: str) -> None:
        with self._db.write() as session:
            peer_away(session, address.peer_id, words, pause=self._pause)
        _log.warning("peer_away", peer=address.name)

    def _still_waits(self, parcel: _Parcel) -> bool:
        """Look once more before an object leaves: it may have been superseded since."""
        with self._db.read() as session:
            return session.get_one(Delivery, parcel.delivery_id).state is DeliveryState.WAITING


def _parcel(delivery: Delivery) -> _Parcel:
    result = delivery.result
    return _Parcel(delivery.id, result.uid, result.sop_class_uid, Path(result.path))
