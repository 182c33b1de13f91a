"""An administrator asks whether a peer is there; the gateway does, and tells (`db.errands`)."""

from sqlalchemy.orm import Session

from core.states import JobKind
from db.audit import record
from db.errands import LastErrand, ask_errand, last_errands
from db.models import AuditAction, Job
from db.sending_modes import locked_peer


def ask_echo(session: Session, peer_name: str, *, actor: str) -> int:
    """Have a peer asked whether it is there, and give the job's number.

    Parameters
    ----------
    session
        A writing session.
    peer_name
        Whom; a disabled one too, which is how one finds out before it is enabled.
    actor
        Who wants to know.

    Raises
    ------
    WrongArgumentError
        If there is no such peer, or it is being asked already.
    """
    peer = locked_peer(session, peer_name)
    number = ask_errand(session, JobKind.ECHO, actor=actor, peer_id=peer.id)
    record(session, AuditAction.PEER_ASKED, actor=actor, peer=peer.name)
    return number


def last_echoes(session: Session) -> dict[int, LastErrand]:
    """Give what came of the last echo, by the peer's row."""
    return last_errands(session, JobKind.ECHO, Job.peer_id)
