"""Peers as an administrator keeps them."""

import sys
from pathlib import Path

from commands.output import console, print_json, print_table, printable
from core.errors import FirstReadError
from core.settings import load_settings
from db.engine import Database
from db.peers import dicom_peers, export_peers, import_peers
from gateway.scu import echo as send_echo


def import_(path: Path | None, file: Path) -> None:
    """Take the peers of a TOML file into the database."""
    db = Database(load_settings(path).database_url)
    with db.write() as session:
        names = [peer.name for peer in import_peers(session, file)]
    console().print(f"{len(names)} peers: {', '.join(map(printable, names))}")


def export(path: Path | None) -> None:
    """Print all peers as TOML."""
    with Database(load_settings(path).database_url).read() as session:
        sys.stdout.write(export_peers(session))


def echo(path: Path | None, *, as_json: bool) -> bool:
    """Ask each enabled peer whether it is there.

    Returns
    -------
    bool
        Whether all of them answered.
    """
    settings = load_settings(path)
    answers: dict[str, str] = {}
    with Database(settings.database_url).read() as session:
        peers = [(p.name, p.host, p.port, p.ae_title) for p in dicom_peers(session)]
    for name, host, port, ae_title in peers:
        try:
            send_echo(
                host,
                port,
                called_ae=ae_title,
                calling_ae=settings.gateway.ae_title,
                timeout=settings.delivery.network_timeout,
            )
        except FirstReadError as error:
            answers[name] = str(error)
        else:
            answers[name] = "ok"
    if as_json:
        print_json({"peers": answers})
    else:
        print_table("Peers", ("peer", "answer"), answers.items())
    return all(answer == "ok" for answer in answers.values())
