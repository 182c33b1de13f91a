"""OBX segments (section 7.4.2): one observation each, and the deletion of earlier ones.

An observation is known to a receiver by its identifier (OBX-3) and sub-identifier (OBX-4)
together. The sub-identifier begins with a token of the film, so that what is said of one film of
a study never replaces what was said of another.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydicom.sr.coding import Code

from gateway.hl7.encoding import NULL, Encoded, repetitions, segment, value
from gateway.hl7.values import coded, moment, observer

DELETED = "D"
NO_RESULT = "O"
"""Of table 0085: the observation is to be deleted; a detail of the order, and no result."""
_TOKEN = 8


class Flag(StrEnum):
    """OBX-8, table 0078. Nothing is flagged that was not answered."""

    NONE = ""
    ABNORMAL = "A"
    VERY_ABNORMAL = "AA"
    NORMAL = "N"


@dataclass(frozen=True, slots=True)
class Observation:
    """One statement.

    Parameters
    ----------
    type
        OBX-2, table 0125.
    name
        OBX-3: what is observed.
    sub_id
        OBX-4.
    value
        OBX-5.
    unit
        OBX-6.
    flag
        OBX-8.
    result
        Whether it is a result; else it is a detail of the order.
    author
        OBX-16: DICOM person name of who answers for it; None where no person does.
    model_uid
        OBX-18: Device UID of the model that said it; "" where none did.
    """

    type: str
    name: Code
    sub_id: str
    value: Encoded
    unit: Code | None = None
    flag: Flag = Flag.NONE
    result: bool = True
    author: str | None = None
    model_uid: str = ""


def film_token(sop_instance_uid: str) -> str:
    """Give what the sub-identifiers of a film's observations begin with."""
    return hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:_TOKEN]


def lines(texts: Iterable[str]) -> Encoded:
    """Give lines as a TX value, in which a repetition is the next line (section 2A.79)."""
    return repetitions(value(line) for text in texts for line in text.split("\r\n") if line.strip())


def observation_segments(
    observations: Sequence[Observation], status: str, at: datetime, earlier: Sequence[bytes]
) -> list[Encoded]:
    """Number observations, and delete what earlier messages said and these do not.

    Parameters
    ----------
    observations
        What is said.
    status
        OBX-11 of each result.
    at
        OBX-14.
    earlier
        Messages of ours.
    """
    segments = [
        _segment(number, item, status, at) for number, item in enumerate(observations, start=1)
    ]
    said = {_key(fields) for fields in _fields_of(segments)}
    for fields in (one for data in earlier for one in _observations_of(data)):
        if _key(fields) not in said and fields[11] not in {DELETED, NO_RESULT}:
            said.add(_key(fields))
            segments.append(_deletion(len(segments) + 1, fields, at))
    return segments


def was_final(earlier: Sequence[bytes]) -> bool:
    """Tell whether one of our earlier messages was a final report or the correction of one."""
    return any(
        line.split("|")[25:26] in (["F"], ["C"])
        for data in earlier
        for line in data.decode().split("\r")
        if line.startswith("OBR|")
    )


def _segment(number: int, item: Observation, status: str, at: datetime) -> Encoded:
    return segment(
        "OBX",
        {
            1: value(str(number)),
            2: value(item.type),
            3: coded(item.name),
            4: value(item.sub_id),
            5: item.value,
            6: coded(item.unit) if item.unit else value(""),
            8: value(item.flag),
            11: value(status if item.result else NO_RESULT),
            14: moment(at),
            16: observer(item.author) if item.author else value(""),
            18: value(item.model_uid),
        },
    )


def _deletion(number: int, fields: Sequence[str], at: datetime) -> Encoded:
    identifier, sub_id = Encoded(fields[3]), Encoded(fields[4])
    return segment(
        "OBX",
        {
            1: value(str(number)),
            2: Encoded(fields[2]),
            3: identifier,
            4: sub_id,
            5: NULL,
            11: value(DELETED),
            14: moment(at),
        },
    )


def _observations_of(data: bytes) -> Iterator[list[str]]:
    return _fields_of(line for line in data.decode().split("\r") if line.startswith("OBX|"))


def _fields_of(segments: Iterable[str]) -> Iterator[list[str]]:
    return (line.split("|") for line in segments)


def _key(fields: Sequence[str]) -> tuple[str, str, str]:
    """Give code, scheme and sub-identifier; a meaning may be spelt otherwise."""
    identifier = [*fields[3].split("^"), "", ""]
    return identifier[0], identifier[2], fields[4]
