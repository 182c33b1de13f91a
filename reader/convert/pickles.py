"""Tensors out of a pickle, and nothing else: no code of the file is ever run.

Only the converter reads pickles. `torch` reads them with its own restricted reader first; a
training checkpoint may hold other objects beside its weights, which that reader refuses. Then
every object that is no tensor is taken for an empty one.
"""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from core.errors import ModelFolderError

_REASON_LENGTH: Final = 200


class _Nothing:
    """Stands for an object of an unknown class; whatever is done to it has no effect."""

    def __init__(self, *_args: Any, **_named: Any) -> None:
        pass

    def __setstate__(self, _state: Any) -> None:
        pass

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def __call__(self, *_args: Any, **_named: Any) -> "_Nothing":
        return self

    def append(self, _value: Any) -> None:
        """Take a value and forget it."""

    def extend(self, _values: Any) -> None:
        """Take values and forget them."""


_KNOWN: Final[Mapping[tuple[str, str], Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,  # noqa: SLF001 - what a tensor's pickle calls
    ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,  # noqa: SLF001 - as above
}


class _Unpickler(pickle.Unpickler):
    """Knows tensors and the dictionaries that hold them."""

    def find_class(self, module: str, name: str) -> Any:
        return _KNOWN.get((module, name), _Nothing)


_TENSORS_ONLY: Final = ModuleType("tensors_only")
_TENSORS_ONLY.Unpickler = _Unpickler  # type: ignore[attr-defined] # torch.load wants a module
_TENSORS_ONLY.load = pickle.load  # type: ignore[attr-defined] # never called for zipped files


def read_tensors(path: Path, *, under: str | None = None) -> dict[str, torch.Tensor]:
    """Read the tensors of a file, on the CPU.

    Parameters
    ----------
    path
        A `.safetensors` file, or a zipped pickle of `torch.save`.
    under
        The entry that holds them; None where they are the file's own.

    Raises
    ------
    ModelFolderError
        If it cannot be read, or holds anything but named tensors there.
    """
    try:
        values = load_file(path) if path.suffix == ".safetensors" else _unpickled(path)
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, SafetensorError) as error:
        raise _refused(path, error) from error
    if under is not None:
        values = values.get(under) if isinstance(values, Mapping) else None
    if not isinstance(values, Mapping) or not values:
        message = f"{path} holds no tensors" + (f" under {under!r}" if under else "")
        raise ModelFolderError(message)
    strange = [name for name, value in values.items() if not isinstance(value, torch.Tensor)]
    if strange:
        message = f"{path}: {strange[0]} is no tensor"
        raise ModelFolderError(message)
    return {str(name): value.detach() for name, value in values.items()}


def _unpickled(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError:
        # The reader above found something else beside tensors.
        return _without_objects(path)


def _without_objects(path: Path) -> Any:
    try:
        return torch.load(
            path, map_location="cpu", weights_only=False, mmap=True, pickle_module=_TENSORS_ONLY
        )
    except (pickle.UnpicklingError, TypeError, AttributeError, IndexError) as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> ModelFolderError:
    reason = " ".join(str(error).split())[:_REASON_LENGTH]
    return ModelFolderError(f"{path} cannot be read: {reason}")
