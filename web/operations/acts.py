"""What an administrator does to peers, jobs, deliveries and fetches: each in its transaction.

Every one of them is in the audit, under the name of the account.
"""

from core.errors import WrongArgumentError
from core.states import SendingMode
from db.echoes import ask_echo
from db.engine import Database
from db.job_orders import cancel_job, retry_job
from db.recalls import Recalled, peers_concerned, reason_of, recall
from db.resending import DONE, Resent, receivers, refused_studies, resend, study_number
from db.retrieval_list import fetch_again
from db.sending_modes import ModeChange, locked_peer, set_mode
from web.access.who import Who


def change_mode(db: Database, who: Who, peer: str, mode: SendingMode) -> ModeChange:
    """Put a peer into a mode.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    with db.write() as session:
        return set_mode(session, peer, mode, actor=who.name)


def echo(db: Database, who: Who, peer: str) -> int:
    """Have a peer asked whether it is there; give the number of the gateway's job.

    Raises
    ------
    WrongArgumentError
        If there is no such peer, or it is being asked already.
    """
    with db.write() as session:
        return ask_echo(session, peer, actor=who.name)


def send_again(db: Database, who: Who, study_uid: str, peer: str) -> Resent:
    """Let what is done with of a study go to a peer once more.

    Raises
    ------
    WrongArgumentError
        If there is no such study or peer, or nothing of the study was made for it.
    """
    with db.read() as session:
        study_id = study_number(session, study_uid)
        if not receivers(session, study_id, peer):
            message = f"nothing of this study was made for {peer}"
            raise WrongArgumentError(message)
    with db.write() as session:
        return resend(session, peer, study_id, actor=who.name, states=DONE)


def send_refused_again(db: Database, who: Who, peer: str) -> Resent:
    """Let everything that a peer refused for good go to it once more, study by study.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    """
    done = Resent()
    with db.read() as session:
        studies = refused_studies(session, peer)
    for study_id in studies:
        with db.write() as session:
            done += resend(session, peer, study_id, actor=who.name)
    return done


def take_back(db: Database, who: Who, study_uid: str, peer: str, reason: str) -> Recalled:
    """Take back what was made of a study at one peer.

    Raises
    ------
    WrongArgumentError
        If there is no such study or peer, the reason is none, or the peer has nothing of it.
    """
    why = reason_of(reason)
    with db.read() as session:
        study_id = study_number(session, study_uid)
        concerned = peers_concerned(session, study_id)
    with db.write() as session:
        row = locked_peer(session, peer)
        if peer not in concerned:
            message = f"{peer} has nothing of this study, and will get nothing"
            raise WrongArgumentError(message)
        return recall(session, study_id, row, reason=why, actor=who.name)


def retry(db: Database, who: Who, job_id: int) -> None:
    """Let a job that ended badly be tried anew.

    Raises
    ------
    WrongArgumentError
        If there is no such job, or there is nothing left for it to do.
    """
    with db.write() as session:
        retry_job(session, job_id, actor=who.name)


def cancel(db: Database, who: Who, job_id: int) -> None:
    """Call a job off.

    Raises
    ------
    WrongArgumentError
        If there is no such job, or it is over.
    """
    with db.write() as session:
        cancel_job(session, job_id, actor=who.name)


def retrieve_again(db: Database, who: Who, retrieval_id: int) -> None:
    """Let a fetch that failed be tried anew.

    Raises
    ------
    WrongArgumentError
        If there is no such fetch, or it did not fail.
    """
    with db.write() as session:
        fetch_again(session, retrieval_id, actor=who.name)
