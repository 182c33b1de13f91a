"""Which device, which arithmetic."""

from typing import Final

import torch

from core.errors import SettingsError

_DTYPES: Final = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


def choose_device(name: str) -> torch.device:
    """Give the device that a setting names; `auto` takes CUDA where there is one.

    Raises
    ------
    SettingsError
        If torch knows no such device, or this machine has none.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        message = f"device {name!r} cannot be used: {str(error).splitlines()[0]}"
        raise SettingsError(message) from error
    return device


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """Give the arithmetic that a setting names.

    `auto` is half precision on CUDA, as RadVLM was published with, and single precision on a CPU,
    which computes halves slowly.

    Raises
    ------
    SettingsError
        If there is no such arithmetic.
    """
    if name == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    if name not in _DTYPES:
        message = f"dtype {name!r} is none of auto, {', '.join(_DTYPES)}"
        raise SettingsError(message)
    return _DTYPES[name]
