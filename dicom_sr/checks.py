"""What a builder asks of its inputs before it builds."""

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from core.states import ResultKind
from dicom_sr.kinds import kinds_of
from dicom_sr.text import person_name


def check_inputs(reading: Reading, version: ReportVersion, kind: ResultKind) -> None:
    """Refuse a version that the builder of a kind would misrepresent.

    Raises
    ------
    ValueError
        If the version began with another reading; if it has no object of this kind, since what
        the model coded and marked is never given out as what a person accepted or wrote; or if
        nobody can be named as the one who did.
    """
    if version.reading_id != reading.id:
        message = f"version {version.id} is of reading {version.reading_id}, not {reading.id}"
        raise ValueError(message)
    if kind not in kinds_of(version.kind):
        message = f"version {version.id} is {version.kind.value} and has no {kind.value}"
        raise ValueError(message)
    if version.kind is not ReportKind.DRAFT and not person_name(version.author or "").strip("^="):
        message = f"version {version.id} is {version.kind.value} by nobody: {version.author!r}"
        raise ValueError(message)
