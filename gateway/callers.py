"""Who may call the listener, and what each may send.

The answer is kept for a moment, so that a database that is away turns nobody away who was
known: their C-STORE is then answered Out of Resources, which they will try again.
"""

import threading
import time
from dataclasses import dataclass

from core.errors import DatabaseAwayError
from core.film_facts import FILM_CLASSES
from core.settings import GatewaySettings
from db.engine import Database
from db.peers import dicom_peers
from gateway.contexts import DOCUMENT_CLASSES, RESULT_CLASSES


@dataclass(frozen=True, slots=True)
class Caller:
    """What a calling AE may do.

    Parameters
    ----------
    ae_title
        How it calls itself.
    sends
        Whether it may send films; else it may verify, and nothing more.
    classes
        The storage classes that it may negotiate.
    accepted
        Those of them whose objects are kept. Of the rest, our own results are taken and dropped,
        rejection notes and signed reports are kept, and others are refused.
    """

    ae_title: str
    sends: bool
    classes: frozenset[str]
    accepted: frozenset[str]


class Callers:
    """The calling AE titles that are let in: enabled peers and those of the settings.

    Parameters
    ----------
    db
        Where the peers are.
    settings
        The settings of the gateway.
    keep_seconds
        How long a look at the peers is good for.
    """

    def __init__(
        self, db: Database, settings: GatewaySettings, *, keep_seconds: float = 2.0
    ) -> None:
        self._db = db
        self._settings = settings
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._peers: dict[str, Caller] = {}

    def find(self, ae_title: str) -> Caller | None:
        """Look a calling AE title up.

        Returns
        -------
        Caller or None
            None where it is unknown and unknown ones are not let in.

        Raises
        ------
        DatabaseAwayError
            If the peers were never read and the settings do not name this one.
        """
        try:
            peers = self._current()
        except DatabaseAwayError:
            if ae_title in self._settings.allowed_ae_titles:
                return self._caller(ae_title)
            raise
        if ae_title in peers:
            return peers[ae_title]
        if ae_title in self._settings.allowed_ae_titles or self._settings.allow_unknown_peers:
            return self._caller(ae_title)
        return None

    def _current(self) -> dict[str, Caller]:
        known = self._read_at is not None
        # One look at a time: meanwhile a slow database holds up only callers at the very start.
        if not self._lock.acquire(blocking=not known):
            return self._peers
        try:
            if self._read_at is None or time.monotonic() - self._read_at > self._keep_seconds:
                self._refresh()
            return self._peers
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        try:
            self._peers = self._read()
        except DatabaseAwayError:
            if self._read_at is None:
                raise
        self._read_at = time.monotonic()

    def _read(self) -> dict[str, Caller]:
        found: dict[str, Caller] = {}
        with self._db.read() as session:
            for peer in dicom_peers(session):
                sends = peer.sends_films or peer.ae_title in self._settings.allowed_ae_titles
                # Two peers may share an AE title: together they may do what either may.
                earlier = found.get(peer.ae_title)
                found[peer.ae_title] = self._caller(
                    peer.ae_title,
                    sends=sends or (earlier is not None and earlier.sends),
                    more=frozenset(peer.accepted_sop_classes)
                    | (frozenset() if earlier is None else earlier.accepted),
                )
        return found

    def _caller(
        self, ae_title: str, *, sends: bool = True, more: frozenset[str] = frozenset()
    ) -> Caller:
        accepted = FILM_CLASSES | set(self._settings.extra_sop_classes) | more
        return Caller(ae_title, sends, accepted | RESULT_CLASSES | DOCUMENT_CLASSES, accepted)
