"""Parses the presentation data values of a P-DATA-TF."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.errors import FirstReadError

_LENGTH: Final = 4
_CONTEXT_AND_CONTROL: Final = 2
_COMMAND: Final = 0b01
_LAST: Final = 0b10


class MalformedPduError(FirstReadError):
    """What a peer sent breaks the rules of PS3.8 or PS3.7; its association is aborted."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment of a message's command or data set (PS3.8 sections 9.3.5.1 and E.2).

    Parameters
    ----------
    context_id
        Of its presentation context.
    control
        Message control header: which it is a fragment of, and whether it is the last.
    data
        Its bytes, in the buffer that the next PDU overwrites.
    """

    context_id: int
    control: int
    data: memoryview

    @property
    def is_command(self) -> bool:
        """Whether it belongs to a command."""
        return bool(self.control & _COMMAND)

    @property
    def is_last(self) -> bool:
        """Whether its command or data set ends with it."""
        return bool(self.control & _LAST)


def fragments(body: memoryview) -> Iterator[Fragment]:
    """Walk along the items of a P-DATA-TF.

    Parameters
    ----------
    body
        The PDU's variable field.

    Raises
    ------
    MalformedPduError
        If there is none, or the lengths do not add up.
    """
    at, end = 0, len(body)
    if not end:
        message = "a P-DATA-TF without an item"
        raise MalformedPduError(message)
    while at < end:
        length = int.from_bytes(body[at : at + _LENGTH], "big")
        begin = at + _LENGTH
        at = begin + length
        if length < _CONTEXT_AND_CONTROL or at > end:
            message = f"an item of {length} bytes with {max(0, end - begin)} left"
            raise MalformedPduError(message)
        yield Fragment(body[begin], body[begin + 1], body[begin + _CONTEXT_AND_CONTROL : at])
