"""What a builder asks of its inputs before it builds."""

from core.reading import Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr.kinds import kinds_of


def check_inputs(reading: Reading, version: ReportVersion, kind: ResultKind) -> None:
    """Refuse a version that the builder of a kind would misrepresent.

    Raises
    ------
    ValueError
        If the version began with another reading, or has no object of this kind: what the model
        coded and marked is never given out as what a person accepted or wrote.
    """
    if version.reading_id != reading.id:
        message = f"version {version.id} is of reading {version.reading_id}, not {reading.id}"
        raise ValueError(message)
    if kind not in kinds_of(version.kind):
        message = f"version {version.id} is {version.kind.value} and has no {kind.value}"
        raise ValueError(message)
