"""Peers as an administrator keeps them."""

import sys
from pathlib import Path

from commands.output import console, print_json, print_table, printable
from core.errors import FirstReadError
from core.settings import load_settings
from db.engine import Database
from db.peers import enabled_peers, export_peers, import_peers
from gateway.carrier import Address
from gateway.reach import reach


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
    missed = False
    with Database(settings.database_url).read() as session:
        addresses = [Address.of(peer) for peer in enabled_peers(session)]
    for address in addresses:
        try:
            seen = reach(address, settings)
        except FirstReadError as error:
            answers[address.name] = str(error)
            missed = True
        else:
            answers[address.name] = "ok" if address.protocol == "dicom" else f"ok: {seen}"
    if as_json:
        print_json({"peers": answers})
    else:
        print_table("Peers", ("peer", "answer"), answers.items())
    return not missed
