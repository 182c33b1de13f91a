"""Whether the system's clock is kept in step with a time server."""

import ctypes
import ctypes.util
import sys

_STA_UNSYNC = 0x0040
"""`linux/timex.h`: the kernel's clock is not synchronised."""
_TIME_ERROR = 5
_TIMEX_BYTES = 208
_STATUS_OFFSET = 40


def clock_is_synchronised() -> bool | None:
    """Ask the kernel by adjtimex(2), which needs no privilege to read.

    Returns
    -------
    bool or None
        None where this system gives no answer.
    """
    name = ctypes.util.find_library("c") if sys.platform == "linux" else None
    if name is None or ctypes.sizeof(ctypes.c_long) != 8:  # noqa: PLR2004 - the 64-bit layout
        return None
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    state = ctypes.CDLL(name, use_errno=True).adjtimex(timex)
    if state < 0:
        return None
    status = ctypes.c_int.from_buffer(timex, _STATUS_OFFSET).value
    return state != _TIME_ERROR and not status & _STA_UNSYNC
