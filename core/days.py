"""Days that a person names, in the site's zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import WrongArgumentError


def start_of(day: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """Give the moment at which a day begins, or one some days later.

    Parameters
    ----------
    day
        `YYYY-MM-DD`; empty is none.
    zone
        Of the site.
    days
        How many days later.

    Returns
    -------
    datetime.datetime or None
        In UTC; None for no day.

    Raises
    ------
    WrongArgumentError
        If the day is none, or lies beyond the calendar.
    """
    if not day:
        return None
    try:
        date = datetime.strptime(day, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        return datetime.combine(date + timedelta(days=days), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"a day is written YYYY-MM-DD, not {day!r}"
        raise WrongArgumentError(message) from error
