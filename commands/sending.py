"""How each peer is sent to: listed, paused, drained, rehearsed, sent to again."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from commands.operator import operator
from commands.output import console, print_json, print_table, printable
from core.settings import load_settings
from core.states import SendingMode
from db.engine import Database
from db.peer_status import peer_status
from db.sending_modes import set_mode

_WORDS: Final = {
    SendingMode.SEND: "results are sent to it",
    SendingMode.PAUSE: "nothing is sent to it; results wait",
    SendingMode.DRAIN: "what waits now is sent; what is made from now on waits",
    SendingMode.DRY_RUN: "nothing is sent to it; results are built and said to be rehearsed",
}


def list_(path: Path | None, *, as_json: bool) -> None:
    """Print every peer with its mode, what waits for it, and its last success and error.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    settings = load_settings(path)
    with closing(Database(settings.database_url)) as db, db.read() as session:
        found = peer_status(session, ZoneInfo(settings.site.timezone))
    if as_json:
        print_json({"peers": found})
    else:
        print_peers(found)


def print_peers(found: list[dict[str, Any]]) -> None:
    """Print peers, as `db.peer_status` gives them, as a table."""
    print_table(
        "Peers",
        ("name", "mode", "waiting", "last sent", "failures", "next attempt", "last error"),
        [
            (
                peer["name"],
                _mode(peer),
                peer["waiting"],
                peer["last_sent_at"],
                peer["failures"],
                peer["next_attempt_at"],
                peer["last_error"],
            )
            for peer in found
        ],
    )


def change(path: Path | None, peer: str, mode: SendingMode, *, as_json: bool) -> None:
    """Put a peer into a mode, and print what that means for it.

    Raises
    ------
    WrongArgumentError
        If there is no such peer.
    DatabaseAwayError
        If the database does not answer.
    """
    with closing(Database(load_settings(path).database_url)) as db:
        with db.write() as session:
            done = set_mode(session, peer, mode, actor=operator())
        with db.read() as session:
            (state,) = (one for one in peer_status(session) if one["name"] == peer)
    if as_json:
        print_json({"before": done.before.value, **state})
        return
    already = "already " if done.before is done.after else ""
    told = console().print
    told(f"{printable(peer)} is {already}in mode {mode.value}: {_WORDS[mode]}")
    told(f"{state['waiting']} results wait for it")
    if mode is SendingMode.SEND and state["rehearsed"]:
        told(f"{state['rehearsed']} were rehearsed; `firstread results send STUDY` sends them")


def _mode(peer: Mapping[str, Any]) -> str:
    words: str = peer["mode"]
    if not (peer["enabled"] and peer["takes_results"]):
        words = "not sent to"
    elif peer["quiet_until"] is not None:
        words = f"{words}, quiet until {peer['quiet_until']}"
    if peer["learned_sr_class"]:
        words = f"{words}, takes {peer['learned_sr_class']} SR"
    return words
