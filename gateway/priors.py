"""Searches peers for a study's priors: what they have is asked for, and fetched by the retriever.

A thread of its own, so that a peer that is away or slow delays priors and nothing else. Each
search is a job row: a kill loses none, and doing it twice asks for nothing twice.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import (
    LostLeaseError,
    PeerUnavailableError,
    RefusedByPeerError,
)
from core.process_mark import process_name
from core.settings import Settings
from core.states import JobKind
from db.engine import Database
from db.jobs import Claim, claim, finish, give_back
from db.models import Peer, Retrieval, Study
from db.pauses import Pause
from db.retrievals import ask
from gateway.address import PeerAddress
from gateway.background import Background
from gateway.carrier import Address
from gateway.peer_pauses import PeerPauses
from gateway.prior_wishes import DatedWish, Question, wishes

_log = structlog.get_logger()
_ACTOR: Final = "priors"
_LEASE_SECONDS: Final = 120.0
_LONGEST_WAIT: Final = timedelta(hours=24)
"""Priors of a study whose peers were away for so long are of no use any more."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A question, how long it waits for its answer, and who is asked."""

    question: Question
    waited: timedelta
    peers: tuple[tuple[int, PeerAddress], ...]


class PriorSearcher(Background):
    """A thread that does the searches; a context manager.

    Parameters
    ----------
    settings
        The whole tree; the pauses are those of the delivery.
    db
        Where the searches and the fetches are.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        super().__init__("priors")
        self._settings = settings
        self._db = db
        self._worker = f"{process_name()}:{uuid.uuid4().hex[:8]}"
        self._pauses = PeerPauses(
            Pause(settings.delivery.first_retry_seconds, settings.delivery.longest_retry_seconds)
        )
        self._zone = ZoneInfo(settings.site.timezone)

    def step(self) -> bool:
        """Do one search that is due.

        Returns
        -------
        bool
            Whether there was one.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        held = claim(
            self._db, (JobKind.RETRIEVE,), worker=self._worker, lease_seconds=_LEASE_SECONDS
        )
        if held is None:
            return False
        try:
            self._search(held)
        except LostLeaseError:
            _log.warning("search_lost", job_id=held.job_id)
        return True

    def _search(self, held: Claim) -> None:
        with self._db.read() as session:
            search = self._to_do(session, held)
        away = 0
        if search is not None and self._settings.priors.enabled:
            away = self._ask_all(search)
        with self._db.write() as session:
            if away and search is not None and search.waited < _LONGEST_WAIT:
                # It is tried again after as long as it has waited already. That a peer is away is
                # not this study's fault: its attempts are not counted.
                delivery = self._settings.delivery
                waited = max(delivery.first_retry_seconds, search.waited.total_seconds())
                pause = min(waited, delivery.longest_retry_seconds)
                give_back(session, held, "a peer is away", pause_seconds=pause)
            else:
                finish(session, held)

    def _ask_all(self, search: _Search) -> int:
        """Ask for what all peers have; give how many of them are away."""
        away = 0
        found: list[DatedWish] = []
        paused = self._pauses.paused()
        limits = self._settings.priors
        for peer_id, address in search.peers:
            if peer_id in paused:
                away += 1
                continue
            try:
                found += wishes(self._db, search.question, peer_id, address, limits)
            except PeerUnavailableError as error:
                away += 1
                self._pauses.failed(peer_id)
                _log.warning("peer_not_searched", peer_id=peer_id, status=error.status)
            except RefusedByPeerError as error:
                _log.warning("peer_gives_no_priors", peer_id=peer_id, status=error.status)
            else:
                self._pauses.answered(peer_id)
        newest = sorted(found, key=lambda one: one.study_date, reverse=True)
        with self._db.write() as session:
            self._ask_for(session, search.question, newest)
        _log.info("searched", study_id=search.question.study_id, found=len(found), away=away)
        return away

    def _ask_for(self, session: Session, question: Question, newest: Sequence[DatedWish]) -> None:
        """Ask for each study once, whoever has it, and for so many in all."""
        asked = set(
            session.scalars(
                select(Retrieval.study_uid).where(Retrieval.for_study_id == question.study_id)
            )
        )
        for one in newest:
            if one.wish.study_uid not in asked and len(asked) < self._settings.priors.most:
                asked.add(one.wish.study_uid)
                ask(session, one.wish, actor=_ACTOR)

    def _to_do(self, session: Session, held: Claim) -> _Search | None:
        study = None if held.study_id is None else session.get(Study, held.study_id)
        if study is None or not study.patient_id:
            return None
        peers = session.scalars(
            select(Peer).where(Peer.enabled, Peer.gives_priors).order_by(Peer.id)
        )
        return _Search(
            question=Question(
                study_id=study.id,
                study_uid=study.uid,
                patient_id=study.patient_id,
                issuer=study.issuer,
                taken_on=(study.acquired_at or study.received_at).astimezone(self._zone).date(),
            ),
            waited=now() - study.received_at,
            peers=tuple((peer.id, self._address(peer)) for peer in peers),
        )

    def _address(self, peer: Peer) -> PeerAddress:
        return PeerAddress.of(Address.of(peer), self._settings)
