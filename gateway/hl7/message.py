"""The message ORU^R01 (structure ORU_R01, HL7 v2.5.1 section 7.3.1) of one film's report version.

Pure, as the builders of `dicom_sr` are: the same arguments give the same bytes. A message is made
once, kept, and sent as it is however often it takes, so that a receiver that is asked twice sees
one message control id and one content. Which fields there are and why: `docs/conformance.md`.
"""

from collections.abc import Sequence
from datetime import datetime

from pydicom.dataset import Dataset

from core.reading import Reading
from core.report import ReportVersion
from dicom_sr.context import BuildContext
from dicom_sr.source import Source, read_source
from gateway.hl7.encoding import Encoded, components, encoded_message, header, value
from gateway.hl7.envelope import Envelope, Standing, Withdrawal, control_id, message_uid
from gateway.hl7.observations import Observation, observation_segments, was_final
from gateway.hl7.order import Report, order_segments, patient_segment
from gateway.hl7.statements import stated, taken_back
from gateway.hl7.values import moment

PRELIMINARY, FINAL, CORRECTED = "P", "F", "C"
"""OBR-25 (table 0123) and OBX-11 (table 0085), which have these three in common."""
PRODUCTION, TRAINING = "P", "T"
"""MSH-11, table 0103: what the demonstration model says is no production."""


def oru(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    *,
    envelope: Envelope,
    standing: Standing,
) -> bytes:
    """Build the message of a report version.

    Parameters
    ----------
    reading
        What the model said.
    version
        The draft, or what a person accepted or wrote.
    source
        The film's header; it is not changed.
    context
        The site, and which of the study's films it is; the variant is of no consequence.
    envelope
        Who sends it, to whom.
    standing
        The study's tier, and what these peers have of the same film.

    Returns
    -------
    bytes
        UTF-8, segments ended by CR, without the framing of MLLP.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is not of this reading.
    """
    if version.reading_id != reading.id:
        message = f"version {version.id} is of reading {version.reading_id}, not {reading.id}"
        raise ValueError(message)
    film = read_source(source)
    final = CORRECTED if was_final(standing.earlier) else FINAL
    at = context.local(version.created_at)
    uid = message_uid(version.id, envelope, standing.earlier)
    report = Report(final if version.final else PRELIMINARY, at, version.author)
    said = stated(reading, version, film, context, standing.tier)
    opening = _header(envelope, uid, at, demo=reading.model.demo)
    return encoded_message([opening, *_results(source, film, report, said, standing.earlier)])


def withdrawal(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    *,
    envelope: Envelope,
    standing: Standing,
    withdrawn: Withdrawal,
) -> bytes:
    """Build the message that takes back what peers have of a film.

    It is for peers that have, or may have, a message of the film, and leaves whatever holds
    drafts back: as a rejection note does (`ResultKind.REJECTION`).

    Parameters
    ----------
    reading, version
        What the last of the messages was made of.
    source, context, envelope
        As for `oru`.
    standing
        Whose `earlier` are the messages that are taken back.
    withdrawn
        Why, when, and by whom.

    Returns
    -------
    bytes
        As `oru` gives them.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If nothing is taken back.
    """
    if not standing.earlier:
        message = f"nothing of version {version.id} is to be taken back"
        raise ValueError(message)
    film = read_source(source)
    at = context.local(withdrawn.at)
    uid = message_uid(version.id, envelope, standing.earlier, withdrawn=True)
    final = was_final(standing.earlier)
    report = Report(CORRECTED if final else PRELIMINARY, at, withdrawn.author)
    said = taken_back(film, standing.tier, withdrawn, final=final)
    opening = _header(envelope, uid, at, demo=reading.model.demo)
    return encoded_message([opening, *_results(source, film, report, said, standing.earlier)])


def _header(envelope: Envelope, uid: str, at: datetime, *, demo: bool) -> Encoded:
    """Give MSH (section 2.15.9).

    MSH-15 and MSH-16 are empty: original mode (section 2.9.2), one answer on the same connection.
    """
    return header(
        {number: value(name) for number, name in enumerate(envelope.names, start=3)}
        | {
            7: moment(at),
            9: components("ORU", "R01", "ORU_R01"),
            10: value(control_id(uid)),
            11: value(TRAINING if demo else PRODUCTION),
            12: value("2.5.1"),
            18: value("UNICODE UTF-8"),
        }
    )


def _results(
    source: Dataset,
    film: Source,
    report: Report,
    observations: Sequence[Observation],
    earlier: Sequence[bytes],
) -> list[Encoded]:
    """Give all that follows MSH."""
    return [
        patient_segment(film.patient),
        *order_segments(source, film, report),
        *observation_segments(observations, report.status, report.at, earlier),
    ]
