"""Makes small DICOM pictures, and writes them in any transfer syntax that pydicom can encode."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
)

Pixels = NDArray[Any]


def smooth(rows: int = 96, columns: int = 80, top: int = 4095) -> NDArray[np.uint16]:
    """Make a smooth picture from 0 to `top`, without any symmetry."""
    down, along = np.mgrid[0:rows, 0:columns]
    waves = np.sin(down / 17.0) + np.sin(along / 11.0) + (down + 2.0 * along) / 100.0
    scaled = (waves - waves.min()) / (waves.max() - waves.min()) * top
    picture: NDArray[np.uint16] = np.rint(scaled).astype(np.uint16)
    return picture


def dataset(pixels: Pixels | None = None, **values: Any) -> Dataset:
    """Make a CR dataset with one frame of greyscale pixels.

    Parameters
    ----------
    pixels
        Integers of 8 or 16 bits; a smooth picture of 12 bits where None.
    **values
        Keywords and their values, set last; None takes an attribute out.
    """
    picture = smooth() if pixels is None else pixels
    made = Dataset()
    made.SOPClassUID = ComputedRadiographyImageStorage
    made.SOPInstanceUID = "1.2.3.4"
    made.Modality = "CR"
    made.Rows, made.Columns = picture.shape[:2]
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = picture.dtype.itemsize * 8
    made.BitsStored = 12 if picture.dtype.itemsize == 2 else 8
    made.PixelRepresentation = int(picture.dtype.kind == "i")
    made.PixelData = picture.tobytes() + b"\x00" * (picture.nbytes % 2)
    for keyword, value in values.items():
        if value is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, value)
    if "HighBit" not in values:
        made.HighBit = int(made.BitsStored) - 1
    if "PixelData" in made:
        made["PixelData"].VR = "OB" if made.BitsAllocated == 8 else "OW"
    return made


def save(made: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write a dataset as a file, encoding its pixels; the dataset is left encoded."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if UID(syntax).is_encapsulated:
        made.compress(syntax, generate_instance_uid=False)
    else:
        made.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax == ExplicitVRBigEndian and made.BitsAllocated == 16:
        made.PixelData = np.frombuffer(made.PixelData, "<u2").astype(">u2").tobytes()
    made.save_as(path, enforce_file_format=True)
    return path


def film(
    path: Path, pixels: Pixels | None = None, syntax: str = ExplicitVRLittleEndian, **values: Any
) -> Path:
    """Write a film; see `dataset`."""
    return save(dataset(pixels, **values), path, syntax)
