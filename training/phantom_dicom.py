"""Phantoms as DICOM files, with their truth as JSON beside them.

Header and pixels are what a radiography room sends: CR or DX For Presentation, either polarity, 10
to 16 bits. Everything but the date follows from the seed, so the same films can be made again
anywhere. This is the one module of `training` that needs pydicom.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
)

from core.uids import derived_uid
from training.phantom import Phantom, View, sample

_DETECTOR_MM: Final = 430.0
_LONG_SIDES: Final = (1024, 1280, 1536, 2048, 2500)
_LONG_SIDE_SHARES: Final = (0.4, 0.25, 0.2, 0.1, 0.05)
_BITS: Final = (10, 12, 14, 15, 16)
_LEAST_BITS: Final = 8
# SNOMED CT codes of PS3.16 CID 4010.
_VIEW_CODES: Final = {
    View.PA: ("272479007", "postero-anterior"),
    View.AP: ("399348003", "antero-posterior"),
    View.LATERAL: ("399173006", "left lateral"),
}
_ORIENTATIONS: Final = {View.PA: ["L", "F"], View.AP: ["L", "F"], View.LATERAL: ["P", "F"]}


@dataclass(frozen=True)
class FilmForm:
    """How a film is stored.

    Parameters
    ----------
    modality
        ``CR`` or ``DX``.
    photometric
        ``MONOCHROME1`` or ``MONOCHROME2``.
    bits
        Bits Stored, 8 to 16, in 16 allocated.
    long_side
        Pixels of the longer side.

    Raises
    ------
    ValueError
        If one of them is something else.
    """

    modality: str
    photometric: str
    bits: int
    long_side: int

    def __post_init__(self) -> None:
        """Check each."""
        if self.modality not in {"CR", "DX"}:
            message = f"a phantom's modality is CR or DX, not {self.modality!r}"
            raise ValueError(message)
        if self.photometric not in {"MONOCHROME1", "MONOCHROME2"}:
            message = f"a phantom is MONOCHROME1 or MONOCHROME2, not {self.photometric!r}"
            raise ValueError(message)
        if not _LEAST_BITS <= self.bits <= 16:  # noqa: PLR2004 - what is allocated
            message = f"a phantom has 8 to 16 bits, not {self.bits!r}"
            raise ValueError(message)
        if self.long_side < 1:
            message = f"a phantom of {self.long_side!r} pixels has no area"
            raise ValueError(message)


def drawn_form(phantom: Phantom, long_side: int | None = None) -> FilmForm:
    """Draw how a film is stored, from its seed.

    Parameters
    ----------
    phantom
        The film.
    long_side
        Pixels of its longer side; None draws them too.
    """
    rng = np.random.default_rng([phantom.seed, phantom.index, 5])
    return FilmForm(
        modality=str(rng.choice(["CR", "DX"])),
        photometric=str(rng.choice(["MONOCHROME1", "MONOCHROME2"], p=[0.3, 0.7])),
        bits=int(rng.choice(_BITS)),
        long_side=long_side or int(rng.choice(_LONG_SIDES, p=_LONG_SIDE_SHARES)),
    )


def film_dataset(phantom: Phantom, form: FilmForm, when: datetime) -> FileDataset:
    """Build one film as a data set with its file meta information.

    Parameters
    ----------
    phantom
        The film.
    form
        How it is stored.
    when
        Date and time of study and exposure, in the room's own time.
    """
    dx = form.modality == "DX"
    sop_class = DigitalXRayImageStorageForPresentation if dx else ComputedRadiographyImageStorage
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = UID(_uid("instance", phantom))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    film.SOPClassUID = sop_class
    film.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    film.SpecificCharacterSet = "ISO_IR 192"
    _describe_patient(film, phantom)
    _describe_study(film, phantom, when)
    film.Modality = form.modality
    film.BodyPartExamined = "CHEST"
    film.ViewPosition = phantom.view.value
    film.PatientOrientation = _ORIENTATIONS[phantom.view]
    film.ImageType = ["ORIGINAL", "PRIMARY", ""]
    film.BurnedInAnnotation = "NO"
    film.LossyImageCompression = "00"
    _put_pixels(film, phantom, form)
    if dx:
        _describe_dx(film, phantom, form)
    return film


def _uid(what: str, phantom: Phantom) -> str:
    form = (phantom.difficulty, phantom.view.value, *phantom.labels())
    return derived_uid(f"phantom {what}", phantom.seed, phantom.index, *form)


def _describe_patient(film: Dataset, phantom: Phantom) -> None:
    rng = np.random.default_rng([phantom.seed, phantom.index, 6])
    film.PatientName = f"Phantom^S{phantom.seed}N{phantom.index}"
    film.PatientID = f"PHANTOM-{phantom.seed}-{phantom.index}"
    film.IssuerOfPatientID = "FIRSTREAD-PHANTOM"
    film.PatientBirthDate = f"{int(rng.integers(1930, 2000))}0101"
    film.PatientSex = str(rng.choice(["F", "M"]))


def _describe_study(film: Dataset, phantom: Phantom, when: datetime) -> None:
    day, hour = when.strftime("%Y%m%d"), when.strftime("%H%M%S")
    film.StudyInstanceUID = _uid("study", phantom)
    film.SeriesInstanceUID = _uid("series", phantom)
    film.StudyID = str(phantom.index)
    film.AccessionNumber = f"P{phantom.seed}-{phantom.index}"[:16]
    film.StudyDescription = "Chest phantom"
    film.ReferringPhysicianName = ""
    film.StudyDate = film.SeriesDate = film.AcquisitionDate = film.ContentDate = day
    film.StudyTime = film.SeriesTime = film.AcquisitionTime = film.ContentTime = hour
    film.SeriesNumber = 1
    film.InstanceNumber = 1
    film.Manufacturer = "FirstRead"
    film.ManufacturerModelName = "Synthetic phantom"
    film.DeviceSerialNumber = str(phantom.seed)
    film.SoftwareVersions = "1"


def _put_pixels(film: Dataset, phantom: Phantom, form: FilmForm) -> None:
    wide = min(form.long_side, round(form.long_side * phantom.aspect))
    tall = min(form.long_side, round(form.long_side / phantom.aspect))
    # The film fills part of what the bits can hold, as a detector's does; the window says which.
    top = 2**form.bits - 1
    low, high = round(0.06 * top), round(0.88 * top)
    stored = np.rint(low + phantom.render(wide, tall) * (high - low)).astype(np.uint16)
    if form.photometric == "MONOCHROME1":
        stored = (top - stored).astype(np.uint16)
        low, high = top - high, top - low
    film.SamplesPerPixel = 1
    film.PhotometricInterpretation = form.photometric
    film.Rows, film.Columns = stored.shape
    film.BitsAllocated = 16
    film.BitsStored = form.bits
    film.HighBit = form.bits - 1
    film.PixelRepresentation = 0
    # PS3.3 C.11.2.1.2.1: the linear window's width counts both of its ends.
    film.WindowCenter = (low + high + 1) / 2
    film.WindowWidth = high - low + 1
    spacing = round(_DETECTOR_MM / max(stored.shape), 5)
    film.ImagerPixelSpacing = [spacing, spacing]
    film.PixelData = stored.astype("<u2").tobytes()


def _describe_dx(film: Dataset, phantom: Phantom, form: FilmForm) -> None:
    film.PresentationIntentType = "FOR PRESENTATION"
    inverse = form.photometric == "MONOCHROME1"
    film.PresentationLUTShape = "INVERSE" if inverse else "IDENTITY"
    film.PixelIntensityRelationship = "LOG"
    film.PixelIntensityRelationshipSign = 1 if inverse else -1
    film.RescaleIntercept = 0
    film.RescaleSlope = 1
    film.RescaleType = "US"
    film.ImageLaterality = "U"
    film.DetectorType = "SCINTILLATOR"
    film.PositionerType = "NONE"
    film.AcquisitionContextSequence = []
    film.AnatomicRegionSequence = [_code("51185008", "Chest")]
    code, meaning = _VIEW_CODES[phantom.view]
    view = _code(code, meaning)
    view.ViewModifierCodeSequence = []
    film.ViewCodeSequence = [view]


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue = value
    code.CodingSchemeDesignator = "SCT"
    code.CodeMeaning = meaning
    return code


def write_film(
    out: Path, phantom: Phantom, form: FilmForm | None = None, when: datetime | None = None
) -> dict[str, Any]:
    """Write one film and its truth.

    Parameters
    ----------
    out
        The folder; made if it is not there.
    phantom
        The film.
    form
        How it is stored; None draws it from the film's seed.
    when
        When it was taken; None for now, since old films are not read.

    Returns
    -------
    dict
        `Phantom.truth` with `file`, `sop_instance_uid`, `study_instance_uid` and how the film is
        stored. It also stands in the JSON file beside the film.
    """
    out.mkdir(parents=True, exist_ok=True)
    form = form or drawn_form(phantom)
    film = film_dataset(phantom, form, when or datetime.now(UTC))
    name = f"phantom-{phantom.seed}-{phantom.index:05d}"
    film.save_as(out / f"{name}.dcm", enforce_file_format=True)
    truth = {
        "file": f"{name}.dcm",
        "sop_instance_uid": str(film.SOPInstanceUID),
        "study_instance_uid": str(film.StudyInstanceUID),
        "modality": form.modality,
        "photometric": form.photometric,
        "bits": form.bits,
        "columns": int(film.Columns),
        "rows": int(film.Rows),
        **phantom.truth(),
    }
    (out / f"{name}.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return truth


def write_films(
    out: Path,
    count: int,
    seed: int,
    findings: Sequence[str] | None = None,
    *,
    difficulty: str = "default",
    view: View | None = None,
    long_side: int | None = None,
    when: datetime | None = None,
) -> list[dict[str, Any]]:
    """Write a series of films, each with its truth beside it.

    Parameters
    ----------
    out
        The folder; made if it is not there.
    count
        Number of films.
    seed
        The series; the same seed gives the same films under the same names and UIDs.
    findings
        Labels that every film has; None draws them, with 30 % of the films normal.
    difficulty
        Name in `training.phantom.DIFFICULTIES`.
    view
        How all of them are taken; None draws AP or PA.
    long_side
        Pixels of their longer sides; None draws 1024 to 2500. A small film is made sooner.
    when
        When they were taken; None for now.

    Returns
    -------
    list of dict
        What `write_film` returns of each.

    Raises
    ------
    ValueError
        If the count is negative, or a label or the difficulty is unknown.
    """
    if count < 0:
        message = f"cannot write {count} films"
        raise ValueError(message)
    chosen = None if findings is None else tuple(findings)
    drawn = (
        sample(seed, index, difficulty=difficulty, findings=chosen, view=view)
        for index in range(count)
    )
    return [write_film(out, film, drawn_form(film, long_side), when) for film in drawn]
