"""Sends DICOM files by C-STORE, with each one's answer."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from commands.output import print_json, print_table
from commands.own_gateway import own_address
from core.errors import WrongArgumentError
from core.networks import ANY_NETWORK
from core.settings import AETitle, Settings, load_settings
from db.engine import Database
from db.models import Peer
from gateway.address import PeerAddress
from gateway.carrier import Address
from gateway.scu import SendResult
from gateway.send_many import send_many

_ADDRESS: Final = re.compile(r"(?P<title>[^@]+)@(?P<host>\[[^\]]+\]|[^@:]+):(?P<port>\d{1,5})")
_LARGEST_PORT: Final = 65535
_TITLE: Final[TypeAdapter[str]] = TypeAdapter(AETitle)


def send(
    path: Path | None, paths: Sequence[Path], to: str, calling_ae: str, *, as_json: bool
) -> bool:
    """Send files and whole folders, and print what became of each file.

    Parameters
    ----------
    path
        The settings file.
    paths
        Files, or folders that are searched with their sub-folders; links to folders are not
        followed.
    to
        `AET@host:port`, the name of a peer, or "" for this installation's own gateway.
    calling_ae
        Our AE title in it; "" is that of the gateway, or the first of
        `gateway.allowed_ae_titles` where it is the gateway that is sent to.
    as_json
        Whether one JSON object is printed instead of a table.

    Returns
    -------
    bool
        Whether every file was stored; files within a folder that are no DICOM files do not count.

    Raises
    ------
    WrongArgumentError
        If `to` is neither, or a title is none.
    """
    settings = load_settings(path)
    address = _address(settings, to, calling_ae)
    named = {one for one in paths if not one.is_dir()}
    results = list(send_many(_files(paths), address))
    skipped = [one for one in results if not one.sop_instance_uid and one.path not in named]
    stored = [one for one in results if one.stored]
    if as_json:
        print_json(
            {
                "to": str(address),
                "files": [_row(one, skipped=one in skipped) for one in results],
                "stored": len(stored),
                "not_stored": len(results) - len(stored) - len(skipped),
                "skipped": len(skipped),
            }
        )
    else:
        print_table(
            f"To {address}",
            ("file", "SOP Instance UID", "answer"),
            [
                (one.path, one.sop_instance_uid, _words(one, skipped=one in skipped))
                for one in results
            ],
        )
    return len(stored) + len(skipped) == len(results)


def _row(result: SendResult, *, skipped: bool) -> dict[str, object]:
    return {
        "file": str(result.path),
        "sop_instance_uid": result.sop_instance_uid,
        "status": result.status,
        "stored": result.stored,
        "words": _words(result, skipped=skipped),
    }


def _words(result: SendResult, *, skipped: bool) -> str:
    return f"skipped: {result.words}" if skipped else result.words


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, _folders, names in sorted(os.walk(path)):
            for name in sorted(names):
                if (file := Path(folder, name)).is_file():
                    yield file


def _address(settings: Settings, to: str, calling_ae: str) -> PeerAddress:
    title = calling_ae or settings.gateway.ae_title
    timeout, networks = settings.delivery.network_timeout, settings.network.outbound
    if not to:
        allowed = settings.gateway.allowed_ae_titles
        called = settings.gateway.ae_title
        title = calling_ae or (allowed[0] if allowed else called)
        host, port = own_address(settings)
        # This very machine is always within.
        address = PeerAddress(host, port, called, title, timeout, networks=ANY_NETWORK)
    elif match := _ADDRESS.fullmatch(to):
        host, port = match["host"].strip("[]"), int(match["port"])
        address = PeerAddress(host, port, match["title"], title, timeout, networks=networks)
    else:
        address = replace(_peer(settings, to), calling_ae=title)
    for one in (address.called_ae, title):
        _check_title(one)
    if not 0 < address.port <= _LARGEST_PORT:
        message = f"there is no port {address.port}"
        raise WrongArgumentError(message)
    return address


def _check_title(title: str) -> None:
    try:
        _TITLE.validate_python(title)
    except ValidationError as error:
        message = f"no AE title: {title!r}"
        raise WrongArgumentError(message) from error


def _peer(settings: Settings, name: str) -> PeerAddress:
    db = Database(settings.database_url)
    with db.read() as session:
        peer = session.scalars(select(Peer).where(Peer.name == name)).one_or_none()
    db.close()
    if peer is None:
        message = f"neither AET@host:port nor a peer's name: {name!r}"
        raise WrongArgumentError(message)
    return PeerAddress.of(Address.of(peer), settings)
