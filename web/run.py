"""The reading room's service, in the foreground of its own process."""

import socket

import structlog
import uvicorn

from core.broker import celery_app
from core.errors import SettingsError
from core.port_file import Port, published_port
from core.ringer import Ringer
from core.settings import Settings
from db.engine import Database
from web.application import application
from web.door import BACKLOG, room_config, take_descriptors

_log = structlog.get_logger()


def run_web(settings: Settings) -> None:
    """Serve pages until SIGTERM or SIGINT.

    Parameters
    ----------
    settings
        The whole tree; the database is of the newest revision.

    Raises
    ------
    SettingsError
        If the port cannot be listened on.
    """
    ours = settings.web
    take_descriptors()
    db = Database(settings.database_url)
    try:
        with (
            _listening(ours.host, ours.port) as door,
            published_port(settings.data, door.getsockname()[1], Port.WEB),
            Ringer(celery_app(settings)) as ringer,
        ):
            _log.info("web_listening", port=door.getsockname()[1])
            server = uvicorn.Server(
                room_config(
                    application(settings, db, ringer.ring),
                    ssl_certfile=ours.certificate_file,
                    ssl_keyfile=ours.key_file,
                )
            )
            server.run([door])
    finally:
        db.close()
    _log.info("web_stopped")


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror}"
        raise SettingsError(message) from error
