"""Hours of the day in which a peer is left alone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day until another, in the site's zone; over midnight, too.

    A time that the clock passes twice when it is set back, or leaves out when it is set forward,
    is taken so that the quiet lasts longer: on that night the peer is left alone from the first to
    the last moment that either reading gives.

    Parameters
    ----------
    begin, end
        `HH:MM`; both empty where there are none.
    zone
        The site's zone.

    Raises
    ------
    ValueError
        If one of them is no time of the day, or stands alone.
    """

    begin: str
    end: str
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if bool(self.begin) != bool(self.end):
            message = f"quiet hours begin and end: {self.begin!r} to {self.end!r}"
            raise ValueError(message)
        for text in (self.begin, self.end):
            if text:
                time.fromisoformat(text)

    def until(self, at: datetime) -> datetime | None:
        """Tell until when it is quiet at a time.

        Parameters
        ----------
        at
            Any aware time.

        Returns
        -------
        datetime or None
            In UTC; None where it is not quiet.
        """
        if not self.begin:
            return None
        today = at.astimezone(self.zone).date()
        for day in (today - _DAY, today):
            first = min(self._moments(day, self.begin))
            last_day = day if self.end > self.begin else day + _DAY
            last = max(self._moments(last_day, self.end))
            if first <= at < last:
                return last
        return None

    def _moments(self, day: date, text: str) -> tuple[datetime, datetime]:
        """Give both readings of a time of a day, which nearly always are one."""
        clock = datetime.combine(day, time.fromisoformat(text), self.zone)
        return clock.replace(fold=0).astimezone(UTC), clock.replace(fold=1).astimezone(UTC)
