"""Several films read together: their answers are decoded in one batch."""

from collections.abc import Callable, Iterator, Sequence

from core.errors import FirstReadError, OutOfMemoryError, UnparseableAnswerError
from core.reading import Reading
from reader.engines.film import Engine
from reader.film_look import FilmLook
from reader.one_reading import OneReading
from reader.wishes import Wish

Outcome = tuple[int, Reading | FirstReadError]


def read_together(
    engine: Engine,
    readings: Sequence[OneReading],
    begin: Callable[[int], FilmLook],
    on_stage: Callable[[str], None],
) -> Iterator[Outcome]:
    """Read films; where they do not go together, in halves, down to single ones.

    Parameters
    ----------
    engine
        The model.
    readings
        One per film, not yet begun.
    begin
        Puts a film, by its number, before the model's eyes.
    on_stage
        Called with each stage's name at its start.

    Yields
    ------
    (int, Reading or FirstReadError)
        Number of the film, and its reading or why there is none.
    """
    waiting = [list(range(len(readings)))] if readings else []
    while waiting:
        numbers = waiting.pop()
        try:
            ends = _all_or_none(engine, readings, numbers, begin, on_stage)
        except (OutOfMemoryError, UnparseableAnswerError) as error:
            # Too much for the memory, or one film's question is too long: whose, is found out.
            if len(numbers) == 1:
                yield numbers[0], error
            else:
                half = len(numbers) // 2
                waiting += [numbers[half:], numbers[:half]]
            continue
        except FirstReadError as error:
            # The engine is away, or the work was called off: that holds for all of them.
            yield from ((number, error) for number in numbers)
            continue
        yield from ends


def _all_or_none(
    engine: Engine,
    readings: Sequence[OneReading],
    numbers: Sequence[int],
    begin: Callable[[int], FilmLook],
    on_stage: Callable[[str], None],
) -> list[Outcome]:
    failed: dict[int, FirstReadError] = {}
    on_stage("encoding")
    looks = {number: begin(number) for number in numbers}
    for number, look in looks.items():
        readings[number].begin(look)

    def together(wishes: Sequence[tuple[int, Wish]]) -> None:
        questions = [looks[number].asked(wish) for number, wish in wishes]
        for place, answer in engine.answers(questions, looks[numbers[0]].on_text):
            number, wish = wishes[place]
            if number in failed:
                continue
            try:
                readings[number].hear(looks[number].reply(wish, answer))
            except OutOfMemoryError:
                raise
            except FirstReadError as error:
                failed[number] = error

    on_stage("report")
    together([(number, wish) for number in numbers for wish in readings[number].first()])
    on_stage("grounding")
    together(
        [
            (number, wish)
            for number in numbers
            if number not in failed
            for wish in readings[number].second()
        ]
    )
    return [
        (number, failed[number] if number in failed else readings[number].result())
        for number in numbers
    ]
