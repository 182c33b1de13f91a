"""Looks by C-FIND whether one peer has what it said it stored."""

import threading
from typing import Final

import structlog

from core.clock import now
from core.settings import Settings
from core.states import DeliveryState
from db.commitment_requests import note_asked
from db.commitments import studies_to_ask
from db.engine import Database
from db.searches import note_search, take_for_search
from gateway.commitment.peers import AskedPeer
from gateway.find import finds_instance, query_association

_log = structlog.get_logger()
_HOLD_SECONDS: Final = 120.0
"""How long another deliverer leaves what one is looking for."""


class Searcher:
    """Looks for results at peers.

    Parameters
    ----------
    settings
        The whole tree.
    db
        Where the deliveries are.
    stop
        Ends what is under way after the present study.
    """

    def __init__(self, settings: Settings, db: Database, stop: threading.Event) -> None:
        self._rules = settings.commitment
        self._db = db
        self._stop = stop

    def search(self, peer: AskedPeer) -> None:
        """Look for everything that is due.

        Raises
        ------
        PeerUnavailableError
            If the peer cannot be asked for the moment.
        RefusedByPeerError
            If it takes no queries.
        DatabaseAwayError
            If the database does not answer.
        """
        with self._db.read() as session:
            studies = studies_to_ask(
                session,
                peer.peer_id,
                now(),
                quiet_seconds=peer.quiet_seconds,
                maximum_requests=self._rules.maximum_requests,
            )
        with query_association(peer.address) as association:
            for study_id in studies:
                if self._stop.is_set():
                    return
                with self._db.write() as session:
                    wanted = take_for_search(
                        session,
                        peer.peer_id,
                        study_id,
                        maximum_requests=self._rules.maximum_requests,
                        seconds=_HOLD_SECONDS,
                    )
                for stored in wanted:
                    found = finds_instance(
                        association, peer.address, stored.study_uid, stored.series_uid, stored.uid
                    )
                    with self._db.write() as session:
                        state = note_search(session, stored, self._rules, found=found)
                    told = _log.info if state is DeliveryState.COMMITTED else _log.warning
                    told("searched", peer=peer.name, sop_instance_uid=stored.uid, found=found)
        if peer.failures:
            with self._db.write() as session:
                note_asked(session, peer.peer_id)
