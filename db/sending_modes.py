"""What an administrator says of a whole peer: send, pause, drain, dry run."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import WrongArgumentError
from core.states import SendingMode
from db.audit import record
from db.models import AuditAction, Peer


@dataclass(frozen=True, slots=True)
class ModeChange:
    """A peer's mode before and after; the same where nothing was changed."""

    before: SendingMode
    after: SendingMode


def set_mode(session: Session, peer_name: str, mode: SendingMode, *, actor: str) -> ModeChange:
    """Put a peer into a mode; the one that it is in already stays as it began.

    Parameters
    ----------
    session
        A writing session.
    peer_name, mode
        Whom, and into what. A peer that is to be sent to is tried at once.
    actor
        Who says so.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    peer = locked_peer(session, peer_name)
    before = peer.mode
    if before is not mode:
        peer.mode = mode
        peer.mode_changed_at = now()
        peer.next_attempt_at = None
        peer.failures = 0
        record(
            session,
            AuditAction.PEER_MODE_CHANGED,
            actor=actor,
            peer=peer.name,
            before=before.value,
            after=mode.value,
        )
    return ModeChange(before, mode)


def locked_peer(session: Session, name: str) -> Peer:
    """Give a peer for this transaction; whoever also locks a study does so afterwards.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    found = session.scalars(
        select(Peer).where(Peer.name == name).with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        message = f"no peer is called {name}"
        raise WrongArgumentError(message)
    return found
