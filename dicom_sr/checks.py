"""What a builder asks of its inputs before it builds."""

from core.reading import Reading
from core.report import ReportKind, ReportVersion


def check_inputs(reading: Reading, version: ReportVersion) -> None:
    """Refuse a version that the builders would misrepresent.

    Raises
    ------
    ValueError
        If the version began with another reading, or is not a draft: what a person accepted or
        wrote would need that person as verifying observer and the draft as predecessor.
    """
    if version.reading_id != reading.id:
        message = f"version {version.id} is of reading {version.reading_id}, not {reading.id}"
        raise ValueError(message)
    if version.kind is not ReportKind.DRAFT:
        message = f"only drafts are built, version {version.id} is {version.kind.value}"
        raise ValueError(message)
