"""Keeps asking peers whether they keep what they stored, beside the delivery of results.

Each peer has a thread of its own while it is asked, so that one that is slow or frozen holds up no
other, and no delivery.
"""

import contextlib
import threading
import time
from types import TracebackType
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from core.clock import now
from core.errors import DatabaseAwayError, PeerUnavailableError, RefusedByPeerError
from core.quiet_hours import QuietHours
from core.settings import Settings
from core.states import CommitmentWay
from db.commitment_answers import note_unanswered, unanswered
from db.commitment_requests import put_off_asking
from db.commitments import peers_to_ask, studies_to_ask
from db.engine import Database
from gateway.background import POLL_SECONDS, Background
from gateway.commitment.asking import Asker
from gateway.commitment.peers import AskedPeer
from gateway.commitment.searching import Searcher
from gateway.commitment.statuses import action_in_words
from gateway.statuses import query_in_words

_log = structlog.get_logger()
_PATIENCE_SECONDS: Final = 5.0
"""What peers that are being asked have to answer at the exit; they are asked again by time."""
_SAID_BY: Final = {CommitmentWay.ASK: action_in_words, CommitmentWay.FIND: query_in_words}


class Commitments(Background):
    """The service; a context manager.

    Parameters
    ----------
    settings
        The whole tree.
    db
        Where deliveries and requests are.
    poll_seconds
        How often is looked whom to ask.
    """

    def __init__(
        self, settings: Settings, db: Database, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        super().__init__("commitments", poll_seconds)
        self._settings = settings
        self._rules = settings.commitment
        self._zone = ZoneInfo(settings.site.timezone)
        self._db = db
        self._asker = Asker(settings, db, self._stop)
        self._searcher = Searcher(settings, db, self._stop)
        self._under_way: dict[int, threading.Thread] = {}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, value, trace)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for thread in self._under_way.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def step(self) -> bool:
        """Note what was not answered in time, and begin with each peer that is to be asked.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        with self._db.read() as session:
            late = unanswered(session, now())
        for commitment_id in late:
            with self._db.write() as session:
                if note_unanswered(session, commitment_id, self._rules):
                    _log.warning("commitment_not_answered", commitment=commitment_id)
        self._under_way = {
            peer_id: thread for peer_id, thread in self._under_way.items() if thread.is_alive()
        }
        for peer in self.due():
            if peer.peer_id not in self._under_way:
                thread = threading.Thread(
                    target=self.run_peer,
                    args=(peer,),
                    name=f"commitment-{peer.peer_id}",
                    daemon=True,
                )
                self._under_way[peer.peer_id] = thread
                thread.start()
        return False

    def due(self) -> list[AskedPeer]:
        """List the peers that are to be asked about something now."""
        at, most = now(), self._rules.maximum_requests
        with self._db.read() as session:
            peers = [
                AskedPeer.of(row, self._settings)
                for row in peers_to_ask(session, at, maximum_requests=most)
                if QuietHours(row.quiet_from, row.quiet_until, self._zone).until(at) is None
            ]
            return [
                peer
                for peer in peers
                if studies_to_ask(
                    session,
                    peer.peer_id,
                    at,
                    quiet_seconds=peer.quiet_seconds,
                    maximum_requests=most,
                )
            ]

    def run_peer(self, peer: AskedPeer) -> None:
        """Ask one peer whatever is due; never raises."""
        try:
            if peer.way is CommitmentWay.ASK:
                self._asker.ask(peer)
            else:
                self._searcher.search(peer)
        except RefusedByPeerError as error:
            self._put_off(peer, _words(peer, error), for_good=True)
        except PeerUnavailableError as error:
            self._put_off(peer, _words(peer, error), for_good=False)
        except DatabaseAwayError:
            _log.warning("commitment_interrupted", peer=peer.name, reason="database away")
        except Exception as error:  # noqa: BLE001 - one peer's trouble must not end the service
            # A value of an answer may stand in the text.
            _log.error("commitment_crashed", peer=peer.name, error=type(error).__name__)
            self._put_off(peer, f"internal error: {type(error).__name__}", for_good=False)

    def _put_off(self, peer: AskedPeer, words: str, *, for_good: bool) -> None:
        _log.warning("commitment_put_off", peer=peer.name, for_good=for_good)
        with contextlib.suppress(DatabaseAwayError), self._db.write() as session:
            seconds = peer.pause(self._settings, for_good=for_good)
            put_off_asking(session, peer.peer_id, words, seconds)


def _words(peer: AskedPeer, error: PeerUnavailableError | RefusedByPeerError) -> str:
    """Say what went wrong without the peer's own words, which may name a patient."""
    if error.status is None:
        return str(error)
    return _SAID_BY[peer.way](error.status)
