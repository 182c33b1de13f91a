"""The one way to ask for the time: aware, in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """Give the present time, aware, in UTC."""
    return datetime.now(UTC)
