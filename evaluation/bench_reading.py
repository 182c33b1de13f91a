"""A whole reading, against the same questions asked one by one as the publishers do.

    python -m evaluation.bench_reading --model demo --device cpu --json
    python -m evaluation.bench_reading --shape radvlm-7b --device cuda --json

A reading is the report, the list of abnormalities with a score for each label, the places of six
findings (all of which are on each film) and of each sentence that states or doubts something. The
published way has no scores: it is asked the other questions only. Both ways see the same films in
turn; the figures are medians of the films, after one that does not count. With random weights no
answer ends by itself: each is as long as `--tokens` says, and six sentences stand for the
report's.

The last line is one JSON object:

- `ours_s`, `published_s`, `ratio`: seconds of a reading, and how often ours fits into theirs.
- `same_tokens`: whether all answers of all films were the same words; `same_answers` their share.
- `first_flag_s`: until the list of abnormalities has its scores.
- `decode_tokens_per_s`: one answer alone, without its film's encoding; `bound_tokens_per_s`: what
  reading weights and cache once per token would allow at the copy bandwidth measured here, and
  `share_of_bound`.
- `films_per_minute`: by the number of films read together, and the best of them.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from core.errors import OutOfMemoryError, SettingsError
from core.labels import Label
from evaluation.film_result import rendered
from evaluation.model_shapes import SHAPES, shaped_model
from evaluation.published_way import PublishedWay
from reader.engines.film import Asked
from reader.engines.local import LocalEngine, LocalFilm
from reader.families.family import Family, Task
from reader.families.radvlm import RADVLM
from reader.hardware import choose_device, choose_dtype
from reader.label_scores import label_scores
from reader.load import load_reader
from reader.model_folder import DEMO_MODEL
from reader.picture import rgb
from reader.report_text import clean, sections
from reader.sentence_ties import sentences_to_place
from training.phantom import sample

_SEED: Final = 31_337
_LOCATED: Final = (
    Label.CARDIOMEGALY,
    Label.CONSOLIDATION,
    Label.EDEMA,
    Label.FRACTURE,
    Label.PLEURAL_EFFUSION,
    Label.PNEUMOTHORAX,
)
_STOCK: Final = tuple(f"There is a small {name} in the left lung." for name in _LOCATED)
_COPY: Final = 1 << 28

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Bench:
    """A model and how it is asked.

    Parameters
    ----------
    engine
        The model.
    family
        Its words.
    talks
        Whether its answers are words; random weights' are not.
    """

    engine: LocalEngine
    family: Family
    talks: bool

    def asked(self, task: Task, subject: str = "") -> Asked:
        """Give a question."""
        question = self.family.question(task, subject)
        return Asked((), question, self.family.prompt((), question))

    def first(self) -> list[Asked]:
        """Give the questions that depend on nothing."""
        return [self.asked(Task.CLASSIFICATION), self.asked(Task.REPORT)]

    def second(self, report: str) -> list[Asked]:
        """Give the questions for places."""
        said = sentences_to_place(sections(clean(report))) if self.talks else _STOCK
        named = [self.asked(Task.ABNORMALITY, label.value) for label in _LOCATED]
        return named + [self.asked(Task.PHRASE, sentence) for sentence in said]

    def read(self, films: Sequence[Picture]) -> tuple[list[list[str]], float]:
        """Read films together; each one's answers, and seconds until the first flags."""
        begun = time.perf_counter()
        seen = [self.engine.film(rgb(film)) for film in films]
        flagged: list[float] = []

        def scored(film: LocalFilm, listed: str) -> None:
            names = self.family.parse_labels(listed).labels if self.talks else ()
            label_scores(
                names,
                tuple(Label),
                self.family.label_answers,
                partial(film.log_probabilities, self.asked(Task.CLASSIFICATION)),
            )
            flagged.append(time.perf_counter() - begun)

        first = self._ask(seen, [self.first() for _ in seen], scored)
        second = self._ask(seen, [self.second(answers[1]) for answers in first])
        return [a + b for a, b in zip(first, second, strict=True)], flagged[0]

    def _ask(
        self,
        films: Sequence[LocalFilm],
        asked: Sequence[Sequence[Asked]],
        on_list: Callable[[LocalFilm, str], None] | None = None,
    ) -> list[list[str]]:
        places = [(row, column) for row, some in enumerate(asked) for column in range(len(some))]
        given: list[list[str]] = [[""] * len(some) for some in asked]
        questions = [(films[row], asked[row][column]) for row, column in places]
        for number, answer in self.engine.answers(questions, lambda _text: None):
            row, column = places[number]
            given[row][column] = answer.text
            if on_list is not None and column == 0:
                on_list(films[row], answer.text)
        return given


