"""Reads many phantoms, on all cores where the model is small and runs on the CPU."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import torch

from evaluation.film_result import FilmResult, film_result
from reader.protocol import Reader
from training.phantom import sample

_SMALL: Final = 100_000_000
"""A larger model would not fit beside itself, and uses all cores by itself."""
_WORTH_IT: Final = 40
"""Fewer films are read before another process has started."""


def film_results(reader: Reader, seed: int, count: int, difficulty: str) -> Iterator[FilmResult]:
    """Read films 0 to count - 1 of a series of phantoms.

    Parameters
    ----------
    reader
        The model.
    seed, count
        Which phantoms.
    difficulty
        Name in `training.phantom.DIFFICULTIES`.

    Yields
    ------
    FilmResult
        In the films' order, each as soon as it and those before it are done. The same whether
        one process reads them or several.
    """
    films = [(seed, index, difficulty) for index in range(count)]
    processes = _processes(reader, count)
    if processes == 1:
        for film in films:
            yield _result(reader, *film)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, _take_model, (reader,)) as pool:
        yield from pool.map(_result_here, films)


def _processes(reader: Reader, count: int) -> int:
    weights = reader.parameters
    small = reader.identity.device == "cpu" and weights is not None and weights < _SMALL
    return len(os.sched_getaffinity(0)) if small and count >= _WORTH_IT else 1


def _result(reader: Reader, seed: int, index: int, difficulty: str) -> FilmResult:
    return film_result(reader, sample(seed, index, difficulty=difficulty))


_HERE: list[Reader] = []
"""The one model of a process of the pool."""


def _take_model(reader: Reader) -> None:
    torch.set_num_threads(1)
    _HERE.append(reader)


def _result_here(film: tuple[int, int, str]) -> FilmResult:
    return _result(_HERE[0], *film)
