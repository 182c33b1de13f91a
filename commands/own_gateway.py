"""Where this installation's own gateway listens, and whether it does."""

from pathlib import Path
from typing import Final

from core.errors import FirstReadError
from core.networks import ANY_NETWORK
from core.port_file import Port, read_port
from core.settings import Settings
from gateway.outbound import call
from gateway.scu import echo

_ALL_ADDRESSES: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - looked up, not bound
_TIMEOUT_SECONDS: Final = 5.0


def own_address(settings: Settings) -> tuple[str, int]:
    """Give host and port of the gateway on this machine: the plain port, if that is open."""
    ours = settings.gateway
    host = _ALL_ADDRESSES.get(ours.host, ours.host)
    name, port = (Port.PLAIN, ours.port) if ours.plain else (Port.TLS, ours.tls.port)
    return host, read_port(Path(settings.data), name) or port


def gateway_answers(settings: Settings) -> str | None:
    """Ask the gateway of this machine, under its second AE title, whether it is there.

    Where it listens with TLS alone it is only connected to: its certificate names the host that
    others call it by.

    Returns
    -------
    str or None
        Why it does not answer; None where it does.
    """
    host, port = own_address(settings)
    try:
        if not settings.gateway.plain:
            call(host, port, ANY_NETWORK, _TIMEOUT_SECONDS).close()
            return None
        echo(
            host,
            port,
            called_ae=settings.gateway.retrieval_ae_title,
            calling_ae=settings.gateway.ae_title,
            timeout=_TIMEOUT_SECONDS,
            networks=ANY_NETWORK,
        )
    except FirstReadError as error:
        return str(error)
    return None
