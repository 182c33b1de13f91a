"""Whether gateway and reading room could open their doors, asked before a supervisor starts them.

They would else end as soon as they have begun, and be started again, for ever.
"""

import socket
import time
from collections.abc import Iterator
from typing import Final

from core.errors import SettingsError
from core.settings import Settings
from gateway.tls.door import server_context

_PATIENCE_SECONDS: Final = 5.0
"""A gateway that was killed a moment ago may still be on its way out."""
_LOOK_SECONDS: Final = 0.1


def check_doors(settings: Settings, patience: float | None = None) -> None:
    """Make sure that every door of this machine could be opened now.

    Parameters
    ----------
    settings
        The whole tree.
    patience
        Seconds that each port has to become free; None is a few.

    Raises
    ------
    SettingsError
        If a port is taken or may not be listened on, or the files of the TLS port cannot be used.
    """
    if settings.gateway.tls.enabled:
        server_context(settings.gateway.tls)
    for host, port in _addresses(settings):
        _await_free(host, port, _PATIENCE_SECONDS if patience is None else patience)


def _addresses(settings: Settings) -> Iterator[tuple[str, int]]:
    gateway, dicomweb = settings.gateway, settings.dicomweb
    if gateway.plain:
        yield gateway.host, gateway.port
    if gateway.tls.enabled:
        yield gateway.host, gateway.tls.port
    if dicomweb.enabled:
        yield dicomweb.host, dicomweb.port
    if settings.web.enabled:
        yield settings.web.host, settings.web.port


def _await_free(host: str, port: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            _bind(host, port)
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(_LOOK_SECONDS)
                continue
            message = f"cannot listen on {host}:{port}: {error.strerror}"
            raise SettingsError(message) from error
        return


def _bind(host: str, port: int) -> None:
    """Bind as the servers do; nobody can connect to it, since it never listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
