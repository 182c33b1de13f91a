"""How a worker is: the films that it has brought to an end, and its device's memory."""

import time
from collections import deque
from pathlib import Path
from typing import Final

from db.workers import Vitals

_HOUR: Final = 3600.0
_KIBIBYTE: Final = 1024
_MEMINFO: Final = Path("/proc/meminfo")


class VitalSigns:
    """Counts the films, and looks at the memory; safe to share between threads.

    Parameters
    ----------
    device
        Where the model runs, as its identity says: `cuda...`, `cpu`, or elsewhere.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._films = 0
        self._ends: deque[float] = deque()

    def film_ended(self) -> None:
        """Count a film that was brought to its end, read or not."""
        self._films += 1
        self._ends.append(time.monotonic())

    def look(self) -> Vitals:
        """Tell how it is now."""
        hour_ago = time.monotonic() - _HOUR
        while self._ends and self._ends[0] < hour_ago:
            self._ends.popleft()
        used, total = _memory(self._device)
        return Vitals(self._films, len(self._ends), used, total)


def _memory(device: str) -> tuple[int | None, int | None]:
    """Give the bytes in use and all bytes of a device; a CPU's are the machine's own."""
    if device.startswith("cuda"):
        # Whoever reads with a model elsewhere, or on a CPU, has no need of it.
        from reader.memory import cuda_memory  # noqa: PLC0415 - as said

        return cuda_memory(device)
    if device != "cpu":
        return None, None
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        facts = {name: int(rest.split()[0]) for name, rest in (one.split(":") for one in lines)}
        total = facts["MemTotal"] * _KIBIBYTE
        return total - facts["MemAvailable"] * _KIBIBYTE, total
    except (OSError, ValueError, KeyError, IndexError):
        return None, None
