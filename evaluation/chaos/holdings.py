"""What the peers have, from their own listings: Orthanc's REST interface, storescp's folder."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from core.states import ResultKind
from evaluation.chaos.storing import StoringPeer
from evaluation.servers.orthanc import Orthanc

_KINDS: Final = {
    "1.2.840.10008.5.1.4.1.1.88.34": ResultKind.FINDINGS_SR,
    "1.2.840.10008.5.1.4.1.1.88.33": ResultKind.FINDINGS_SR,
    "1.2.840.10008.5.1.4.1.1.88.22": ResultKind.REPORT_SR,
    "1.2.840.10008.5.1.4.1.1.11.1": ResultKind.GSPS,
}
"""Comprehensive 3D and Comprehensive SR, Enhanced SR, Grayscale Softcopy Presentation State."""
_READING_ID: Final = "READING-ID"


@dataclass(frozen=True, slots=True)
class Held:
    """One object of ours as a peer has it.

    Parameters
    ----------
    uid
        SOP Instance UID.
    kind
        What it is.
    films
        SOP Instance UIDs of the images that it says it is of.
    reading
        The reading that it names; empty where it names none.
    replaces
        SOP Instance UIDs of the objects that it says it replaces.
    sha256
        Of its data set's bytes.
    """

    uid: str
    kind: ResultKind
    films: frozenset[str]
    reading: str
    replaces: frozenset[str]
    sha256: str


def of_orthanc(orthanc: Orthanc) -> list[Held]:
    """List what an Orthanc has."""
    files = (orthanc.get_bytes(f"/instances/{one}/file") for one in orthanc.get("/instances"))
    return [held for content in files if (held := held_of(content)) is not None]


def of_storescp(peer: StoringPeer) -> list[Held]:
    """List what a storescp has; the beginning of an arrival that came whole later is left out."""
    contents = whole(path.read_bytes() for path in peer.arrived())
    return [held for content in contents if (held := held_of(content)) is not None]


def whole(contents: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out contents that are the mere beginning of another one.

    A storescp that is killed in mid-object leaves what it had: nothing that it acknowledged.
    """
    ordered = sorted(contents)
    for number, one in enumerate(ordered):
        following = ordered[number + 1] if number + 1 < len(ordered) else b""
        if len(one) >= len(following) or not following.startswith(one):
            yield one


def held_of(content: bytes) -> Held | None:
    """Tell what a file is; None where it is no object of the kinds that results have.

    Raises
    ------
    pydicom.errors.InvalidDicomError
        Never: a file that is none counts as no result.
    """
    try:
        dataset = dcmread(BytesIO(content))
        kind = _KINDS.get(str(dataset.get("SOPClassUID", "")))
    except (InvalidDicomError, EOFError, ValueError):
        return None
    if kind is None:
        return None
    return Held(
        str(dataset.SOPInstanceUID),
        kind,
        frozenset(_films(dataset)),
        _reading(dataset),
        frozenset(_instances(dataset.get("PredecessorDocumentsSequence", []))),
        hashlib.sha256(_without_meta(content)).hexdigest(),
    )


def by_film(held: Iterable[Held]) -> dict[str, list[Held]]:
    """Sort objects by the films that they are of."""
    found: dict[str, list[Held]] = defaultdict(list)
    for one in held:
        for film in one.films:
            found[film].append(one)
    return found


def _films(dataset: Dataset) -> Iterator[str]:
    """Give the images that an object is of."""
    for series in dataset.get("ReferencedSeriesSequence", []):
        yield from _uids(series.get("ReferencedImageSequence", []))
    yield from _instances(dataset.get("CurrentRequestedProcedureEvidenceSequence", []))


def _instances(studies: Iterable[Dataset]) -> Iterator[str]:
    for study in studies:
        for series in study.get("ReferencedSeriesSequence", []):
            yield from _uids(
                one
                for one in series.get("ReferencedSOPSequence", [])
                if "Softcopy" not in UID(one.ReferencedSOPClassUID).name
            )


def _uids(references: Iterable[Dataset]) -> Iterator[str]:
    return (str(one.ReferencedSOPInstanceUID) for one in references)


def _reading(dataset: Dataset) -> str:
    for item in dataset.get("ContentSequence", []):
        names = item.get("ConceptNameCodeSequence", [])
        if names and names[0].get("CodeValue") == _READING_ID:
            return str(item.get("TextValue", ""))
        inner = _reading(item)
        if inner:
            return inner
    return ""


def _without_meta(content: bytes) -> bytes:
    """Give the data set: a peer writes file meta information of its own (PS3.10 section 7.1)."""
    length = int.from_bytes(content[140:144], "little")
    return content[144 + length :]
