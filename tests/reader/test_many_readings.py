"""Films read together: the same readings as one by one, each with its own end.

Runs the demonstration model. What a batch costs is `evaluation.bench_reading`'s.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch

from core.errors import EngineAwayError, OutOfMemoryError, UnparseableAnswerError
from core.reading import NOTHING_GIVEN, Flag, Given, Reading
from evaluation.film_result import rendered
from reader.engines.local import LocalEngine
from reader.families.family import Task
from reader.families.radvlm import RadvlmFamily
from reader.film_reader import FilmReader
from reader.load import load_reader
from reader.parse_labels import parse_labels
from reader.protocol import FilmToRead
from training.phantom import sample


@pytest.fixture(scope="module")
def reader() -> FilmReader:
    return load_reader(device="cpu")


@pytest.fixture(scope="module")
def films() -> list[npt.NDArray[np.uint8]]:
    return [rendered(sample(411, number)) for number in range(4)]


def same(one: Reading, other: Reading) -> bool:
    def without_time(reading: Reading) -> Reading:
        flags = tuple(replace(flag, score=None) for flag in reading.flags)
        found = tuple(replace(item, score=None) for item in reading.findings)
        return replace(reading, timings={}, flags=flags, findings=found)

    close = [
        (flag.score, twin.score)
        for flag, twin in zip(one.flags, other.flags, strict=True)
        if flag.score is not None
    ]
    return without_time(one) == without_time(other) and all(
        twin == pytest.approx(score, abs=1e-4) for score, twin in close
    )


def test_together_as_one_by_one(reader: FilmReader, films: list[npt.NDArray[np.uint8]]) -> None:
    told: list[tuple[int, tuple[Flag, ...]]] = []

    def noting(number: int) -> Callable[[tuple[Flag, ...]], None]:
        return lambda flags: told.append((number, flags))

    wanted = [
        FilmToRead(film, f"r{number}", on_flags=noting(number)) for number, film in enumerate(films)
    ]
    given = dict(reader.read_many(wanted))
    alone = [reader.read(film, reading_id=f"r{number}") for number, film in enumerate(films)]
    for number, reading in enumerate(alone):
        outcome = given[number]
        assert isinstance(outcome, Reading)
        assert same(outcome, reading)
    assert sorted(number for number, _ in told) == [0, 1, 2, 3]
    assert all(len(flags) == len(reader.identity.labels) for _, flags in told)


def test_no_film_at_all(reader: FilmReader) -> None:
    assert list(reader.read_many([])) == []


def test_one_films_nonsense_is_no_other_films(
    reader: FilmReader, films: list[npt.NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = 0

    def second_is_nonsense(_family: object, text: str) -> object:
        nonlocal heard
        heard += 1
        if heard == 2:
            message = "babble"
            raise UnparseableAnswerError(message)
        return parse_labels(text)

    monkeypatch.setattr(type(reader.family), "parse_labels", second_is_nonsense)
    given = dict(reader.read_many([FilmToRead(film, "r") for film in films[:3]]))
    refused = [outcome for outcome in given.values() if not isinstance(outcome, Reading)]
    assert [str(error) for error in refused] == ["babble"]
    assert len(given) == 3


def test_where_memory_is_short_the_films_are_divided(
    reader: FilmReader, films: list[npt.NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch of more than one film's questions runs out of memory, and one film does always."""
    engine = reader.engine
    assert isinstance(engine, LocalEngine)
    forward = engine.model.model.forward
    poisoned = engine.model.image_tensors
    sizes: list[int] = []

    def short(**inputs: torch.Tensor) -> object:
        tokens = inputs.get("input_ids")
        if tokens is not None:
            sizes.append(len(tokens))
            if len(tokens) > 12:
                message = "CUDA out of memory"
                raise torch.OutOfMemoryError(message)
        return forward(**inputs)

    def too_large(image: object) -> object:
        if image.size == (999, 999):  # type: ignore[attr-defined]  # a PIL image
            raise MemoryError
        return poisoned(image)  # type: ignore[arg-type]  # a PIL image

    monkeypatch.setattr(engine.model.model, "forward", short)
    monkeypatch.setitem(vars(engine.model), "image_tensors", too_large)
    told: list[tuple[Flag, ...]] = []
    wanted = [FilmToRead(film, "r", on_flags=told.append) for film in films]
    wanted.insert(1, FilmToRead(np.zeros((999, 999), np.uint8), "huge"))
    given = dict(reader.read_many(wanted))
    assert isinstance(given[1], OutOfMemoryError)
    assert sum(isinstance(outcome, Reading) for outcome in given.values()) == 4
    assert len(told) == 4


def test_a_question_too_long_for_the_model_ends_its_own_film_only(
    reader: FilmReader, films: list[npt.NDArray[np.uint8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    question = type(reader.family).question

    def endless(
        family: RadvlmFamily, task: Task, subject: str = "", given: Given = NOTHING_GIVEN
    ) -> str:
        return question(family, task, subject, given) + (
            " and why" * 2000 if given.indication == "long" else ""
        )

    monkeypatch.setattr(type(reader.family), "question", endless)
    monkeypatch.setattr(type(reader.family), "uses", lambda _family, given: given)
    wanted = [FilmToRead(film, "r") for film in films[:3]]
    wanted[1] = replace(wanted[1], given=Given(indication="long"))
    given = dict(reader.read_many(wanted))
    assert isinstance(given[1], UnparseableAnswerError)
    assert isinstance(given[0], Reading)
    assert isinstance(given[2], Reading)


def test_what_calls_a_reading_off_ends_all_of_them(
    reader: FilmReader, films: list[npt.NDArray[np.uint8]]
) -> None:
    def called_off(_stage: str) -> None:
        message = "told to stop"
        raise EngineAwayError(message)

    given = dict(reader.read_many([FilmToRead(film, "r") for film in films[:2]], called_off))
    assert [str(given[number]) for number in (0, 1)] == ["told to stop", "told to stop"]
