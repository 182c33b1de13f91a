"""Who may call the listener, and what each may send.

The answer is kept for a moment, so that a database that is away turns nobody away who was
known: their C-STORE is then answered Out of Resources, which they will try again.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import TypeVar

from core.errors import DatabaseAwayError
from core.film_facts import FILM_CLASSES
from core.settings import GatewaySettings
from core.states import CommitmentWay
from db.engine import Database
from db.models import Peer
from db.peers import dicom_peers
from gateway.admission import Call, Place, Stranger
from gateway.contexts import DOCUMENT_CLASSES, RESULT_CLASSES
from gateway.host_addresses import HostAddresses

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the associations of a caller may cost; None is what the settings say.

    Parameters
    ----------
    associations
        Open at once.
    pdu
        Bytes of a PDU that are announced to it (PS3.8 section 9.3.2).
    idle_seconds
        Silence after which an association is ended.
    """

    associations: int | None = None
    pdu: int | None = None
    idle_seconds: float | None = None

    def or_more(self, other: "Limits") -> "Limits":
        """Give the wider of two limits each; what the settings say is none to widen."""
        return Limits(
            _wider(self.associations, other.associations),
            _wider(self.pdu, other.pdu),
            _wider(self.idle_seconds, other.idle_seconds),
        )


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
    limits
        Of its associations.
    reports
        Rows of the peers that it may be and that are asked for storage commitment: it may report
        what they keep.
    """

    ae_title: str
    sends: bool
    classes: frozenset[str]
    accepted: frozenset[str]
    limits: Limits = Limits()
    reports: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Known:
    """An enabled peer, as far as its calls go."""

    place: Place
    caller: Caller


class Callers:
    """The calling AE titles that are let in: enabled peers and those of the settings.

    A title that a peer has is that peer's: it is let in from where the peer calls, whatever the
    settings say of titles that nobody knows.

    Parameters
    ----------
    db
        Where the peers are.
    settings
        The settings of the gateway.
    keep_seconds
        How long a look at the peers is good for.
    hosts
        Where the hosts of peers are.
    """

    def __init__(
        self,
        db: Database,
        settings: GatewaySettings,
        *,
        keep_seconds: float = 2.0,
        hosts: HostAddresses | None = None,
    ) -> None:
        self._db = db
        self._settings = settings
        self._keep_seconds = keep_seconds
        self._hosts = hosts or HostAddresses()
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._peers: dict[str, tuple[_Known, ...]] = {}

    def find(self, ae_title: str) -> Caller | None:
        """Look up a title whose bearer was made sure of in another way, or needs not be.

        Returns
        -------
        Caller or None
            None where it is unknown and unknown ones are not let in.

        Raises
        ------
        DatabaseAwayError
            If the peers were never read and the settings do not name this one.
        """
        known = self._known(ae_title)
        if known:
            return _together(known)
        return self._by_settings(ae_title)

    def admit(self, call: Call) -> Caller | Stranger:
        """Look up who calls over the network, and whether it is he.

        Returns
        -------
        Caller or Stranger
            What the caller may do, or why it is turned away.

        Raises
        ------
        DatabaseAwayError
            As `find`.
        """
        known = self._known(call.ae_title)
        if not known:
            return self._by_settings(call.ae_title) or self._ourselves(call) or Stranger.TITLE
        reasons = [one.place.turns_away(call, self._hosts) for one in known]
        fitting = [one for one, reason in zip(known, reasons, strict=True) if reason is None]
        if fitting:
            return _together(fitting)
        return self._ourselves(call) or next(reason for reason in reasons if reason is not None)

    def _by_settings(self, ae_title: str) -> Caller | None:
        settings = self._settings
        if ae_title in settings.allowed_ae_titles or settings.allow_unknown_peers:
            return self._caller(ae_title)
        return None

    def _ourselves(self, call: Call) -> Caller | None:
        """Let this installation ask, from its own machine, whether the listener is there."""
        if call.from_here and call.ae_title == self._settings.ae_title.strip():
            return self._caller(call.ae_title, sends=False)
        return None

    def _known(self, ae_title: str) -> tuple[_Known, ...]:
        try:
            return self._current().get(ae_title, ())
        except DatabaseAwayError:
            if ae_title in self._settings.allowed_ae_titles:
                return ()
            raise

    def _current(self) -> dict[str, tuple[_Known, ...]]:
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

    def _read(self) -> dict[str, tuple[_Known, ...]]:
        found: dict[str, tuple[_Known, ...]] = {}
        with self._db.read() as session:
            for peer in dicom_peers(session):
                title = peer.ae_title
                found[title] = (*found.get(title, ()), _Known(_place(peer), self._of(peer)))
        return found

    def _of(self, peer: Peer) -> Caller:
        caller = self._caller(
            peer.ae_title,
            sends=peer.sends_films or peer.ae_title in self._settings.allowed_ae_titles,
            more=frozenset(peer.accepted_sop_classes),
            limits=Limits(peer.maximum_associations, peer.maximum_pdu, peer.idle_seconds),
        )
        asked = peer.commitment is CommitmentWay.ASK
        return replace(caller, reports=frozenset({peer.id} if asked else ()))

    def _caller(
        self,
        ae_title: str,
        *,
        sends: bool = True,
        more: frozenset[str] = frozenset(),
        limits: Limits = Limits(),
    ) -> Caller:
        accepted = FILM_CLASSES | set(self._settings.extra_sop_classes) | more
        classes = accepted | RESULT_CLASSES | DOCUMENT_CLASSES
        return Caller(ae_title, sends, classes, accepted, limits)


def _place(peer: Peer) -> Place:
    return Place(
        host=peer.host,
        networks=tuple(ip_network(text) for text in peer.calling_networks),
        tls=peer.tls,
        certificate_names=frozenset(name.casefold() for name in peer.certificate_names),
    )


def _together(known: Sequence[_Known]) -> Caller:
    """Peers may share an AE title, and then a place: together they may do what any of them may."""
    first, *others = (one.caller for one in known)
    for other in others:
        first = Caller(
            first.ae_title,
            first.sends or other.sends,
            first.classes | other.classes,
            first.accepted | other.accepted,
            first.limits.or_more(other.limits),
            first.reports | other.reports,
        )
    return first


def _wider(one: _Number | None, other: _Number | None) -> _Number | None:
    return None if one is None or other is None else max(one, other)