def bench(made: Bench, films: Sequence[Picture], batches: Sequence[int]) -> dict[str, Any]:
    """Measure a model; see the module."""
    published = PublishedWay(made.engine.model, made.engine.maximum_new_tokens)
    ours, theirs, flags, same = [], [], [], []
    for number, film in enumerate(films):
        (mine,), seconds, flagged = _timed(made, film)
        begun = time.perf_counter()
        report = published.answer(film, made.first()[1])
        said = [published.answer(film, made.first()[0]), report]
        said += [published.answer(film, asked) for asked in made.second(report)]
        taken = time.perf_counter() - begun
        if number:
            ours.append(seconds)
            theirs.append(taken)
            flags.append(flagged)
            same += [a == b for a, b in zip(mine, said, strict=len(mine) == len(said))]
    rate = {size: _films_per_minute(made, films[0], size) for size in batches}
    speed, bound = _decoding(made, films[0])
    return {
        "films": len(ours),
        "questions": len(same) // max(1, len(ours)),
        "ours_s": round(statistics.median(ours), 4),
        "published_s": round(statistics.median(theirs), 4),
        "ratio": round(statistics.median(theirs) / statistics.median(ours), 2),
        "same_tokens": all(same),
        "same_answers": round(sum(same) / len(same), 4),
        "first_flag_s": round(statistics.median(flags), 4),
        "decode_tokens_per_s": round(speed, 1),
        "bound_tokens_per_s": round(bound, 1),
        "share_of_bound": round(speed / bound, 3),
        "films_per_minute": {str(size): round(value, 1) for size, value in rate.items()},
        "best_films_per_minute": round(max(rate.values()), 1),
    }


def _timed(made: Bench, film: Picture) -> tuple[list[list[str]], float, float]:
    begun = time.perf_counter()
    answers, flagged = made.read([film])
    return answers, time.perf_counter() - begun, flagged


def _films_per_minute(made: Bench, film: Picture, size: int) -> float:
    try:
        made.read([film] * size)  # so that nothing is prepared within the measured time
        begun = time.perf_counter()
        made.read([film] * size)
    except OutOfMemoryError:
        return 0.0
    return 60 * size / (time.perf_counter() - begun)


def _decoding(made: Bench, film: Picture) -> tuple[float, float]:
    """Give tokens per second of one answer alone, and what the memory's bandwidth allows."""
    engine = made.engine
    model = engine.model
    seen = engine.film(rgb(film))
    asked = made.asked(Task.REPORT)
    endless = LocalEngine(_endless(model), 96)
    taken = []
    for longest in (32, 96):
        some = LocalEngine(endless.model, longest)
        list(some.answers([(seen, asked)], lambda _text: None))
        begun = time.perf_counter()
        list(some.answers([(seen, asked)], lambda _text: None))
        taken.append(time.perf_counter() - begun)
    speed = (96 - 32) / (taken[1] - taken[0])
    text = model.model.model.language_model
    weights = sum(w.numel() * w.element_size() for w in text.layers.parameters())
    head = model.model.lm_head.weight
    prefix = seen.prefix(asked.prompt.before)
    cache = sum(part.numel() * part.element_size() for layer in prefix.layers for part in layer)
    moved = weights + head.numel() * head.element_size() + cache
    return speed, _copy_bandwidth(model.device) / moved


def _endless(model: Any) -> Any:
    return replace(model, end_ids=frozenset())


def _copy_bandwidth(device: torch.device) -> float:
    """Give bytes per second that a copy reads and writes."""
    source = torch.zeros(_COPY, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(5):
        _wait(device)
        begun = time.perf_counter()
        target.copy_(source)
        _wait(device)
        best = max(best, 2 * _COPY / (time.perf_counter() - begun))
    return best


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time a whole reading.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", default="demo", help="demo, or a model's folder")
    which.add_argument("--shape", choices=SHAPES, help="random weights of a real shape")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--films", type=int, default=5)
    parser.add_argument("--side", type=int, default=1024, help="films' side with --shape, pixels")
    parser.add_argument("--tokens", type=int, default=48, help="length of answers with --shape")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    chosen = parser.parse_args(arguments)
    device = choose_device(chosen.device)
    if chosen.shape:
        model = shaped_model(chosen.shape, device, choose_dtype(chosen.dtype, device))
        made = Bench(LocalEngine(model, chosen.tokens), RADVLM, talks=False)
        draw = np.random.default_rng(_SEED)
        shape = (chosen.side, chosen.side)
        films = [draw.integers(0, 255, shape, np.uint8) for _ in range(chosen.films + 1)]
    else:
        folder = DEMO_MODEL if chosen.model == "demo" else Path(chosen.model)
        reader = load_reader(folder, device=chosen.device, dtype=chosen.dtype)
        if not isinstance(reader.engine, LocalEngine) or reader.family.key != RADVLM.key:
            message = f"the published way is that of RadVLM, not of {reader.family.key}"
            raise SettingsError(message)
        made = Bench(reader.engine, reader.family, talks=True)
        films = [
            rendered(sample(_SEED, number, findings=tuple(label.value for label in _LOCATED)))
            for number in range(chosen.films + 1)
        ]
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    head = {"model": chosen.shape or chosen.model, "device": name, "torch": torch.__version__}
    values = head | bench(made, films, chosen.batches)
    if not chosen.json:
        for key, value in values.items():
            print(f"{key}: {value}")
    print(json.dumps(values))


if __name__ == "__main__":
    main()
