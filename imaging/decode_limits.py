"""What decoding one film may cost before it is stopped."""

from dataclasses import dataclass
from typing import Final

_MEGA: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What one film may cost; it grows with the film, as honest work does.

    A slow machine takes two seconds for a JPEG 2000 film of five million pixels, which is the
    slowest that occurs; it is given ten.

    Parameters
    ----------
    memory
        Bytes beside what the waiting process has; JPEG 2000, the hungriest, takes about twelve
        for a pixel.
    seconds
        Processor time that any picture may take.
    seconds_per_megapixel
        And how much more for each million of its pixels.
    patience
        How often its processor time a picture may take by the clock: a busy machine is no fault
        of the film.
    longest
        Seconds by the clock after which it ends whatever the size: a watchdog may wait for
        whoever waits for the picture.

    Raises
    ------
    ValueError
        If a limit is not above 0, or the clock is less than the processor's time.
    """

    memory: int = 768 << 20
    seconds: float = 2.0
    seconds_per_megapixel: float = 1.5
    patience: float = 4.0
    longest: float = 60.0

    def __post_init__(self) -> None:
        parts = (self.memory, self.seconds, self.seconds_per_megapixel, self.longest)
        if min(parts) <= 0 or self.patience < 1:
            message = f"no usable limits for a decoder: {self}"
            raise ValueError(message)

    def processor_seconds(self, pixels: int) -> float:
        """Give the processor time that a picture of so many pixels may take."""
        return min(self.seconds + self.seconds_per_megapixel * pixels / _MEGA, self.longest)

    def clock_seconds(self, pixels: int) -> float:
        """Give the time by the clock that a picture of so many pixels may take."""
        return min(self.patience * self.processor_seconds(pixels), self.longest)
