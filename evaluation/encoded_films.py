"""One picture as a film in any of the encodings in which films come.

What a display would show is given; each step of the way to it (PS3.3 sections C.7.6.3, C.11.1 and
C.11.2) is undone in turn: polarity, values of interest, modality transformation, storage.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from core.errors import SettingsError

Picture = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float64]
_DCMTK: Final[Mapping[str, tuple[str, ...]]] = {
    uid.JPEGBaseline8Bit: ("--encode-baseline", "--quality", "95"),
    uid.JPEGExtended12Bit: ("--encode-extended", "--quality", "95"),
    uid.JPEGLossless: ("--encode-lossless",),
    uid.JPEGLosslessSV1: ("--encode-lossless-sv1",),
}
"""What dcmtk's dcmcjpeg is asked for."""
_PYDICOM: Final[Mapping[str, Mapping[str, Any]]] = {
    uid.RLELossless: {},
    uid.JPEGLSLossless: {},
    uid.JPEGLSNearLossless: {"jls_error": 2},
    uid.JPEG2000Lossless: {},
    uid.JPEG2000: {"j2k_cr": [10]},
}
"""What pydicom's encoders are asked for."""
_TABLES: Final = ("ModalityLUTSequence", "VOILUTSequence")
_STEEP: Final = 0.6
"""Exponent of the tone curve of a VOI LUT, and of a Modality LUT."""
_NEARLY: Final = 0.002
"""A sigmoid never reaches black and white: so near to them it is cut off."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a picture is stored.

    Parameters
    ----------
    syntax
        Transfer syntax UID.
    photometric
        MONOCHROME1 or MONOCHROME2.
    bits
        Bits stored.
    allocated
        Bits allocated, 8 or 16.
    voi
        `linear`, `exact`, `sigmoid`, `two windows`, `lut 8`, `lut 10`, `lut 12`, `lut 16` (by its
        depth), `lut of bytes`, `lut and window` or `none`.
    modality
        `none`, `rescale`, `negative rescale` or `lut`.
    signed
        Whether values are two's complement.
    shift
        Unused bits below.
    junk
        What fills the unused bits: 0, or a picture's own noise.
    padding
        `none`, `value`, `range`; the picture's black rim then is padding.
    squeezed
        `none`, or the axis that has half as many pixels: `rows`, `columns`; and where it stands:
        `columns by ratio`, `rows by ratio`.
    extra
        `none`, `overlay` (a plane of group 6000), `frame groups` (a multi-frame class, whose
        transformations stand in functional groups) or `presentation lut`.
    values
        Keywords and values that are put in last.
    """

    syntax: str = uid.ExplicitVRLittleEndian
    photometric: str = "MONOCHROME2"
    bits: int = 12
    allocated: int = 16
    voi: str = "linear"
    modality: str = "none"
    signed: bool = False
    shift: int = 0
    junk: bool = False
    padding: str = "none"
    squeezed: str = "none"
    extra: str = "none"
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What of it is not as usual, in a few words."""
        parts = [uid.UID(self.syntax).name, self.photometric, f"{self.bits}/{self.allocated}"]
        parts += [f"voi {self.voi}", f"modality {self.modality}"]
        parts += ["signed"] if self.signed else []
        parts += [f"shift {self.shift}"] if self.shift else []
        parts += ["junk"] if self.junk else []
        parts += [f"padding {self.padding}"] if self.padding != "none" else []
        parts += [f"squeezed {self.squeezed}"] if self.squeezed != "none" else []
        parts += [self.extra] if self.extra != "none" else []
        return ", ".join([*parts, *(f"{key} {value}" for key, value in self.values.items())])

    @property
    def lowest(self) -> int:
        """Lowest value that can be stored."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def highest(self) -> int:
        """Highest value that can be stored."""
        return self.lowest + (1 << self.bits) - 1


def write_encoded(picture: Picture, encoding: Encoding, path: Path, *, rim: int) -> None:
    """Write a picture as a film.

    Parameters
    ----------
    picture
        What a display is to show: 0 for black to 1 for white, [rows, columns].
    encoding
        How it is stored.
    path
        The file to be.
    rim
        Width of the picture's rim that is black or padding, in pixels.

    Raises
    ------
    SettingsError
        If no encoder for it is installed.
    """
    film = _film(encoding)
    shown = _squeezed(picture, encoding, film)
    inverse = encoding.photometric == "MONOCHROME1"
    modality, values = _modality(encoding, film)
    interest = _interest(encoding, film, 1.0 - shown if inverse else shown, values)
    stored = np.rint(modality(interest)).clip(encoding.lowest, encoding.highest).astype(np.int64)
    _pad(stored, encoding, film, rim)
    film.Rows, film.Columns = stored.shape
    film.PixelData = _cells(stored, encoding).tobytes()
    film["PixelData"].VR = "OB" if encoding.allocated == 8 else "OW"  # noqa: PLR2004
    _EXTRAS[encoding.extra](film)
    for keyword, value in encoding.values.items():
        setattr(film, keyword, value)
    _save(film, encoding, path)


