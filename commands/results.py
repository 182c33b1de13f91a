"""Results of one study that are sent again, or taken back."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from commands.operator import operator
from commands.output import console, print_json, print_table
from core.settings import load_settings
from core.states import SendingMode
from db.engine import Database
from db.models import Peer
from db.recalls import Recalled, peers_concerned, reason_of, recall, to_be_read
from db.resending import DONE, receivers, resend, study_number
from db.sending_modes import locked_peer


def send(path: Path | None, study: str, peer: str | None, *, as_json: bool) -> bool:
    """Send again what went to peers of a study, was refused or was rehearsed, and print how much.

    Returns
    -------
    bool
        Whether anything is sent again.

    Raises
    ------
    WrongArgumentError
        If there is no such study or peer.
    DatabaseAwayError
        If the database does not answer.
    """
    rows: list[dict[str, Any]] = []
    with closing(Database(load_settings(path).database_url)) as db:
        with db.read() as session:
            study_id = study_number(session, study)
            names = receivers(session, study_id, peer)
        for name in names:
            with db.write() as session:
                done = resend(session, name, study_id, actor=operator(), states=DONE)
                words = _waits(locked_peer(session, name)) if done.again else ""
            rows.append(
                {
                    "peer": name,
                    "again": done.again,
                    "overtaken": done.overtaken,
                    "removed": done.removed,
                    "remark": words,
                }
            )
    _print(rows, ("peer", "again", "overtaken", "removed", "remark"), as_json=as_json)
    return any(row["again"] for row in rows)


def retract(path: Path | None, study: str, reason: str, peer: str | None, *, as_json: bool) -> bool:
    """Take back what was made of a study, and print where it remains.

    Returns
    -------
    bool
        Whether it remains nowhere, and nothing more of it comes: each peer that has something of
        it takes rejection notes, and no film is still to be read.

    Raises
    ------
    WrongArgumentError
        If there is no such study or peer, or the reason is none.
    DatabaseAwayError
        If the database does not answer.
    """
    why = reason_of(reason)
    rows: list[dict[str, Any]] = []
    with closing(Database(load_settings(path).database_url)) as db:
        with db.read() as session:
            study_id = study_number(session, study)
            names = peers_concerned(session, study_id) if peer is None else [peer]
        for name in names:
            with db.write() as session:
                row = locked_peer(session, name)
                done = recall(session, study_id, row, reason=why, actor=operator())
                words, stays = _told(row, done)
            rows.append(
                {
                    "peer": name,
                    "kept_back": done.kept_back,
                    "there": done.there,
                    "remains": stays,
                    "remark": words,
                }
            )
        with db.read() as session:
            unread = to_be_read(session, study_id)
    _print(rows, ("peer", "kept_back", "there", "remark"), as_json=as_json, to_be_read=unread)
    if unread:
        console().print(f"films still to be read: {unread}; their drafts will leave")
    return not unread and not any(row["remains"] for row in rows)


def _print(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], *, as_json: bool, **more: int
) -> None:
    if as_json:
        print_json({"peers": rows, **more})
    elif rows:
        titles = [column.replace("_", " ") for column in columns]
        print_table("Results", titles, [[row[column] for column in columns] for row in rows])
    else:
        console().print("nothing was made of this study for any peer")


def _waits(peer: Peer) -> str:
    """Say what they wait for, where they do not leave at once."""
    if not (peer.enabled and peer.takes_results):
        return "they wait: nothing is sent to this peer"
    if peer.mode is SendingMode.DRY_RUN:
        return "they are only rehearsed: this peer is in a dry run"
    if peer.mode is SendingMode.PAUSE:
        return "they wait: this peer is paused"
    return ""


def _told(peer: Peer, done: Recalled) -> tuple[str, bool]:
    """Say what becomes of what a peer has, and whether it remains there."""
    if not done.there:
        return "", False
    if not (peer.takes_rejections or peer.protocol == "hl7"):
        return "remains there: this peer takes no rejection notes; a person removes it", True
    if not (peer.enabled and peer.takes_results):
        return "remains there until this peer is sent to again", True
    waits = " once it is sent to again" if peer.mode is not SendingMode.SEND else ""
    return f"the peer is told{waits}", False
