"""Small whole objects that the fuzzer starts from: one for each way to encode a film, and others.

Every seed carries the same placeholder UIDs, so that a copy gets UIDs of its own by a replacement
of bytes that changes no length.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
from pydicom import Dataset, config
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from training.phantom import View, sample
from training.phantom_dicom import FilmForm, film_dataset

STUDY = "2.25.100000000000000000000000000000000001"
SERIES = "2.25.200000000000000000000000000000000002"
INSTANCE = "2.25.300000000000000000000000000000000003"
_SIDE = 160
_NATIVE = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
_COMPRESSED = (RLELossless, JPEGLSLossless, JPEG2000Lossless)


@dataclass(frozen=True, slots=True)
class Seed:
    """One whole object.

    Parameters
    ----------
    name
        What it is.
    data
        The bytes of its file.
    deflated_from
        Where deflated data begin; None where there are none.
    """

    name: str
    data: bytes
    deflated_from: int | None = None

    def copy(self, number: int) -> bytes:
        """Give the file under UIDs of its own."""
        if self.deflated_from is None:
            return _renumbered(self.data, number)
        plain, packed = self.data[: self.deflated_from], self.data[self.deflated_from :]
        unpacked = zlib.decompress(packed, -zlib.MAX_WBITS)
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        again = packer.compress(_renumbered(unpacked, number)) + packer.flush()
        return _renumbered(plain, number) + again + bytes(len(again) % 2)


def seeds() -> Iterator[Seed]:
    """Make all seeds."""
    for syntax in _NATIVE:
        data = _bytes(_film(bits=12), syntax)
        deflated = syntax == DeflatedExplicitVRLittleEndian
        yield Seed(syntax.name, data, _end_of_meta(data) if deflated else None)
    for syntax in _COMPRESSED:
        film = _film(bits=12)
        film.compress(syntax, generate_instance_uid=False)
        yield Seed(syntax.name, _bytes(film, syntax))
    inverted = _film(bits=12, photometric="MONOCHROME1")
    _add_tables(inverted)
    yield Seed("MONOCHROME1 with tables", _bytes(inverted, ExplicitVRLittleEndian))
    yield Seed("nested sequences", _bytes(_nested(), ExplicitVRLittleEndian))
    yield Seed("secondary capture", _bytes(_secondary(), ImplicitVRLittleEndian))
    yield Seed("rejection note", _bytes(_note(), ExplicitVRLittleEndian))


def _end_of_meta(data: bytes) -> int:
    """Give where the file meta information ends (PS3.10 section 7.1)."""
    length: int = struct.unpack("<I", data[140:144])[0]
    return 144 + length


def _renumbered(data: bytes, number: int) -> bytes:
    for uid in (STUDY, SERIES, INSTANCE):
        own = f"{uid[:14]}{number:012d}{uid[26:]}"
        data = data.replace(uid.encode(), own.encode())
    return data


def _film(*, bits: int, photometric: str = "MONOCHROME2") -> FileDataset:
    phantom = sample(77, 1, findings=("pneumothorax",), view=View.PA)
    form = FilmForm("DX", photometric, bits, _SIDE)
    film = film_dataset(phantom, form, datetime.now(UTC))
    film.StudyInstanceUID, film.SeriesInstanceUID = STUDY, SERIES
    film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = UID(INSTANCE)
    return film


def _bytes(source: Dataset, syntax: str) -> bytes:
    # A fresh data set has no encoding that it came in, so it may be written in any.
    dataset = Dataset()
    dataset.update(source)
    dataset.file_meta = source.file_meta
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    stream = BytesIO()
    with config.disable_value_validation():
        dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _add_tables(film: Dataset) -> None:
    voi = Dataset()
    voi.LUTDescriptor = [4096, 0, 12]
    voi.LUTData = np.arange(4096, dtype="<u2").tobytes()
    film.VOILUTSequence = Sequence([voi])
    film.WindowCenter, film.WindowWidth = ["2000", "1000"], ["3000", "500"]
    film.PixelPaddingValue = 0


def _nested() -> FileDataset:
    film = _film(bits=10)
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator = "272479007", "SCT"
    inner.CodeMeaning = "postero-anterior"
    for _ in range(40):
        outer = Dataset()
        outer.ViewCodeSequence = Sequence([inner])
        inner = outer
    film.RequestAttributesSequence = Sequence([inner])
    film.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    return film


def _secondary() -> FileDataset:
    film = _film(bits=8)
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    film.ConversionType = "WSD"
    return film


def _note() -> Dataset:
    note = Dataset()
    note.file_meta = FileMetaDataset()
    note.SOPClassUID = note.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.88.59")
    note.SOPInstanceUID = note.file_meta.MediaStorageSOPInstanceUID = UID(INSTANCE)
    note.StudyInstanceUID, note.SeriesInstanceUID = STUDY, SERIES
    note.PatientID, note.PatientName, note.Modality = "FUZZ", "Fuzz^Note", "KO"
    title = Dataset()
    title.CodeValue, title.CodingSchemeDesignator = "113001", "DCM"
    title.CodeMeaning = "Rejected for Quality Reasons"
    note.ConceptNameCodeSequence = Sequence([title])
    note.ValueType, note.ContinuityOfContent = "CONTAINER", "SEPARATE"
    named = Dataset()
    named.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    named.ReferencedSOPInstanceUID = "2.25.400000000000000000000000000000000004"
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = SERIES, Sequence([named])
    study = Dataset()
    study.StudyInstanceUID, study.ReferencedSeriesSequence = STUDY, Sequence([series])
    note.CurrentRequestedProcedureEvidenceSequence = Sequence([study])
    return note
