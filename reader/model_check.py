"""A model's card: what it is, what it may be used for, how fast and how large it is here."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import torch

from reader.families.family import Task
from reader.film_reader import FilmReader
from reader.hardware import choose_device
from reader.load import load_reader
from reader.self_test import drawn_chest, says, self_test
from reader.wishes import Wish

_T = TypeVar("_T")
_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Of `ru_maxrss`: bytes on macOS, kibibytes elsewhere."""
_NO_SPEED: Final = 2
"""Fewer tokens than these have no speed."""


def check_model(path: Path, *, device: str = "auto", dtype: str = "auto") -> dict[str, Any]:
    """Load a folder, test the model and give its card.

    Parameters
    ----------
    path
        The model's folder.
    device, dtype
        As in `reader.load.load_reader`.

    Returns
    -------
    dict
        Plain values: the identity's fields; `layout` (against what its loading was checked),
        `tasks` and `parameters`; `load_seconds`; `reading_seconds` (a whole reading of a drawn
        chest, after a first one that warmed everything up); `tokens_per_second` (of a report, one
        answer alone); `peak_memory_bytes` (what loading and reading added to the peak of the
        process on a CPU, which is 0 where the process had been larger before; the most that was
        allocated on CUDA); the fields of `SelfTest`, and `passed`.

    Raises
    ------
    ModelFolderError, SettingsError, OutOfMemoryError
        As `reader.load.load_reader` does.
    """
    chosen = choose_device(device)
    before = _begin(chosen)
    reader, load_seconds = _timed(lambda: load_reader(path, device=device, dtype=dtype))
    test = self_test(reader)
    _, reading_seconds = _timed(lambda: says(reader, drawn_chest()))
    speed = tokens_per_second(reader)
    family, identity = reader.family, reader.identity
    return {
        **asdict(identity),
        "labels": [label.value for label in identity.labels],
        "layout": family.layout,
        "tasks": [task.value for task in Task if task in family.tasks],
        "parameters": reader.parameters,
        "load_seconds": round(load_seconds, 3),
        "reading_seconds": round(reading_seconds, 3),
        "tokens_per_second": None if speed is None else round(speed, 1),
        "peak_memory_bytes": _peak(chosen) - before,
        **asdict(test),
        "passed": test.passed,
    }


def tokens_per_second(reader: FilmReader) -> float | None:
    """Measure how fast one answer is written, its first token aside; None for a shorter one."""
    times: list[float] = []

    def note(_text: str) -> None:
        times.append(time.perf_counter())

    list(reader.look(drawn_chest(), on_text=note).ask([Wish(Task.REPORT)]))
    if len(times) < _NO_SPEED or times[-1] <= times[0]:
        return None
    return (len(times) - 1) / (times[-1] - times[0])


def _timed(act: Callable[[], _T]) -> tuple[_T, float]:
    start = time.perf_counter()
    done = act()
    return done, time.perf_counter() - start


def _begin(device: torch.device) -> int:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return 0
    return _peak(device)


def _peak(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
