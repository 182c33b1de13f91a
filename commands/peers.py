"""Peers as an administrator keeps them."""

import sys
from dataclasses import asdict
from pathlib import Path

from commands.operator import operator
from commands.output import console, print_json, print_table, printable
from core.errors import FirstReadError
from core.settings import load_settings
from core.states import CommitmentWay
from db.engine import Database
from db.peers import enabled_peers, export_peers, import_peers
from db.resending import Resent, refused_studies
from db.resending import resend as resend_study
from gateway.carrier import Address
from gateway.reach import reach


def import_(path: Path | None, file: Path) -> None:
    """Take the peers of a TOML file into the database."""
    db = Database(load_settings(path).database_url)
    with db.write() as session:
        names = [peer.name for peer in import_peers(session, file, actor=operator())]
    console().print(f"{len(names)} peers: {', '.join(map(printable, names))}")


def export(path: Path | None) -> None:
    """Print all peers as TOML."""
    with Database(load_settings(path).database_url).read() as session:
        sys.stdout.write(export_peers(session))


def echo(path: Path | None, *, as_json: bool) -> bool:
    """Ask each enabled peer whether it is there, and offers what its row has it asked by.

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
            plain = address.protocol == "dicom" and address.commitment is CommitmentWay.NONE
            answers[address.name] = "ok" if plain else f"ok: {seen}"
    if as_json:
        print_json({"peers": answers})
    else:
        print_table("Peers", ("peer", "answer"), answers.items())
    return not missed


def resend(path: Path | None, peer: str, study: str | None, *, as_json: bool) -> None:
    """Put back what a peer refused for good, each study by itself, and print how many.

    Raises
    ------
    WrongArgumentError
        If there is no such peer, or no such study.
    DatabaseAwayError
        If the database does not answer.
    """
    db = Database(load_settings(path).database_url)
    done = Resent()
    try:
        with db.read() as session:
            studies = refused_studies(session, peer, study)
        for study_id in studies:
            with db.write() as session:
                done += resend_study(session, peer, study_id, actor=operator())
    finally:
        db.close()
    if as_json:
        print_json({"peer": peer, **asdict(done)})
        return
    told = console().print
    told(f"{done.again} refused results are sent again to {printable(peer)}")
    if done.overtaken:
        told(f"{done.overtaken} are not: something took their place since, or they were rejected")
    if done.removed:
        told(f"{done.removed} are not: their files were removed")
