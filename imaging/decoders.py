"""Decodes compressed films in processes that may die, under limits of memory and time.

A codec that crashes, never ends or asks for all memory costs that one film: its process is gone
or stopped, and the next film finds another one. The processes inherit no socket and no secret,
and end with the one that started them, however that ends (`imaging.decode_child`).
"""

import atexit
import functools
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from core.errors import OutOfMemoryError, UnreadableObjectError
from imaging.bits import Cells
from imaging.decode_limits import DecodeLimits
from imaging.decoder_process import (
    COMMAND,
    DecoderDiedError,
    DecoderKilledError,
    DecoderProcess,
)
from imaging.layout import Layout

_log = structlog.get_logger()
_AT_A_TIME: Final = 2
_MEGA: Final = 1 << 20


class Decoders:
    """Some decoding processes, kept warm; for any number of threads.

    Parameters
    ----------
    limits
        What one film may cost.
    at_a_time
        How many films are decoded at a time; further threads wait for their turn.
    command
        How a process is started.
    """

    def __init__(
        self,
        limits: DecodeLimits | None = None,
        *,
        at_a_time: int = _AT_A_TIME,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._limits = limits or DecodeLimits()
        self._command = tuple(command)
        self._turns = threading.BoundedSemaphore(at_a_time)
        self._idle: list[DecoderProcess] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def decode(self, path: Path, layout: Layout, *, maximum_pixels: int) -> Cells:
        """Decode all pixels of a file in a compressed transfer syntax.

        Parameters
        ----------
        path
            A DICOM file.
        layout
            What its header says of its pixels.
        maximum_pixels
            Most pixels, over all frames, that are decoded.

        Returns
        -------
        numpy.ndarray
            Stored values as `imaging.decode.Decoded` has them.

        Raises
        ------
        UnreadableObjectError
            If they cannot be decoded, or not within the limits, or the codec crashed.
        OutOfMemoryError
            If the process was killed from outside, as a host does when memory runs out.
        OSError
            If the file cannot be read, or no process can be started.
        """
        limits = self._limits
        request = {
            "path": str(path.absolute()),
            "maximum_pixels": maximum_pixels,
            "memory": limits.memory,
            "processor_seconds": limits.processor_seconds(layout.pixels),
            "clock_seconds": limits.clock_seconds(layout.pixels),
        }
        with self._turns:
            answer = self._ask(request, layout)
        if isinstance(answer, dict):
            raise self._error(answer)
        return answer

    def _ask(self, request: dict[str, Any], layout: Layout) -> Cells | dict[str, Any]:
        process = self._take()
        try:
            # A little longer than it gives itself: its own end tells more than ours.
            answer = process.ask(request, request["clock_seconds"] + 1.0, layout.shape)
        except DecoderDiedError as error:
            _log.warning("decoder_died", pid=process.pid, reason=str(error))
            message = f"pixels cannot be decoded: the decoder {error}"
            killed = isinstance(error, DecoderKilledError)
            raise (OutOfMemoryError if killed else UnreadableObjectError)(message) from error
        with self._lock:
            self._idle.append(process)
        return answer

    def _take(self) -> DecoderProcess:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
                process.end()
        return DecoderProcess(self._command)

    def _error(self, answer: dict[str, Any]) -> Exception:
        text = str(answer.get("text", ""))
        if answer["error"] == "memory":
            text = f"pixels need more than {self._limits.memory // _MEGA} MiB to be decoded"
        return OSError(text) if answer["error"] == "file" else UnreadableObjectError(text)

    def close(self) -> None:
        """End the waiting processes; does nothing in a fork of the process that started them."""
        if self._owner != os.getpid():
            return
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()


def shared_decoders() -> Decoders:
    """Give this process' own decoders, made when they are first asked for.

    Processes, like the accelerator, are the machine's and not a caller's: whoever decodes in this
    process shares them. After a fork there are others.
    """
    return _decoders_of(os.getpid())


@functools.cache
def _decoders_of(_pid: int) -> Decoders:
    decoders = Decoders()
    atexit.register(decoders.close)
    return decoders
