"""A server that looks at where a connection comes from before it reads a byte of it."""

from collections.abc import Sequence
from typing import Any

from core.networks import Network
from core.outbound import address_of, within
from core.sparing_log import SparingLog
from gateway.receive import SpoolingServer


class GuardedServer(SpoolingServer):
    """A `SpoolingServer` for some networks alone.

    Parameters
    ----------
    networks
        From which anybody may connect at all; others are hung up on at once.
    arguments, keywords
        As for `SpoolingServer`.
    """

    def __init__(self, networks: Sequence[Network], *arguments: Any, **keywords: Any) -> None:
        self._networks = networks
        self._refused = SparingLog("connection_outside_networks")
        super().__init__(*arguments, **keywords)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Tell whether a connection is taken; asked in the thread that takes them."""
        if not within(address_of(client_address[0]), self._networks):
            self._refused.tell(address=client_address[0])
            return False
        return super().verify_request(request, client_address)
