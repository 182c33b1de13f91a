"""Quiet hours in the site's zone: within a day, over midnight, and when the clocks are set."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.quiet_hours import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """Give a time of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "end", "moment", "until"),
    [
        ("", "", "2026-01-10 03:00", None),
        # In winter, an hour before UTC.
        ("12:00", "13:30", "2026-01-10 10:59:59", None),
        ("12:00", "13:30", "2026-01-10 11:00", "2026-01-10 12:30"),
        ("12:00", "13:30", "2026-01-10 12:29:59", "2026-01-10 12:30"),
        ("12:00", "13:30", "2026-01-10 12:30", None),
        # Over midnight.
        ("22:00", "06:00", "2026-01-10 20:59", None),
        ("22:00", "06:00", "2026-01-10 21:00", "2026-01-11 05:00"),
        ("22:00", "06:00", "2026-01-11 04:59", "2026-01-11 05:00"),
        ("22:00", "06:00", "2026-01-11 05:00", None),
        # In summer, two hours.
        ("22:00", "06:00", "2026-07-10 20:00", "2026-07-11 04:00"),
        # 29 March 2026: 02:00 becomes 03:00; half past two does not exist.
        ("22:00", "02:30", "2026-03-29 01:29", "2026-03-29 01:30"),
        ("22:00", "02:30", "2026-03-29 01:30", None),
        ("02:30", "06:00", "2026-03-29 00:30", "2026-03-29 04:00"),
        ("02:30", "06:00", "2026-03-29 00:29", None),
        ("22:00", "06:00", "2026-03-28 21:00", "2026-03-29 04:00"),
        # 25 October 2026: 03:00 becomes 02:00; half past two comes twice.
        ("22:00", "02:30", "2026-10-25 01:00", "2026-10-25 01:30"),
        ("22:00", "02:30", "2026-10-25 00:45", "2026-10-25 01:30"),
        ("22:00", "02:30", "2026-10-25 01:30", None),
        ("02:30", "06:00", "2026-10-25 00:30", "2026-10-25 05:00"),
        ("02:30", "06:00", "2026-10-25 00:29", None),
    ],
)
def test_when_it_is_quiet(begin: str, end: str, moment: str, until: str | None) -> None:
    told = QuietHours(begin, end, BERLIN).until(at(moment))
    assert told == (None if until is None else at(until))


@pytest.mark.parametrize(("begin", "end"), [("22:00", ""), ("", "06:00"), ("25:00", "06:00")])
def test_hours_that_are_none_are_refused(begin: str, end: str) -> None:
    with pytest.raises(ValueError, match=r"quiet hours begin|hour must be|Invalid isoformat"):
        QuietHours(begin, end, BERLIN)
