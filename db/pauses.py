"""How long to wait after a failure: longer each time, with jitter, up to a cap."""

import random
from dataclasses import dataclass

_LARGEST_POWER = 30


@dataclass(frozen=True, slots=True)
class Pause:
    """Growing pauses.

    Parameters
    ----------
    first_seconds
        Longest pause after the first failure; doubled by each further one.
    longest_seconds
        Cap.

    Raises
    ------
    ValueError
        If one of them is not positive.
    """

    first_seconds: float = 5.0
    longest_seconds: float = 900.0

    def __post_init__(self) -> None:
        if not (self.first_seconds > 0 and self.longest_seconds > 0):
            message = f"pauses must be positive: {self.first_seconds}, {self.longest_seconds}"
            raise ValueError(message)

    def after(self, failures: int) -> float:
        """Give the seconds to wait after so many failures in a row.

        A random half of the pause is left out at most, so that peers which went away together
        are not asked together.
        """
        power = min(max(failures, 1) - 1, _LARGEST_POWER)
        whole = min(self.first_seconds * 2.0**power, self.longest_seconds)
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
