"""Greedy decoding of several answers at once, each row with a film and a length of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from transformers import LogitsProcessorList, RepetitionPenaltyLogitsProcessor

from reader.engines.graphs import Step, Steps
from reader.engines.local_model import LocalModel
from reader.engines.passes import run
from reader.engines.slots import Prefix

_AHEAD = 64
"""Slots that are made for an answer before it is known how long it becomes."""


@dataclass
class Row:
    """One answer in the making.

    Parameters
    ----------
    film
        What it begins with.
    asked
        Tokens of the question behind the film, at least one.
    room
        Most tokens that the answer may have.
    said
        The answer's tokens so far, its end among them.
    """

    film: Prefix
    asked: Sequence[int]
    room: int
    said: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Number of tokens that the model has seen or written."""
        return len(self.film) + len(self.asked) + len(self.said)


@torch.inference_mode()
def decode(model: LocalModel, steps: Steps, rows: Sequence[Row]) -> Iterator[tuple[int, bool]]:
    """Write all rows' answers, a token of each at a time.

    Parameters
    ----------
    model
        The loaded model.
    steps
        Gives buffers.
    rows
        What is to be answered; `said` is filled in place.

    Yields
    ------
    (int, bool)
        Number of the row that has one more token, and whether its answer is at its end.
    """
    choose = _Choice(model)
    alive = list(range(len(rows)))
    step = steps.of(rows[0].film, len(rows), _first_length(rows) + _AHEAD)
    for place, number in enumerate(alive):
        step.slots.load(place, rows[number].film)
    logits = _ask(model, step, rows)
    while True:
        chosen = choose(logits[: len(alive), -1], [rows[number] for number in alive])
        ended: list[int] = []
        for number, token in zip(alive, chosen, strict=True):
            row = rows[number]
            row.said.append(token)
            end = token in model.end_ids or len(row.said) >= row.room
            if end:
                ended.append(number)
            yield number, end
        left = [number for number in alive if number not in ended]
        if not left:
            return
        longest = max(rows[number].length for number in left)
        if ended or longest > step.slots.length:
            wanted = steps.of(rows[0].film, len(left), longest + _AHEAD)
            wanted.slots.take([alive.index(number) for number in left], step.slots)
            step, alive = wanted, left
        logits = step.run(*_last(model, step, [rows[number] for number in alive]))


def _first_length(rows: Sequence[Row]) -> int:
    """Give the slots that the questions' pass writes: every row's as long as the longest."""
    return max(len(row.film) for row in rows) + max(len(row.asked) for row in rows)


def _ask(model: LocalModel, step: Step, rows: Sequence[Row]) -> torch.Tensor:
    """Let the model see all questions in one pass; the logits behind each one's last token."""
    longest = max(len(row.asked) for row in rows)
    count = step.slots.rows
    tokens = torch.zeros(count, longest, dtype=torch.int64)
    places = torch.arange(longest).repeat(count, 1)
    last = torch.zeros(count, dtype=torch.int64)
    for place, row in enumerate(rows):
        # What lies behind a shorter question is overwritten by the answer before it is seen.
        tokens[place, : len(row.asked)] = torch.tensor(row.asked)
        places[place] += len(row.film)
        last[place] = len(row.asked) - 1
    logits = run(model, step.slots, tokens.to(model.device), places.to(model.device))
    return logits[torch.arange(count), last][:, None]


def _last(model: LocalModel, step: Step, rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the last token of each row and its place; spare rows repeat themselves at slot 0."""
    spare = step.slots.rows - len(rows)
    tokens = [row.said[-1] for row in rows] + [0] * spare
    places = [row.length - 1 for row in rows] + [0] * spare
    both = torch.tensor([tokens, places], device=model.device)
    return both[0, :, None], both[1, :, None]


class _Choice:
    """Chooses the likeliest tokens, as `generate` does without sampling."""

    def __init__(self, model: LocalModel) -> None:
        self._silent = torch.tensor(model.silent_ids, dtype=torch.int64, device=model.device)
        self._processors = LogitsProcessorList()
        if model.repetition_penalty != 1.0:
            self._processors.append(RepetitionPenaltyLogitsProcessor(model.repetition_penalty))

    def __call__(self, logits: torch.Tensor, rows: Sequence[Row]) -> list[int]:
        """Give a token for each row from its logits, [rows, vocabulary]."""
        scores = logits.float()
        if self._processors:
            scores = torch.cat(
                [
                    self._processors(self._seen(row, scores.device), score[None])
                    for row, score in zip(rows, scores, strict=True)
                ]
            )
        if len(self._silent):
            scores[:, self._silent] = -torch.inf
        tokens: list[int] = scores.argmax(-1).tolist()
        return tokens

    @staticmethod
    def _seen(row: Row, device: torch.device) -> torch.Tensor:
        return torch.tensor([[*row.film.ids, *row.asked, *row.said]], device=device)
