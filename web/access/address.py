"""Where a request comes from."""

from collections.abc import Sequence

from fastapi import Request

from core.networks import Network
from core.outbound import address_of, within
from web.services import services

_FORWARDED = "x-forwarded-for"


def client_address(request: Request) -> str:
    """Give the address of the browser, or of the program, behind a request.

    Only what proxies of the settings (`web.proxies`) say is believed: each adds the address that it
    was called from at the end of `X-Forwarded-For`, so the last one that is no proxy's counts.
    """
    called_from = request.client.host if request.client else ""
    proxies = services(request).settings.web.proxies
    if not _is_proxy(called_from, proxies):
        return called_from
    named = [one.strip() for one in ",".join(request.headers.getlist(_FORWARDED)).split(",")]
    for address in reversed(named):
        if address and not _is_proxy(address, proxies):
            return address if _is_address(address) else called_from
    return called_from


def _is_proxy(text: str, proxies: Sequence[Network]) -> bool:
    return _is_address(text) and within(address_of(text), proxies)


def _is_address(text: str) -> bool:
    try:
        address_of(text)
    except ValueError:
        return False
    return True
