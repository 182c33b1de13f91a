"""Brings one peer what waits for it, over as many lines as it takes and are worth it."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from core.errors import DatabaseAwayError
from core.settings import Settings
from db.engine import Database
from db.pauses import Pause
from gateway.carrier import Address, Carrier
from gateway.desk import Desk, Errand
from gateway.dicom_carrier import DicomCarrier
from gateway.hl7.carrier import Hl7Carrier
from gateway.hold import PeerHold
from gateway.outcomes import Outcomes
from gateway.runner import Round, Runner

_log = structlog.get_logger()


def carriers(settings: Settings) -> dict[str, Carrier]:
    """Give the carrier of each protocol that a peer may speak."""
    return {
        "dicom": DicomCarrier(settings),
        "hl7": Hl7Carrier(settings),
    }


class Courier:
    """Sends to one peer until nothing waited for a while, the peer fails, or it is told to stop.

    The first line finds out whether the peer is there. Only then are others opened, each for a
    study that no line has, so that a peer that is away is called once.

    Parameters
    ----------
    settings
        The whole tree.
    db
        Where the deliveries are.
    address
        The peer. Nothing is done where another deliverer has it.
    worker
        Name of this deliverer, under which the peer is taken.
    stop
        Ends the run after the objects that are under way.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        address: Address,
        *,
        worker: str,
        stop: threading.Event,
    ) -> None:
        delivery = settings.delivery
        self._db = db
        self._address = address
        self._worker = worker
        self._stop = stop
        self._linger = min(delivery.linger_seconds, delivery.network_timeout / 2)
        self._poll = delivery.poll_seconds
        self._carriers: Mapping[str, Carrier] = carriers(settings)
        pause = Pause(delivery.first_retry_seconds, delivery.longest_retry_seconds)
        self._outcomes = Outcomes(db, worker, pause)
        self._desk = Desk(db, address.peer_id, ZoneInfo(settings.site.timezone))
        self.crashed = False
        """Whether it ended by an error that nobody foresaw, so that what left may not be noted."""
        self._others: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._run, name=f"courier-{address.peer_id}", daemon=True
        )

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    @property
    def under_way(self) -> bool:
        """Whether it is not yet done."""
        return self._thread.is_alive()

    def ring(self) -> None:
        """Tell it that something may wait."""
        self._desk.ring()

    def join(self, seconds: float) -> None:
        """Wait for its end, for so long at most."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with (
            self._kept_up(),
            PeerHold(self._db, self._address.peer_id, self._worker) as hold,
        ):
            if not hold.kept:
                return
            shared = Round(
                self._desk,
                hold,
                self._carriers[self._address.protocol],
                self._outcomes,
                self._stop,
                self._linger,
                self._poll,
            )
            self._run_line(shared)
            self._join_others()

    def _run_line(self, shared: Round) -> None:
        with self._kept_up(shared):
            Runner(shared, partial(self._open_more, shared)).run()

    def _open_more(self, shared: Round, errand: Errand) -> None:
        """Open another line where a study waits that none has."""
        with self._lock:
            self._others = [thread for thread in self._others if thread.is_alive()]
            room = len(self._others) + 1 < errand.address.lines and shared.lines.takes_another
            if not (room and shared.desk.more):
                return
            thread = threading.Thread(
                target=self._run_line, args=(shared,), name=f"{self._thread.name}-line", daemon=True
            )
            self._others.append(thread)
            thread.start()

    def _join_others(self) -> None:
        """Wait for the other lines: they work under the same hold on the peer."""
        while True:
            with self._lock:
                alive = [thread for thread in self._others if thread.is_alive()]
            if not alive:
                return
            alive[0].join()

    @contextlib.contextmanager
    def _kept_up(self, shared: Round | None = None) -> Iterator[None]:
        """End quietly whatever happens: one peer's trouble must not end the service."""
        try:
            yield
        except DatabaseAwayError:
            # What was sent and could not be noted is sent again, under the same UID.
            _log.warning("delivery_interrupted", peer=self._address.name, reason="database away")
        except Exception as error:  # noqa: BLE001 - as said
            self.crashed = True
            _log.error("delivery_crashed", peer=self._address.name, error=type(error).__name__)
            self._note_crash(type(error).__name__)
        else:
            return
        if shared is not None:
            shared.over.set()

    def _note_crash(self, error: str) -> None:
        try:
            self._outcomes.away(self._address, f"internal error: {error}")
        except DatabaseAwayError:
            pass
        except Exception as another:  # noqa: BLE001 - `crashed` holds the peer off all the same
            _log.error("crash_not_noted", peer=self._address.name, error=type(another).__name__)
