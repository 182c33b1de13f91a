"""Asks one peer for storage commitment, a study at a time over one association."""

import threading
import time
from typing import Final

import structlog
from pynetdicom import evt
from pynetdicom.association import Association

from core.clock import now
from core.errors import RefusedByPeerError
from core.settings import Settings
from db.commitment_answers import note_refused, outstanding
from db.commitment_requests import Request, note_asked, open_request
from db.commitments import studies_to_ask
from db.engine import Database
from gateway.association import associate
from gateway.commitment.model import proposed_context
from gateway.commitment.peers import AskedPeer
from gateway.commitment.reports import ReportTaker
from gateway.commitment.request import send_request
from gateway.commitment.statuses import Refusal, action_in_words, refusal_of

_log = structlog.get_logger()
_LOOK_SECONDS: Final = 0.2


class Asker:
    """Asks peers.

    Parameters
    ----------
    settings
        The whole tree.
    db
        Where the requests are.
    stop
        Ends what is under way after the present request.
    """

    def __init__(self, settings: Settings, db: Database, stop: threading.Event) -> None:
        self._rules = settings.commitment
        self._db = db
        self._stop = stop
        self._reports = ReportTaker(db, settings.commitment)

    def ask(self, peer: AskedPeer) -> None:
        """Ask a peer about everything that is due, and wait a moment for its reports.

        Raises
        ------
        PeerUnavailableError
            If it cannot be asked for the moment.
        RefusedByPeerError
            If it takes no requests for storage commitment.
        DatabaseAwayError
            If the database does not answer.
        """
        with associate(peer.address, [proposed_context()]) as association:
            association.bind(
                evt.EVT_N_EVENT_REPORT,
                self._reports.answer,
                [peer.address.called_ae, (peer.peer_id,)],
            )
            asked: list[int] = []
            while True:
                before = len(asked)
                for study_id in self._due(peer):
                    request = self._request(peer, study_id)
                    if request is not None:
                        self._send(association, request, peer)
                        asked.append(request.commitment_id)
                # What is due and not asked about is another deliverer's, or its peer has changed.
                if len(asked) == before or not self._linger(association, peer, asked):
                    return

    def _due(self, peer: AskedPeer) -> list[int]:
        with self._db.read() as session:
            return studies_to_ask(
                session,
                peer.peer_id,
                now(),
                quiet_seconds=peer.quiet_seconds,
                maximum_requests=self._rules.maximum_requests,
            )

    def _request(self, peer: AskedPeer, study_id: int) -> Request | None:
        if self._stop.is_set():
            return None
        with self._db.write() as session:
            return open_request(
                session, peer.peer_id, study_id, maximum_requests=self._rules.maximum_requests
            )

    def _send(self, association: Association, request: Request, peer: AskedPeer) -> None:
        status, comment = send_request(association, request)
        refusal = refusal_of(status)
        if refusal is None:
            if peer.failures:
                with self._db.write() as session:
                    note_asked(session, peer.peer_id)
            _log.info(
                "commitment_asked",
                peer=peer.name,
                transaction_uid=request.transaction_uid,
                objects=len(request.objects),
            )
            return
        words = action_in_words(status, comment)
        of_all = refusal is Refusal.OF_ALL
        with self._db.write() as session:
            note_refused(session, request.commitment_id, words, self._rules, counts=not of_all)
        _log.warning(
            "commitment_refused",
            peer=peer.name,
            transaction_uid=request.transaction_uid,
            status=status,
        )
        if of_all:
            # Of the peer as a whole its own words are not kept: they may name a patient.
            raise RefusedByPeerError(action_in_words(status), status)

    def _linger(self, association: Association, peer: AskedPeer, asked: list[int]) -> bool:
        """Wait a moment for reports on the association; True where more is to be asked on it."""
        until = time.monotonic() + self._rules.linger_seconds
        while association.is_established and not self._stop.wait(_LOOK_SECONDS):
            if self._due(peer):
                return True
            with self._db.read() as session:
                waited_for = outstanding(session, asked)
            if not waited_for or time.monotonic() >= until:
                return False
        return False
