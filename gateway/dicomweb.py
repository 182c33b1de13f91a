"""Puts the HTTP door together from the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from core.port_file import published_port
from core.settings import Settings
from db.engine import Database
from db.spool import Spool
from gateway.callers import Callers
from gateway.http_server import HttpServer
from gateway.quiet import silence
from gateway.store import Receiver
from gateway.stow import StowDoor
from gateway.stow_senders import Senders, read_tokens

_log = structlog.get_logger()


@contextmanager
def open_dicomweb(
    settings: Settings, db: Database, spool: Spool, ring: Callable[[], None]
) -> Iterator[HttpServer]:
    """Open the HTTP door, and close it at the end.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where objects are kept.
    ring
        Called after each commit that left something to be read.

    Yields
    ------
    HttpServer
        Listening.

    Raises
    ------
    SettingsError
        If the port cannot be listened on, or the file of tokens is none.
    """
    silence()
    ours = settings.dicomweb
    tokens = None if ours.tokens_file is None else read_tokens(ours.tokens_file)
    door = StowDoor(
        settings,
        spool,
        receiver=Receiver(settings, db, spool, ring),
        callers=Callers(db, settings.gateway),
        senders=Senders(tokens, ours.ae_title),
    )
    most = settings.gateway.maximum_associations
    with (
        HttpServer(door.application(), ours.host, ours.port, most) as server,
        published_port(settings.data, server.port, "dicomweb"),
    ):
        _log.info("dicomweb_listening", port=server.port, tokens=tokens is not None)
        yield server
    _log.info("dicomweb_closed")
