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

_log = structlog.get_logger()
_BACKLOG = 128
_PATIENCE_SECONDS = 5
_KEEP_ALIVE_SECONDS = 30


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
    db = Database(settings.database_url)
    try:
        with (
            _listening(ours.host, ours.port) as door,
            published_port(settings.data, door.getsockname()[1], Port.WEB),
            Ringer(celery_app(settings)) as ringer,
        ):
            _log.info("web_listening", port=door.getsockname()[1])
            server = uvicorn.Server(
                uvicorn.Config(
                    application(settings, db, ringer.ring),
                    loop="asyncio",
                    ws="none",
                    lifespan="off",
                    interface="asgi3",
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    proxy_headers=False,
                    timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                    timeout_graceful_shutdown=_PATIENCE_SECONDS,
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
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror}"
        raise SettingsError(message) from error
