"""Carries messages to HL7 peers over MLLP, one after another on one connection."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.settings import Settings
from gateway.carrier import Address, Answer, Parcel
from gateway.hl7.acknowledgement import DUPLICATE
from gateway.hl7.envelope import control_id
from gateway.hl7.mllp import Endpoint, Line, open_line
from gateway.statuses import Verdict


class Hl7Line:
    """A connection to an HL7 peer.

    Parameters
    ----------
    line
        An open one.
    """

    def __init__(self, line: Line) -> None:
        self._line = line

    def ready(self, parcel: Parcel | None = None) -> bool:
        """Tell whether the peer has kept the connection open, as many do not after an answer."""
        del parcel
        return self._line.quiet()

    def wants_other_class(self, parcel: Parcel) -> bool:
        """Tell that a message has no other class."""
        del parcel
        return False

    def rehearse(self, parcel: Parcel) -> str:
        """Say that the peer took a connection, which is all that can be asked of it."""
        del parcel
        way = f"over {self._line.secured_by}" if self._line.secured_by else "unencrypted"
        return f"rehearsed: the message would be sent {way}; the peer takes connections"

    def send(self, parcel: Parcel) -> Answer:
        """Send one message as it was kept; raises as `gateway.carrier.Line.send`.

        A peer that finds a message again which it took before and could not answer has it.
        """
        answer = self._line.exchange(parcel.path.read_bytes(), control_id(parcel.uid))
        found_again = answer.status == DUPLICATE and parcel.unanswered
        return Answer(
            Verdict.STORED if found_again else answer.verdict, answer.status, answer.words
        )


class Hl7Carrier:
    """Opens connections to HL7 peers.

    Parameters
    ----------
    settings
        The whole tree.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def open(self, address: Address, parcels: Sequence[Parcel]) -> Iterator[Hl7Line]:
        """Open a connection; whatever the parcels are. Raises as `Carrier.open`."""
        del parcels
        with open_line(endpoint_of(address, self._settings)) as line:
            yield Hl7Line(line)


def endpoint_of(address: Address, settings: Settings) -> Endpoint:
    """Give the endpoint of an HL7 peer's address."""
    return Endpoint(
        host=address.host,
        port=address.port,
        tls=address.tls_files,
        connect_seconds=settings.delivery.network_timeout,
        answer_seconds=settings.hl7.acknowledgement_seconds,
        networks=settings.network.outbound,
    )
