"""Whose film it is and what it was ordered as: PID, ORC and OBR (sections 3.4.2, 4.5.1, 4.5.3)."""

from dataclasses import dataclass
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code

from dicom_sr import concepts, values
from dicom_sr.source import Patient, Source
from dicom_sr.text import LONG_STRING, identity_value, string_value
from gateway.hl7.encoding import Encoded, components, segment, value
from gateway.hl7.values import coded, dicom_time, identity, moment, patient_names, reader

_INTERNAL_IDENTIFIER = "PI"
"""Table 0203: DICOM does not say which of a hospital's numbers its Patient ID is."""
_OBSERVATIONS = Encoded("RE")
"""Table 0119: observations follow; the order itself is not touched, so ORC-5 stays empty."""
_RADIOLOGY = Encoded("RAD")
"""Table 0074."""
_SEXES = {"M": "M", "F": "F", "O": "O"}
_SEX_UNKNOWN = "U"
"""Table 0001."""


@dataclass(frozen=True, slots=True)
class Report:
    """What OBR says of the report.

    Parameters
    ----------
    status
        OBR-25, table 0123.
    at
        When it came to be, with the zone of the message.
    author
        DICOM person name of who accepted or wrote it; None for a draft.
    """

    status: str
    at: datetime
    author: str | None


def patient_segment(patient: Patient) -> Encoded:
    """Give PID."""
    return segment(
        "PID",
        {
            1: value("1"),
            3: identity(patient.id, patient.issuer, _INTERNAL_IDENTIFIER),
            5: patient_names(patient.name),
            7: value(patient.birth_date),
            8: value(_SEXES.get(patient.sex, _SEX_UNKNOWN)),
        },
    )


def order_segments(header: Dataset, source: Source, report: Report) -> list[Encoded]:
    """Give ORC and OBR.

    Where the header names no accession number, the study's UID stands for it: a placer's or
    filler's number is required, and nothing else of the header is unique.
    """
    study = source.study
    accession = study.accession_number
    placer = identity_value(values.first_text(header, "PlacerOrderNumberImagingServiceRequest"))
    numbers = {2: value(placer or accession), 3: value(accession or study.uid)}
    return [
        segment("ORC", {1: _OBSERVATIONS} | numbers),
        segment(
            "OBR",
            numbers
            | {
                1: value("1"),
                4: _procedure(header),
                7: dicom_time(study.date, study.time, study.utc_offset),
                18: value(accession),
                22: moment(report.at),
                24: _RADIOLOGY,
                25: value(report.status),
                32: reader(report.author) if report.author else value(""),
            },
        ),
    ]


def _procedure(header: Dataset) -> Encoded:
    """Give what was done: as the header codes it, else words it, else an imaging one."""
    for keyword in ("ProcedureCodeSequence", "RequestedProcedureCodeSequence"):
        items = values.raw_value(header, keyword)
        code = _code(items[0]) if isinstance(items, Sequence) and len(items) else None
        if code is not None:
            return coded(code)
    for keyword in ("RequestedProcedureDescription", "StudyDescription"):
        words = string_value(values.text(header, keyword), LONG_STRING)
        if words:
            return components("", words)
    return coded(concepts.IMAGING_PROCEDURE)


def _code(item: Dataset) -> Code | None:
    parts = [
        string_value(values.first_text(item, keyword), LONG_STRING)
        for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
    ]
    return Code(*parts) if all(parts[:2]) else None
