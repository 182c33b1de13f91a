"""Small DICOM objects for the tests of the edge."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    generate_uid,
)

CR = str(ComputedRadiographyImageStorage)
DX = str(DigitalXRayImageStorageForPresentation)


def film(*, seed: int = 0, transfer_syntax: str = ExplicitVRLittleEndian, **values: Any) -> Dataset:
    """Make a small frontal CR film that is to be read.

    Parameters
    ----------
    seed
        Of its pixels: another one makes other content.
    transfer_syntax
        An uncompressed one.
    **values
        Keywords and their values; None leaves an attribute out.
    """
    noise = np.random.default_rng(seed).integers(0, 4096, (64, 48), dtype=np.uint16)
    facts: dict[str, Any] = {
        "SOPClassUID": CR,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "PatientID": "P-1",
        "PatientName": "Testfrau^Erika",
        "PatientBirthDate": "19500101",
        "PatientSex": "F",
        "PatientAge": "070Y",
        "Modality": "CR",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "Rows": 64,
        "Columns": 48,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "PixelData": noise.tobytes(),
    }
    dataset = Dataset()
    with disable_value_validation():  # values of the field break rules
        for keyword, value in (facts | values).items():
            if value is not None:
                setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CR)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    return dataset


def save(dataset: Dataset, folder: Path, name: str | None = None) -> Path:
    """Write an object as a file of PS3.10, and give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"{dataset.file_meta.MediaStorageSOPInstanceUID}.dcm")
    with disable_value_validation():
        dataset.save_as(path, enforce_file_format=True)
    return path


def film_file(folder: Path, **values: Any) -> Path:
    """Write a `film`."""
    return save(film(**values), folder)
