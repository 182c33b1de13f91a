"""How long a run is, and what it must reach."""

from dataclasses import dataclass
from typing import Final

from evaluation.chaos.processes import Kind

_KILLS_A_MINUTE: Final = 6
_ACKNOWLEDGED_A_MINUTE: Final = 60
_SPARE: Final = 1.15
"""So many times what must be reached is tried."""
_KEPT: Final = (Kind.GATEWAY, Kind.DELIVER, Kind.WORKER)
_LONGEST: Final = 2.0
_LONGEST_ADDED_SECONDS: Final = 60.0
"""So many times the planned time a slow machine may take to reach it, or so much more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run.

    Parameters
    ----------
    minutes
        How long everything is broken.
    seed
        Of the films and of the schedule; what the schedule meets is the machine's.
    embedded
        Whether the installation is `firstread up` alone.
    senders
        dcmtk clients at once.
    each
        Deliveries and workers in the hospital form.
    quiet_minutes
        The most that is waited afterwards for all to come to rest.

    Raises
    ------
    ValueError
        If a length is not positive, or nobody sends, delivers or reads.
    """

    minutes: float
    seed: int
    embedded: bool
    senders: int = 3
    each: int = 2
    quiet_minutes: float = 10.0

    def __post_init__(self) -> None:
        if min(self.minutes, self.quiet_minutes) <= 0:
            message = f"no length: {self.minutes} minutes and {self.quiet_minutes} of quiet"
            raise ValueError(message)
        if min(self.senders, self.each) < 1:
            message = f"one at least of senders ({self.senders}) and services ({self.each})"
            raise ValueError(message)

    @property
    def form(self) -> str:
        """The installation's form, as it is told."""
        return "embedded" if self.embedded else "hospital"

    @property
    def seconds(self) -> float:
        """How long everything is broken, in seconds."""
        return 60 * self.minutes

    @property
    def kills_wanted(self) -> int:
        """The least number of kills of each kind."""
        return max(1, int(_KILLS_A_MINUTE * self.minutes))

    def kills_tried(self, kind: Kind) -> int:
        """Kills of a kind that are put into the schedule.

        Where a supervisor is killed, the kernel kills what it keeps: then fewer of their own do.
        """
        kept = (Kind.READING,) if not self.embedded else (*_KEPT, Kind.READING)
        share = 0.4 if kind in kept else _SPARE
        return max(1, round(share * self.kills_wanted))

    @property
    def longest_seconds(self) -> float:
        """How long everything is broken at the most."""
        return max(_LONGEST * self.seconds, self.seconds + _LONGEST_ADDED_SECONDS)

    @property
    def acknowledged_wanted(self) -> int:
        """The least number of films that must be acknowledged meanwhile."""
        return max(3, int(_ACKNOWLEDGED_A_MINUTE * self.minutes))

    @property
    def films(self) -> int:
        """How many are there to be sent."""
        return max(6, round(_SPARE * self.acknowledged_wanted))
