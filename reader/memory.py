"""Running out of memory, as the project's own retriable error."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.errors import OutOfMemoryError


@contextmanager
def memory_errors(doing: str) -> Iterator[None]:
    """Turn an accelerator's or the host's lack of memory into `OutOfMemoryError`.

    Parameters
    ----------
    doing
        What is tried, for the error's text.

    Raises
    ------
    OutOfMemoryError
        If torch or Python found no memory. What the accelerator's allocator held in reserve is
        given back first, so that the next film finds it.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        _release()
        message = f"out of memory while {doing}"
        raise OutOfMemoryError(message) from error
    except RuntimeError as error:
        # The allocator of the host has no exception type of its own.
        if "can't allocate memory" not in str(error):
            raise
        message = f"out of memory while {doing}"
        raise OutOfMemoryError(message) from error


def cuda_memory(device: str) -> tuple[int | None, int | None]:
    """Give the bytes in use and all bytes of a CUDA device, whoever uses them.

    None for both where the driver does not tell; a report on memory is no reason to fail.
    """
    try:
        free, total = torch.cuda.mem_get_info(torch.device(device))
    except (RuntimeError, AssertionError, ValueError):
        return None, None
    return total - free, total


def _release() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