def can_encode(syntax: str) -> bool:
    """Tell whether an encoder for a transfer syntax is installed."""
    if syntax in _DCMTK:
        return shutil.which("dcmcjpeg") is not None
    return syntax in _PYDICOM or not uid.UID(syntax).is_encapsulated


def _film(encoding: Encoding) -> Dataset:
    film = Dataset()
    film.file_meta = FileMetaDataset()
    film.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    film.SOPClassUID = uid.ComputedRadiographyImageStorage
    film.SOPInstanceUID = "1.2.3.4"
    film.Modality = "CR"
    film.SamplesPerPixel = 1
    film.PhotometricInterpretation = encoding.photometric
    film.BitsAllocated, film.BitsStored = encoding.allocated, encoding.bits
    film.HighBit = encoding.bits + encoding.shift - 1
    film.PixelRepresentation = int(encoding.signed)
    return film


def _squeezed(picture: Picture, encoding: Encoding, film: Dataset) -> Picture:
    """Leave out every second row or column by averaging two, and say so."""
    axis = encoding.squeezed.split(" ", maxsplit=1)[0]
    if axis == "none":
        return picture
    tall, wide = (2, 1) if axis == "rows" else (1, 2)
    if encoding.squeezed.endswith("by ratio"):
        film.PixelAspectRatio = [tall, wide]
    else:
        film.PixelSpacing = [0.2 * tall, 0.2 * wide]
    rows, columns = picture.shape[0] // tall, picture.shape[1] // wide
    cut = picture[: rows * tall, : columns * wide]
    squeezed: Picture = cut.reshape(rows, tall, columns, wide).mean(axis=(1, 3))
    return squeezed


def _modality(encoding: Encoding, film: Dataset) -> tuple[Any, tuple[float, float]]:
    """Give the way from the modality's values back to stored ones, and the values' range."""
    low, high = encoding.lowest, encoding.highest
    if encoding.modality == "none":
        return lambda values: values, (low, high)
    if encoding.modality == "lut":
        return _modality_table(low, high, film)
    slope = -0.25 if encoding.modality == "negative rescale" else 0.25
    film.RescaleSlope, film.RescaleIntercept, film.RescaleType = str(slope), "-100", "US"
    ends = sorted((slope * low - 100, slope * high - 100))
    return lambda values: (values + 100) / slope, (ends[0], ends[1])


def _modality_table(low: int, high: int, film: Dataset) -> tuple[Any, tuple[float, float]]:
    places = np.arange(high - low + 1)
    entries = np.rint((places / (high - low)) ** _STEEP * 65535).astype(np.uint16)
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [len(entries) % 65536, low % 65536, 16])
    table.ModalityLUTType = "US"
    table.add_new("LUTData", "OW", entries.tobytes())
    film.ModalityLUTSequence = Sequence([table])
    return lambda values: np.searchsorted(entries, values) + low, (0.0, 65535.0)


def _interest(
    encoding: Encoding, film: Dataset, shares: Numbers, values: tuple[float, float]
) -> Numbers:
    """Give modality values that the named transformation shows as these shares of white."""
    low, high = values
    if encoding.voi.startswith("lut"):
        return _interest_table(encoding.voi, film, shares, values)
    if encoding.voi == "none":
        return low + shares * (high - low)
    # The window is inside what the bits can hold, as on a real film.
    low, high = low + 0.06 * (high - low), high - 0.12 * (high - low)
    center, width = (low + high) / 2, high - low
    if encoding.voi == "exact":
        film.VOILUTFunction = "LINEAR_EXACT"
    elif encoding.voi == "sigmoid":
        film.VOILUTFunction = "SIGMOID"
        steep = shares.clip(_NEARLY, 1 - _NEARLY)
        width /= 4
        film.WindowCenter, film.WindowWidth = f"{center:.6g}", f"{width:.6g}"
        return center - width / 4 * np.log(1 / steep - 1)
    else:
        center, width = center + 0.5, width + 1
    film.WindowCenter, film.WindowWidth = f"{center:.8g}", f"{width:.8g}"
    if encoding.voi == "two windows":
        film.WindowCenter, film.WindowWidth = [film.WindowCenter, 7], [film.WindowWidth, 9]
    return low + shares * (high - low)


