"""What, beside the reading and its film, decides what a message says: who sends it, to whom, why.

HL7 v2.5.1 throughout; "section" and "table" name those of that standard.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.triage import Tier
from core.uids import derived_uid

MESSAGE_VERSION = 1
"""Counted up whenever other messages would be made of the same input."""
CONTROL_ID = 20
"""Characters of MSH-10."""
_NAME = 20
"""Characters of HD.1, the namespaces in MSH-3 to MSH-6."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The site's and the peer's names: peers with the same names share their messages.

    Parameters
    ----------
    sending_application, sending_facility
        MSH-3 and MSH-4, the section [hl7] of the settings.
    receiving_application, receiving_facility
        MSH-5 and MSH-6, of the peer's row; may be empty.

    Raises
    ------
    ValueError
        If a name is too long or not printable, or nobody sends.
    """

    sending_application: str = "FIRSTREAD"
    sending_facility: str = ""
    receiving_application: str = ""
    receiving_facility: str = ""

    def __post_init__(self) -> None:
        if not self.sending_application.strip():
            message = "a message needs a sending application"
            raise ValueError(message)
        for name in self.names:
            if len(name) > _NAME or not name.isprintable():
                message = f"at most {_NAME} printable characters: {name!r}"
                raise ValueError(message)

    @property
    def names(self) -> tuple[str, str, str, str]:
        """MSH-3 to MSH-6."""
        return (
            self.sending_application,
            self.sending_facility,
            self.receiving_application,
            self.receiving_facility,
        )

    @property
    def key(self) -> str:
        """Text that is another for every envelope; the `variant_key` of a message's row."""
        return "/".join(("oru", *(name.replace("/", "//") for name in self.names)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the study stands when the message is made.

    Parameters
    ----------
    tier
        The highest tier that any of the study's films ever earned.
    earlier
        The messages of the same film that these very peers have, or may have, as the bytes that
        were sent, oldest first. What they said and the new one does not say is deleted there.
    """

    tier: Tier
    earlier: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That what was said of a film is taken back.

    Parameters
    ----------
    words
        Why, on one line: "its film was rejected", or what the reader wrote; untrusted.
    at
        When, aware.
    author
        DICOM person name of the reader who rejected the draft; None where a department rejected
        the film.

    Raises
    ------
    ValueError
        If the time is naive.
    """

    words: str
    at: datetime
    author: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            message = f"a moment needs its zone: {self.at.isoformat()}"
            raise ValueError(message)


def message_uid(
    version_id: str, envelope: Envelope, earlier: Sequence[bytes] = (), *, withdrawn: bool = False
) -> str:
    """Give the UID under which a message is kept; its control id is derived from it.

    Parameters
    ----------
    version_id
        Identity of the report version: the one that is sent, or the last of those taken back.
    envelope
        Who sends it, to whom.
    earlier
        As in `Standing`.
    withdrawn
        Whether it takes back.
    """
    said = (hashlib.sha256(data).hexdigest() for data in earlier)
    what = "oru-withdrawal" if withdrawn else "oru"
    return derived_uid(what, version_id, envelope.key, *said, MESSAGE_VERSION)


def control_id(uid: str) -> str:
    """Give MSH-10 of a message: 20 letters and digits, the same for the same UID."""
    digest = hashlib.sha256(uid.encode()).digest()
    return base64.b32encode(digest).decode()[:CONTROL_ID]
