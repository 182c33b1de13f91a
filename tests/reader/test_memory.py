"""Every way of running out of memory is the project's own, retriable, error.

The errors are raised by hand where the tiny model would allocate: a test must not fill the host.
"""

import numpy as np
import pytest
import torch

from core.errors import OutOfMemoryError, RetriableError
from core.reading import new_reading_id
from reader.families.family import Task
from reader.film_reader import FilmReader
from reader.memory import memory_errors
from reader.wishes import Wish
from tests.reader.local import local_model

HOST = RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), MemoryError(), HOST])
def test_lack_of_memory_is_retriable(error: Exception) -> None:
    with (
        pytest.raises(OutOfMemoryError, match="out of memory while trying") as caught,
        memory_errors("trying"),
    ):
        raise error
    assert isinstance(caught.value, RetriableError)
    assert caught.value.__cause__ is error


def test_another_error_stays_what_it_is() -> None:
    error = RuntimeError("something else")
    with pytest.raises(RuntimeError, match="something else"), memory_errors("trying"):
        raise error


@pytest.mark.parametrize("where", ["get_image_features", "forward"])
def test_a_reading_without_memory_fails_and_the_next_one_goes_on(
    tiny_reader: FilmReader, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    film = np.zeros((40, 40), np.uint8)
    look = tiny_reader.look(film)
    before = list(look.ask([Wish(Task.REPORT)]))

    def fail(**_inputs: object) -> None:
        message = "CUDA out of memory"
        raise torch.OutOfMemoryError(message)

    with monkeypatch.context() as patched:
        patched.setattr(local_model(tiny_reader).model, where, fail)
        with pytest.raises(OutOfMemoryError):
            tiny_reader.read(film, reading_id=new_reading_id())
    assert list(look.ask([Wish(Task.REPORT)])) == before
