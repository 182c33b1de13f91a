"""Tells a worker that hangs from one that works."""

import structlog

from worker.pulse import Pulse

_log = structlog.get_logger()


class Watchdog:
    """Asked by the supervisor whether its worker must be ended.

    The desk gives a sign at each look for work and the model at each token, so a process that
    gives none hangs, whatever it waits for; its film goes back to the queue once the lease ends.

    Parameters
    ----------
    pulse
        Where the worker gives its signs.
    timeout_seconds
        The longest time without one. Loading the model is not counted.
    """

    def __init__(self, pulse: Pulse, timeout_seconds: float) -> None:
        self._pulse = pulse
        self._timeout_seconds = timeout_seconds

    def stuck(self, pid: int) -> bool:
        """Tell whether a process made no progress for too long."""
        silence = self._pulse.silence(pid)
        if silence <= self._timeout_seconds:
            return False
        _log.error("worker_hangs", pid=pid, silent_seconds=round(silence, 1))
        return True