def _interest_table(
    voi: str, film: Dataset, shares: Numbers, values: tuple[float, float]
) -> Numbers:
    low, high = (round(value) for value in values)
    depth = {"lut 8": 8, "lut 10": 10, "lut 16": 16, "lut of bytes": 8}.get(voi, 12)
    first, count = low, high - low + 1
    entries = np.rint((np.arange(count) / (count - 1)) ** _STEEP * ((1 << depth) - 1))
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [count % 65536, first % 65536, depth])
    if voi == "lut of bytes":
        data = entries.astype(np.uint8).tobytes()
        table.add_new("LUTData", "OW", data + b"\0" * (len(data) % 2))
    elif voi == "lut 10":
        table.add_new("LUTData", "US", [int(entry) for entry in entries])
    else:
        table.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    film.VOILUTSequence = Sequence([table])
    if voi == "lut and window":
        film.WindowCenter, film.WindowWidth = "10", "20"
    return first + np.searchsorted(entries, shares * ((1 << depth) - 1)).astype(np.float64)


def _pad(stored: npt.NDArray[np.int64], encoding: Encoding, film: Dataset, rim: int) -> None:
    if encoding.padding == "none":
        return
    value = encoding.highest
    kind = "SS" if encoding.signed else "US"
    film.add_new("PixelPaddingValue", kind, value)
    inside = np.s_[rim:-rim, rim:-rim]
    kept = stored[inside].clip(None, value - 16)
    stored[...] = value
    if encoding.padding == "range":
        film.add_new("PixelPaddingRangeLimit", kind, value - 9)
        stored[::2] = value - 5
    stored[inside] = kept


def _cells(stored: npt.NDArray[np.int64], encoding: Encoding) -> npt.NDArray[Any]:
    """Put values into cells, with or without garbage in the bits that are not in use."""
    used = (1 << encoding.bits) - 1
    cells = (stored & used) << encoding.shift
    if encoding.junk:
        noise = np.random.default_rng(3).integers(0, 1 << encoding.allocated, stored.shape)
        cells |= noise & ~(used << encoding.shift)
    elif encoding.signed:
        cells = stored << encoding.shift
    width = np.uint8 if encoding.allocated == 8 else np.dtype("<u2")  # noqa: PLR2004
    return (cells & ((1 << encoding.allocated) - 1)).astype(width)


def _overlay(film: Dataset) -> None:
    film.add_new(0x60000010, "US", film.Rows)
    film.add_new(0x60000011, "US", film.Columns)
    film.add_new(0x60000040, "CS", "G")
    film.add_new(0x60000050, "SS", [1, 1])
    film.add_new(0x60000100, "US", 1)
    film.add_new(0x60000102, "US", 0)
    film.add_new(0x60003000, "OW", b"\xff" * ((film.Rows * film.Columns + 15) // 16 * 2))


def _frame_groups(film: Dataset) -> None:
    film.SOPClassUID = uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage
    film.NumberOfFrames = 1
    frame, shared = Dataset(), Dataset()
    for holder, keyword, names in (
        (frame, "FrameVOILUTSequence", ("WindowCenter", "WindowWidth", "VOILUTFunction")),
        (shared, "PixelValueTransformationSequence", ("RescaleSlope", "RescaleIntercept")),
    ):
        group = Dataset()
        for name in (name for name in names if name in film):
            group[name] = film[name]
            del film[name]
        setattr(holder, keyword, Sequence([group]))
    film.PerFrameFunctionalGroupsSequence = Sequence([frame])
    film.SharedFunctionalGroupsSequence = Sequence([shared])


def _presentation_lut(film: Dataset) -> None:
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [256, 0, 10])
    table.add_new("LUTData", "US", list(range(256)))
    film.PresentationLUTSequence = Sequence([table])


_EXTRAS: Final = {
    "none": lambda _film: None,
    "overlay": _overlay,
    "frame groups": _frame_groups,
    "presentation lut": _presentation_lut,
}


def _save(film: Dataset, encoding: Encoding, path: Path) -> None:
    syntax = uid.UID(encoding.syntax)
    if syntax in _DCMTK:
        plain = path.with_suffix(".plain")
        film.save_as(plain, enforce_file_format=True)
        program = shutil.which("dcmcjpeg")
        if program is None:
            message = f"no encoder for {syntax.name} is installed"
            raise SettingsError(message)
        subprocess.run([program, *_DCMTK[syntax], plain, path], check=True, capture_output=True)
        plain.unlink()
        return
    if syntax in _PYDICOM:
        film.compress(syntax, generate_instance_uid=False, **_PYDICOM[syntax])
    elif syntax.is_encapsulated:
        message = f"no encoder for {syntax.name} is installed"
        raise SettingsError(message)
    film.file_meta.TransferSyntaxUID = syntax
    if syntax == uid.ExplicitVRBigEndian:
        _turn_words(film, encoding.allocated)
    film.save_as(path, enforce_file_format=True)


def _turn_words(film: Dataset, allocated: int) -> None:
    """Turn the bytes of every OW value round, which pydicom writes as they are."""
    tables = [item for name in _TABLES if name in film for item in film[name].value]
    elements = [table["LUTData"] for table in tables if table["LUTData"].VR == "OW"]
    elements += [film["PixelData"]] if allocated == 16 else []  # noqa: PLR2004
    for element in elements:
        element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
