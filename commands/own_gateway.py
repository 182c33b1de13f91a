"""Where this installation's own gateway listens, and whether it does."""

from pathlib import Path
from typing import Final

from core.errors import FirstReadError
from core.settings import Settings
from gateway.port_file import read_port
from gateway.scu import echo

_ALL_ADDRESSES: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - looked up, not bound
_TIMEOUT_SECONDS: Final = 5.0


def own_address(settings: Settings) -> tuple[str, int]:
    """Give host and port of the gateway on this machine."""
    host = _ALL_ADDRESSES.get(settings.gateway.host, settings.gateway.host)
    return host, read_port(Path(settings.data)) or settings.gateway.port


def gateway_answers(settings: Settings, *, calling_ae: str) -> str | None:
    """Ask the gateway of this machine, under its second AE title, whether it is there.

    Parameters
    ----------
    settings
        The whole tree.
    calling_ae
        As whom: a caller that it lets in, such as the archive that is to send.

    Returns
    -------
    str or None
        Why it does not answer; None where it does.
    """
    host, port = own_address(settings)
    try:
        echo(
            host,
            port,
            called_ae=settings.gateway.retrieval_ae_title,
            calling_ae=calling_ae,
            timeout=_TIMEOUT_SECONDS,
        )
    except FirstReadError as error:
        return str(error)
    return None
