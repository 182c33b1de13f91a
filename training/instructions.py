r"""RadVLM's task mix as instruction data, from phantoms or from a site's own labelled films.

The format is LLaVA's: one JSON list of
``{"id", "image", "conversations": [{"from": "human", "value": "<image>\n..."}, {"from": "gpt",
"value": "..."}, ...]}``, the image named on the first turn only. Source: RadVLM
(arXiv:2502.03333), sections on the instruction data.

Run as a module, it turns a site's films into such a file::

    python -m training.instructions --films films.jsonl --out instructions.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.labels import Label
from core.reading import Box
from reader import prompts
from training import questions
from training.dialogues import conversation_turns
from training.records import FilmRecord, read_records
from training.wording import article, boxes_text, draft, report_text, sentence

Turn = tuple[str, str]


class Task(StrEnum):
    """What a model is asked for."""

    REPORT = "report"
    CLASSIFICATION = "classification"
    ABNORMALITY = "abnormality grounding"
    ANATOMY = "anatomy grounding"
    PHRASE = "phrase grounding"
    DETECTION = "detection"
    CONVERSATION = "conversation"


@dataclass(frozen=True)
class Style:
    """How freely questions are worded.

    Parameters
    ----------
    variety
        Share of questions that are not in the canonical words, in [0, 1].
    labels
        Labels that the films were read for: what may be asked about and denied.

    Raises
    ------
    ValueError
        If the share is none, or there is no label.
    """

    variety: float
    labels: tuple[Label, ...]

    def __post_init__(self) -> None:
        """Check both."""
        if not 0 <= self.variety <= 1:
            message = f"variety must lie in [0, 1], not {self.variety!r}"
            raise ValueError(message)
        if not self.labels:
            message = "instructions need at least one label"
            raise ValueError(message)

    def ask(self, wordings: Sequence[str], rng: np.random.Generator) -> str:
        """Draw a wording, mostly the first."""
        if len(wordings) > 1 and rng.random() < self.variety:
            return wordings[int(rng.integers(1, len(wordings)))]
        return wordings[0]


def classification_answer(record: FilmRecord) -> str:
    """List the film's abnormalities, in the order of `core.labels.Label`, or deny them all."""
    present = [label for label in Label if record.finding(label) is not None]
    if not present:
        return "There are no findings on this Chest X-ray."
    wordings = prompts.classification_answers([label.value for label in present])
    return next(words for words in wordings if " present: " in words)


def grounding_answer(name: str, boxes: Sequence[Box]) -> str:
    """Say where something is."""
    return f"The {name} is located at the coordinates {boxes_text(boxes)} on the image."


def detection_answer(record: FilmRecord) -> str:
    """Say what and where everything is."""
    placed = [found for found in record.findings if found.boxes]
    placed.sort(key=lambda found: found.label)
    if not placed:
        return "There are no findings on this Chest X-ray."
    items = [
        f"{article(found.label.value)} located at the coordinates {boxes_text(found.boxes)}"
        for found in placed
    ]
    return f"This X-ray shows {'; '.join(items)}."


def _report(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    return [(style.ask(questions.REPORT, rng), report_text(draft(record)))]


def _classification(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    return [(style.ask(questions.CLASSIFICATION, rng), classification_answer(record))]


def _abnormality(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    placed = [found for found in record.findings if found.boxes]
    if not placed:
        return []
    found = placed[int(rng.integers(len(placed)))]
    name = found.label.value
    question = style.ask(questions.GROUNDING, rng).format(name)
    return [(question, grounding_answer(name, found.boxes))]


def _anatomy(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    if not record.regions:
        return []
    names = list(record.regions)
    name = names[int(rng.integers(len(names)))]
    question = style.ask(questions.GROUNDING, rng).format(name)
    return [(question, grounding_answer(name, [record.regions[name]]))]


def _phrase(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    phrases = [(phrase.text, phrase.boxes) for phrase in record.phrases if phrase.boxes]
    if record.report is None:
        phrases += [(sentence(found), found.boxes) for found in record.findings if found.boxes]
    if not phrases:
        return []
    text, boxes = phrases[int(rng.integers(len(phrases)))]
    question = style.ask(questions.PHRASE, rng).format(text)
    return [(question, f"It is located at the coordinates {boxes_text(boxes)} on the image.")]


def _detection(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    if any(not found.boxes for found in record.findings):
        return []
    return [(style.ask(questions.DETECTION, rng), detection_answer(record))]


def _conversation(record: FilmRecord, style: Style, rng: np.random.Generator) -> list[Turn]:
    return conversation_turns(record, style.labels, rng)


_TASKS: Final[dict[Task, Callable[[FilmRecord, Style, np.random.Generator], list[Turn]]]] = {
    Task.REPORT: _report,
    Task.CLASSIFICATION: _classification,
    Task.ABNORMALITY: _abnormality,
    Task.ANATOMY: _anatomy,
    Task.PHRASE: _phrase,
    Task.DETECTION: _detection,
    Task.CONVERSATION: _conversation,
}


def turns(record: FilmRecord, task: Task, style: Style, rng: np.random.Generator) -> list[Turn]:
    """Make one conversation of a task.

    Parameters
    ----------
    record
        The film.
    task
        What is asked for.
    style
        How freely.
    rng
        Draws wordings and what is asked about.

    Returns
    -------
    list of (question, answer)
        Empty where the film gives nothing for the task, as grounding on a normal film.
    """
    return _TASKS[task](record, style, rng)


def instruction(record: FilmRecord, spoken: Sequence[Turn], name: str) -> dict[str, Any]:
    """Write a conversation in LLaVA's format.

    Parameters
    ----------
    record
        The film.
    spoken
        At least one question with its answer.
    name
        Id of the sample.

    Raises
    ------
    ValueError
        If nothing is spoken.
    """
    if not spoken:
        message = f"sample {name} has no turn"
        raise ValueError(message)
    messages: list[dict[str, str]] = []
    for question, answer in spoken:
        start = "" if messages else f"{prompts.IMAGE_TOKEN}\n"
        messages.append({"from": "human", "value": f"{start}{question}"})
        messages.append({"from": "gpt", "value": answer})
    return {"id": name, "image": record.image, "conversations": messages}


def instructions(record: FilmRecord, style: Style, seed: int) -> list[dict[str, Any]]:
    """Make one sample of each task that a film has something for.

    Parameters
    ----------
    record
        The film.
    style
        How freely questions are worded.
    seed
        Source of what is drawn.
    """
    rng = np.random.default_rng(seed)
    made = [(task, turns(record, task, style, rng)) for task in Task]
    return [
        instruction(record, spoken, f"{record.id}-{task.name.lower()}")
        for task, spoken in made
        if spoken
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Turn a site's labelled films into a file of instructions."""
    parser = argparse.ArgumentParser(description="Make instruction data from labelled films.")
    parser.add_argument("--films", type=Path, required=True, help="JSON lines, one film a line")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    parser.add_argument("--variety", type=float, default=0.7, help="share of free wordings")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    style = Style(chosen.variety, tuple(Label))
    samples = [
        sample
        for number, record in enumerate(read_records(chosen.films))
        for sample in instructions(record, style, chosen.seed + number)
    ]
    chosen.out.write_text(json.dumps(samples, indent=1) + "\n", encoding="utf-8")
    print(f"{len(samples)} samples in {chosen.out}")


if __name__ == "__main__":
    main()
