"""Keeping freed memory for the next step instead of handing it back to the kernel.

A training step on a CPU allocates and frees the same large tensors again and again; with glibc's
defaults each of them is mapped and unmapped, and a third of the time goes to page faults.
"""

from __future__ import annotations

import ctypes
import platform
from typing import Final

# glibc's malloc.h.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_LARGEST: Final = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tell glibc to keep what is freed.

    Returns
    -------
    bool
        Whether the C library took it; another one than glibc is left as it is.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    return bool(
        library.mallopt(_MMAP_THRESHOLD, _LARGEST) and library.mallopt(_TRIM_THRESHOLD, _LARGEST)
    )
