"""All result objects of one report version."""

from io import BytesIO

from pydicom import dcmwrite
from pydicom.dataset import Dataset

from core.reading import Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr.context import BuildContext
from dicom_sr.findings_sr import build_findings_sr
from dicom_sr.gsps import build_gsps
from dicom_sr.report_sr import build_report_sr
from dicom_sr.source import read_source
from dicom_sr.uids import result_uid

__all__ = ["build_all", "encoded", "result_uid"]


def build_all(
    reading: Reading, version: ReportVersion, source: Dataset, context: BuildContext
) -> dict[ResultKind, Dataset]:
    """Build the objects that every peer gets; a film in colour gets no presentation state.

    Pure: the same arguments give the same bytes, on any machine and at any time.

    Parameters
    ----------
    reading
        What the model said.
    version
        The draft made of it; its time is the objects' time.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant.

    Returns
    -------
    dict
        A data set with file meta information for each kind.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is not a draft of this reading, or has no findings text.
    """
    objects = {
        ResultKind.FINDINGS_SR: build_findings_sr(reading, version, source, context),
        ResultKind.REPORT_SR: build_report_sr(reading, version, source, context),
    }
    if read_source(source).film.grey:
        objects[ResultKind.GSPS] = build_gsps(reading, version, source, context)
    return objects


def encoded(dataset: Dataset) -> bytes:
    """Give a built object as the bytes of a PS3.10 file, explicit VR little endian."""
    buffer = BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
