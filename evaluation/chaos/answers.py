"""What dcmtk's clients say that they were answered."""

import re
from dataclasses import dataclass
from typing import Final

_MESSAGE: Final = re.compile(r"Message Type\s+: (C-STORE R(?:Q|SP))\b")
_RQ_ID: Final = re.compile(r"Message ID\s+: (\d+)")
_RSP_ID: Final = re.compile(r"Message ID Being Responded To\s*: (\d+)")
_UID: Final = re.compile(r"Affected SOP Instance UID\s+: ([0-9.]+)")
_STATUS: Final = re.compile(r"DIMSE Status\s+: 0x([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one C-STORE.

    Parameters
    ----------
    uid
        The Affected SOP Instance UID of the request.
    status
        Of the response; None where none came.
    """

    uid: str
    status: int | None


def answers(output: str) -> list[Answer]:
    """Read the answers in the output of `storescu --debug` or `dcmsend --debug`.

    A response counts for the request whose Message ID it names, of the same output.

    Returns
    -------
    list of Answer
        In the order of the requests.
    """
    parts = _MESSAGE.split(output)[1:]
    asked: dict[str, str] = {}
    told: dict[str, int] = {}
    for kind, text in zip(parts[::2], parts[1::2], strict=True):
        if kind == "C-STORE RQ":
            number, uid = _RQ_ID.search(text), _UID.search(text)
            if number is not None and uid is not None:
                asked[number[1]] = uid[1]
        else:
            number, status = _RSP_ID.search(text), _STATUS.search(text)
            if number is not None and status is not None:
                told[number[1]] = int(status[1], 16)
    return [Answer(uid, told.get(number)) for number, uid in asked.items()]
