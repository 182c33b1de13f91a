"""Fetches what was asked for: one study at a time, priors first, until it came or cannot come.

The rows of `db.retrievals` are the queue, so a kill at any moment loses nothing: the lease of what
was under way ends within seconds and it is fetched again. What had come in before is the same
content then, and nothing new.
"""

import uuid
from datetime import datetime
from typing import Final

import structlog

from core.clock import now
from core.errors import (
    LostLeaseError,
    PeerUnavailableError,
    RefusedByPeerError,
)
from core.process_mark import process_name
from core.settings import Settings
from core.states import Purpose
from db.engine import Database
from db.fetched import anything_came, refused_since
from db.models import Peer
from db.pauses import Pause
from db.retrievals import Fetch, claim, done, give_up, progress, put_back, release_lost
from gateway.address import PeerAddress
from gateway.background import Background
from gateway.carrier import Address
from gateway.fetch_hold import LEASE_SECONDS, FetchHold
from gateway.move import Moved, move
from gateway.peer_pauses import PeerPauses

_log = structlog.get_logger()
MOST_ATTEMPTS: Final = 5
"""Attempts at one study; what a peer that is away costs is not counted."""
_PURPOSES: Final = (Purpose.PRIOR, Purpose.AUDIT)


class _StoppedError(Exception):
    """Ends a fetch that is under way, since the process ends."""


class Retriever(Background):
    """A thread that fetches studies to the second AE title; a context manager.

    Parameters
    ----------
    settings
        The whole tree; the pauses are those of the delivery.
    db
        Where the fetches are.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        super().__init__("retriever")
        self._settings = settings
        self._db = db
        self._worker = f"{process_name()}:{uuid.uuid4().hex[:8]}"
        self._pause = Pause(
            settings.delivery.first_retry_seconds, settings.delivery.longest_retry_seconds
        )
        self._pauses = PeerPauses(self._pause)

    def step(self) -> bool:
        """Fetch one study that is due.

        Returns
        -------
        bool
            Whether there was one.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        released = release_lost(self._db)
        if released:
            _log.warning("fetches_released", count=released)
        fetch = claim(
            self._db,
            _PURPOSES,
            worker=self._worker,
            lease_seconds=LEASE_SECONDS,
            not_from=self._pauses.paused(),
        )
        if fetch is None:
            return False
        log = _log.bind(retrieval_id=fetch.retrieval_id, study_uid=fetch.study_uid)
        try:
            if fetch.attempts > MOST_ATTEMPTS:
                give_up(self._db, fetch, "whoever fetched it stopped answering, each time")
            else:
                self._fetch(fetch, log)
        except LostLeaseError:
            log.warning("fetch_lost")
        return True

    def _fetch(self, fetch: Fetch, log: structlog.stdlib.BoundLogger) -> None:
        began = now()
        with FetchHold(self._db, fetch) as hold:
            try:
                moved = self._move(fetch, hold)
            except _StoppedError:
                put_back(self._db, fetch, None, pause_seconds=0.0, counted=False)
                return
            except (PeerUnavailableError, RefusedByPeerError) as error:
                # Both speak of the peer, and so of each of its studies: all of them wait.
                log.warning("peer_gives_nothing", peer_id=fetch.peer_id, status=error.status)
                self._pauses.failed(fetch.peer_id)
                put_back(self._db, fetch, str(error), pause_seconds=0.0, counted=False)
                return
            self._end(fetch, moved, began, log)

    def _move(self, fetch: Fetch, hold: FetchHold) -> Moved:
        def told(moved: Moved) -> None:
            if self._stop.is_set():
                raise _StoppedError
            if not hold.kept:
                message = f"retrieval {fetch.retrieval_id} is somebody else's by now"
                raise LostLeaseError(message)
            progress(self._db, fetch, completed=moved.completed, failed=moved.failed)

        return move(
            self._address(fetch.peer_id),
            self._settings.gateway.retrieval_ae_title,
            fetch.study_uid,
            fetch.series_uids,
            on_progress=told,
        )

    def _end(
        self, fetch: Fetch, moved: Moved, began: datetime, log: structlog.stdlib.BoundLogger
    ) -> None:
        error = self._what_is_wrong(fetch, moved, began)
        if error is None:
            self._pauses.answered(fetch.peer_id)
            done(self._db, fetch, completed=moved.completed + moved.warning)
            log.info("fetched", objects=moved.completed + moved.warning)
            return
        if moved.completed + moved.warning == 0:
            # Perhaps this study, perhaps all of them: the peer is asked less often until one comes.
            self._pauses.failed(fetch.peer_id)
        log.warning("fetch_failed", attempt=fetch.attempts)
        if fetch.attempts >= MOST_ATTEMPTS:
            give_up(self._db, fetch, f"{error} (attempt {fetch.attempts}, the last one)")
        else:
            pause = self._pause.after(fetch.attempts)
            put_back(self._db, fetch, error, pause_seconds=pause)

    def _what_is_wrong(self, fetch: Fetch, moved: Moved, began: datetime) -> str | None:
        """Say why a fetch is not done; None where it is.

        A peer that answers before it has sent tells no numbers, and one that sent everything to
        another machine of our name tells the best ones: what is here counts too.
        """
        title = self._settings.gateway.retrieval_ae_title
        if moved.words or moved.failed:
            words = moved.words or "not everything was sent"
            sent = moved.completed + moved.warning
            why = self._why_not_sent(fetch, sent, began)
            return f"{words} ({sent} sent, {moved.failed} failed; {why})"
        if anything_came(self._db, fetch.study_uid):
            return None
        if moved.completed + moved.warning:
            return f"the peer says that it sent everything, and nothing came: where is {title}?"
        return "the peer sent nothing of it"

    def _why_not_sent(self, fetch: Fetch, sent: int, began: datetime) -> str:
        """Say where to look: a sub-operation that we refuse fails as one that never reached us."""
        refused = refused_since(self._db, fetch.peer_id, began)
        if refused is not None:
            return f"objects were refused here and are in quarantine, the last since: {refused}"
        title = self._settings.gateway.retrieval_ae_title
        if sent:
            return f"the log tells what was refused here as {title}, the rest is the peer's doing"
        return f"does it know {title} at this address? What is refused here is in the log"

    def _address(self, peer_id: int) -> PeerAddress:
        with self._db.read() as session:
            return PeerAddress.of(Address.of(session.get_one(Peer, peer_id)), self._settings)
