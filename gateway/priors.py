"""Searches peers for a study's priors: what they have is asked for, and fetched by the retriever.

A thread of its own, so that a peer that is away or slow delays priors and nothing else. Each
search is a job row: a kill loses none, and doing it twice asks for nothing twice.
"""

import os
import socket
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import (
    DatabaseAwayError,
    LostLeaseError,
    PeerUnavailableError,
    RefusedByPeerError,
)
from core.settings import Settings
from core.states import JobKind, Purpose
from db.engine import Database
from db.jobs import Claim, claim, finish, give_back
from db.models import Peer, Study
from db.pauses import Pause
from db.priors import Here, here
from db.retrievals import Wish, ask
from gateway.address import PeerAddress
from gateway.find import FoundSeries, FoundStudy, StudyQuery, find_series, find_studies
from gateway.peer_pauses import PeerPauses

_log = structlog.get_logger()
_ACTOR: Final = "priors"
_LEASE_SECONDS: Final = 600.0
_POLL_SECONDS: Final = 0.5
_DATABASE_PAUSE_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 10.0
_LONGEST_WAIT: Final = timedelta(hours=24)
"""Priors of a study whose peers were away for so long are of no use any more."""
_MOST_SERIES: Final = 20
_DOCUMENTS: Final = frozenset({"SR"})
_NOTES: Final = frozenset({"KO"})
"""Rejection notes: a film that they name is no prior."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Of whom priors are wanted, and of whom they are asked."""

    study_id: int
    study_uid: str
    patient_id: str
    issuer: str
    taken_on: date
    since: timedelta
    peers: tuple[tuple[int, PeerAddress], ...]


class PriorSearcher:
    """A thread that does the searches; a context manager.

    Parameters
    ----------
    settings
        The whole tree; the pauses are those of the delivery.
    db
        Where the searches and the fetches are.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._pauses = PeerPauses(
            Pause(settings.delivery.first_retry_seconds, settings.delivery.longest_retry_seconds)
        )
        self._zone = ZoneInfo(settings.site.timezone)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="priors", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_SECONDS)

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

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = _POLL_SECONDS
            try:
                if self.step():
                    continue
            except DatabaseAwayError:
                _log.warning("search_waits", error="the database is away")
                pause = _DATABASE_PAUSE_SECONDS
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever one peer says
                _log.error("search_failed", error=type(error).__name__)
            self._stop.wait(pause)

    def _search(self, held: Claim) -> None:
        with self._db.read() as session:
            question = self._question(session, held)
        away = 0
        if question is not None and self._settings.priors.enabled:
            away = self._ask_all(question)
        with self._db.write() as session:
            if away and question is not None and question.since < _LONGEST_WAIT:
                # It is tried again after as long as it has waited already. That a peer is away is
                # not this study's fault: its attempts are not counted.
                delivery = self._settings.delivery
                waited = max(delivery.first_retry_seconds, question.since.total_seconds())
                pause = min(waited, delivery.longest_retry_seconds)
                give_back(session, held, "a peer is away", pause_seconds=pause)
            else:
                finish(session, held)

    def _ask_all(self, question: _Question) -> int:
        """Ask for what all peers have; give how many of them are away."""
        away = 0
        found: list[tuple[str, Wish]] = []
        paused = self._pauses.paused()
        for peer_id, address in question.peers:
            if peer_id in paused:
                away += 1
                continue
            try:
                found += self._wishes(question, peer_id, address)
            except PeerUnavailableError as error:
                away += 1
                self._pauses.failed(peer_id)
                _log.warning("peer_not_searched", peer_id=peer_id, error=str(error))
            except RefusedByPeerError as error:
                _log.warning("peer_gives_no_priors", peer_id=peer_id, error=str(error))
            else:
                self._pauses.answered(peer_id)
        newest = sorted(found, key=lambda one: one[0], reverse=True)
        with self._db.write() as session:
            for _, wish in newest[: self._settings.priors.most]:
                ask(session, wish, actor=_ACTOR)
        _log.info("searched", study_id=question.study_id, found=len(found), away=away)
        return away

    def _wishes(
        self, question: _Question, peer_id: int, address: PeerAddress
    ) -> list[tuple[str, Wish]]:
        """Give what a peer has and is not here yet, each with its date."""
        limits = self._settings.priors
        query = StudyQuery(
            patient_id=question.patient_id,
            issuer=question.issuer,
            first=_years_before(question.taken_on, limits.years),
            last=question.taken_on,
            modalities=limits.modalities,
        )
        studies = [study for study in find_studies(address, query) if _is_prior(study, question)]
        studies.sort(key=lambda study: (study.study_date, study.study_time), reverse=True)
        wishes = []
        for study in studies[: limits.most]:
            with self._db.read() as session:
                known = here(session, study.study_uid)
            series = self._wanted(known, address, study.study_uid)
            if series:
                wishes.append((study.study_date, _wish(question, peer_id, study, series)))
        return wishes

    def _wanted(self, known: Here, address: PeerAddress, study_uid: str) -> list[str]:
        """Give the series that may hold a radiograph or a signed report that is not here."""
        modalities: set[str] = set()
        if not known.films:
            modalities |= {one.upper() for one in self._settings.priors.modalities} | _NOTES
        if not known.report:
            modalities |= _DOCUMENTS
        if not modalities:
            return []
        found = [one for one in find_series(address, study_uid) if _modality(one) in modalities]
        useful = {_modality(one) for one in found} - _NOTES
        return [one.series_uid for one in found[:_MOST_SERIES]] if useful else []

    def _question(self, session: Session, held: Claim) -> _Question | None:
        study = None if held.study_id is None else session.get(Study, held.study_id)
        if study is None or not study.patient_id:
            return None
        peers = session.scalars(
            select(Peer).where(Peer.enabled, Peer.gives_priors).order_by(Peer.id)
        )
        return _Question(
            study_id=study.id,
            study_uid=study.uid,
            patient_id=study.patient_id,
            issuer=study.issuer,
            taken_on=(study.acquired_at or study.received_at).astimezone(self._zone).date(),
            since=now() - study.received_at,
            peers=tuple((peer.id, self._address(peer)) for peer in peers),
        )

    def _address(self, peer: Peer) -> PeerAddress:
        return PeerAddress(
            peer.host,
            peer.port,
            peer.ae_title,
            self._settings.gateway.ae_title,
            self._settings.delivery.network_timeout,
        )


def _modality(series: FoundSeries) -> str:
    return series.modality.upper()


def _is_prior(study: FoundStudy, question: _Question) -> bool:
    """Tell whether an answer is another study of this very patient, as far as it says.

    One that names no issuer is fetched where the patient's has one, since many archives do not
    answer with it; the listener refuses objects that bear another.
    """
    return (
        study.study_uid != question.study_uid
        and study.patient_id == question.patient_id
        and study.issuer in {"", question.issuer}
    )


def _wish(question: _Question, peer_id: int, study: FoundStudy, series: Sequence[str]) -> Wish:
    return Wish(
        peer_id=peer_id,
        study_uid=study.study_uid,
        purpose=Purpose.PRIOR,
        campaign=question.study_uid,
        series_uids=tuple(series),
        for_study_id=question.study_id,
        patient_id=question.patient_id,
        issuer=question.issuer,
        study_date=study.study_date,
    )


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        # The 29th of February of a year that has none, or a year before the first.
        return day - timedelta(days=365 * min(years, day.year - 1))
