"""Report versions between their rows and the value that every package knows."""

from core.report import ReportVersion
from db.models import ReportVersionRow


def version_of(row: ReportVersionRow) -> ReportVersion:
    """Give the value of a row."""
    return ReportVersion(
        id=row.id,
        reading_id=row.reading_id,
        number=row.number,
        kind=row.kind,
        findings=row.findings,
        impression=row.impression,
        created_at=row.created_at,
        author=row.author,
        final=row.final,
    )
