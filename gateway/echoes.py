"""Asks peers whether they are there, where an administrator wants to know."""

from typing import Final

from core.settings import Settings
from core.states import JobKind
from db.engine import Database
from db.errands import Told
from db.jobs import Claim
from db.models import Job, Peer
from gateway.carrier import Address
from gateway.errand_thread import ErrandThread
from gateway.reach import reach

_LEASE_SECONDS: Final = 120.0


class Echoes(ErrandThread):
    """The thread.

    Parameters
    ----------
    settings
        The whole tree.
    db
        Where the peers are.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        super().__init__(db, JobKind.ECHO, lease_seconds=_LEASE_SECONDS)
        self._settings = settings

    def carry_out(self, held: Claim) -> Told:
        """Ask one peer.

        Raises
        ------
        PeerUnavailableError, RefusedByPeerError
            If it does not answer, or says no.
        """
        with self._db.read() as session:
            peer = session.get_one(Peer, session.get_one(Job, held.job_id).peer_id)
            address = Address.of(peer)
        return Told(reach(address, self._settings))
