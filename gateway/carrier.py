"""What a courier needs of a protocol: a line to a peer, on which one result after another goes."""

import errno
import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from core.errors import UnreadableObjectError
from core.states import CommitmentWay, ResultKind
from db.models import Delivery, Peer
from gateway.statuses import Verdict
from gateway.tls.client import Tls

_OUR_OWN: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What keeps a process from opening any file: no word about the one that it wanted."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer is, what it speaks and when, as its row says.

    Parameters
    ----------
    peer_id, name, protocol
        Its row.
    host, port
        Where it listens.
    ae_title
        Of a DICOM peer.
    tls
        Whether it is spoken to over TLS.
    tls_ca_file, tls_certificate_file, tls_key_file
        Paths of PEM files; may be empty.
    lines
        How many lines may be open to it at once.
    quiet_from, quiet_until
        `HH:MM` in the site's zone, between which nothing is sent to it; empty where there are none.
    kinds
        What may be sent to it, as values of `ResultKind`; a DICOM peer's.
    commitment
        How it is asked whether it keeps what it stored; a DICOM peer's.
    """

    peer_id: int
    name: str
    protocol: str
    host: str
    port: int
    ae_title: str = ""
    tls: bool = False
    tls_ca_file: str = ""
    tls_certificate_file: str = ""
    tls_key_file: str = ""
    lines: int = 1
    quiet_from: str = ""
    quiet_until: str = ""
    kinds: frozenset[str] = frozenset()
    commitment: CommitmentWay = CommitmentWay.NONE

    @classmethod
    def of(cls, peer: Peer) -> Self:
        """Give the address of a row."""
        return cls(
            peer_id=peer.id,
            name=peer.name,
            protocol=peer.protocol,
            host=peer.host,
            port=peer.port,
            ae_title=peer.ae_title,
            tls=peer.tls,
            tls_ca_file=peer.tls_ca_file,
            tls_certificate_file=peer.tls_certificate_file,
            tls_key_file=peer.tls_key_file,
            lines=peer.lines,
            quiet_from=peer.quiet_from,
            quiet_until=peer.quiet_until,
            kinds=frozenset(
                [*peer.result_kinds, *([ResultKind.REJECTION] if peer.takes_rejections else [])]
            ),
            commitment=peer.commitment,
        )

    @property
    def tls_files(self) -> Tls | None:
        """The files for TLS with it; None where it is spoken to without."""
        files = Tls(self.tls_ca_file, self.tls_certificate_file, self.tls_key_file)
        return files if self.tls else None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: an object or message of ours, as its bytes on disk.

    Parameters
    ----------
    delivery_id
        Its row.
    uid, sop_class_uid
        Of the result object; a message has no class.
    path
        Its kept file.
    sha256
        Of the bytes that were made; empty where an earlier release took no note of it.
    unanswered
        Whether it was sent before, and the peer has it, or nobody knows whether it does.
    """

    delivery_id: int
    uid: str
    sop_class_uid: str
    path: Path
    sha256: str = ""
    unanswered: bool = False

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Give the parcel of a row whose result is loaded."""
        result = delivery.result
        return cls(
            delivery_id=delivery.id,
            uid=result.uid,
            sop_class_uid=result.sop_class_uid,
            path=Path(result.path),
            sha256=result.sha256,
            unanswered=delivery.sent_at is not None
            or delivery.begun_at is not None
            or (delivery.attempts > 0 and delivery.status is None),
        )

    def check(self) -> None:
        """Make sure that its file holds the very bytes that were made.

        Raises
        ------
        UnreadableObjectError
            If it does not, in words: nothing of it may be sent.
        OSError
            If this process can open no file at all.
        """
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            message = "the object's file is missing from the spool"
            raise UnreadableObjectError(message) from error
        except OSError as error:
            if error.errno in _OUR_OWN:
                raise
            message = f"the object's file cannot be read ({error.strerror})"
            raise UnreadableObjectError(message) from error
        if self.sha256 and digest != self.sha256:
            message = (
                "the object's file was altered or cut short since it was made, and was not sent"
            )
            raise UnreadableObjectError(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer said to one parcel.

    Parameters
    ----------
    verdict
        What it means for the delivery.
    status
        The protocol's number for it.
    words
        The same for an administrator.
    """

    verdict: Verdict
    status: int
    words: str


class Line(Protocol):
    """An open line to a peer."""

    def ready(self, parcel: Parcel | None = None) -> bool:
        """Tell whether a parcel can go on this line, or any at all; else another one is opened."""
        ...

    def wants_other_class(self, parcel: Parcel) -> bool:
        """Tell whether the peer does not take a result as it is, and would in its other class."""
        ...

    def rehearse(self, parcel: Parcel) -> str:
        """Say what would become of a parcel if it were sent; nothing is."""
        ...

    def send(self, parcel: Parcel) -> Answer:
        """Send one parcel and give the peer's answer.

        Raises
        ------
        PeerUnavailableError
            If no answer came: whether the peer has it is unknown.
        RefusedByPeerError
            If the peer refused it before it was sent.
        UnreadableObjectError
            If its file is none of the protocol: it was not sent.
        """
        ...


class Carrier(Protocol):
    """One protocol."""

    def open(self, address: Address, parcels: Sequence[Parcel]) -> AbstractContextManager[Line]:
        """Open a line for some parcels.

        Raises
        ------
        PeerUnavailableError
            If the peer is away: nothing was sent.
        RefusedByPeerError
            If it takes nothing of the kind.
        """
        ...
