"""All validators that know a kind of object, on one file."""

from collections.abc import Callable
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import (
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    SecondaryCaptureImageStorage,
)

from tests.peers.dcmtk import dcm2pdf, dcm2pnm, dcmpschk, dsrdump
from tests.peers.dicom3tools import dciodvfy
from tests.peers.leftovers import without_leftovers

_Judge = Callable[[Path], list[str]]


def _dsrdump(path: Path) -> list[str]:
    outcome = dsrdump(path)
    return outcome.complaints + ([f"ended with {outcome.code}"] if outcome.code else [])


_BY_CLASS: dict[str, tuple[str, _Judge]] = {
    GrayscaleSoftcopyPresentationStateStorage: ("dcmpschk", dcmpschk),
    SecondaryCaptureImageStorage: ("dcm2pnm", dcm2pnm),
    EncapsulatedPDFStorage: ("dcm2pdf", dcm2pdf),
}
_REPORT: tuple[str, _Judge] = ("dsrdump", _dsrdump)
"""Structured reports and key objects."""


def all_complaints(path: Path) -> dict[str, list[str]]:
    """Give the complaints of each validator that knows the object, leftovers among them.

    dciodvfy judges every kind; dsrdump reports and key objects, dcmpschk presentation states,
    dcm2pnm pictures, dcm2pdf pages.
    """
    name, judge = _BY_CLASS.get(dcmread(path, stop_before_pixels=True).SOPClassUID, _REPORT)
    return {"dciodvfy": dciodvfy(path), name: judge(path)}


def complaints(path: Path) -> list[str]:
    """Give the complaints that count, each with its validator's name."""
    return [
        f"{validator}: {line}"
        for validator, lines in all_complaints(path).items()
        for line in without_leftovers(validator, lines)
    ]
