"""Several turns about one film, as a reader at the light box asks them."""

# ruff: noqa: PLR2004 - the numbers are shares of what is asked

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.labels import Label
from training import questions
from training.records import FilmRecord, LabelledFinding
from training.wording import article, boxes_text, degree_of, draft, listing, sentence

Turn = tuple[str, str]


def _pick(wordings: Sequence[str], rng: np.random.Generator) -> str:
    return wordings[int(rng.integers(len(wordings)))]


def presence_answer(record: FilmRecord, label: Label) -> str:
    """Answer whether an abnormality is there."""
    found = record.finding(label)
    if found is None:
        return f"No, there is no {label.value}."
    stated = sentence(found)
    return f"Yes, {stated[0].lower()}{stated[1:]}"


def place_answer(found: LabelledFinding) -> str:
    """Answer where the abnormality just spoken of is."""
    if not found.boxes:
        return "I cannot say where."
    return f"It is located at the coordinates {boxes_text(found.boxes)} on the image."


def side_answer(found: LabelledFinding) -> str:
    """Answer on which side the abnormality just spoken of is."""
    if found.side == "bilateral":
        return "It is on both sides."
    return f"It is on the {found.side} side." if found.side else "It is in the midline."


def conversation_turns(
    record: FilmRecord, labels: Sequence[Label], rng: np.random.Generator
) -> list[Turn]:
    """Make a conversation of one turn to a dozen, each true of the film and so of those before it.

    Parameters
    ----------
    record
        The film.
    labels
        What may be asked about; those the film has not are denied.
    rng
        Draws what is asked and in which words.
    """
    spoken: list[Turn] = []
    if rng.random() < 0.3:
        spoken.append(_opening(record, rng))
    present = [found for found in record.findings if found.label in labels]
    absent = [label for label in labels if record.finding(label) is None]
    told: list[Label] = []
    for _ in range(int(rng.choice([1, 2, 3, 4], p=[0.35, 0.35, 0.2, 0.1]))):
        if present and (not absent or rng.random() < 0.6):
            found = present.pop(int(rng.integers(len(present))))
            told.append(found.label)
            spoken += _about(record, found, rng)
        elif absent:
            told.append(absent.pop(int(rng.integers(len(absent)))))
            spoken.append(_presence(record, told[-1], rng))
    if rng.random() < 0.2:
        spoken.append(_others(record, told, rng))
    if rng.random() < 0.2:
        # Asked once more, the answer is the same.
        spoken.append(_presence(record, told[int(rng.integers(len(told)))], rng))
    if rng.random() < 0.35:
        spoken.append((_pick(questions.IMPRESSION, rng), draft(record).impression))
    return spoken


def _presence(record: FilmRecord, label: Label, rng: np.random.Generator) -> Turn:
    asked = _pick(questions.PRESENCE, rng).format(article(label.value))
    return asked, presence_answer(record, label)


def _others(record: FilmRecord, told: Sequence[Label], rng: np.random.Generator) -> Turn:
    left = [article(found.label.value) for found in record.findings if found.label not in told]
    asked = _pick(questions.OTHERS, rng)
    if not left:
        return asked, "No, there are no other findings."
    return asked, f"Yes, the film also shows {listing(left)}."


def _opening(record: FilmRecord, rng: np.random.Generator) -> Turn:
    if record.view and rng.random() < 0.4:
        return (_pick(questions.VIEW, rng), f"This is {article(record.view)} view.")
    names = [article(found.label.value) for found in record.findings]
    if not names:
        return (_pick(questions.NORMAL, rng), "Yes, there are no findings on this Chest X-ray.")
    return (_pick(questions.NORMAL, rng), f"No, the film shows {listing(names)}.")


def _about(record: FilmRecord, found: LabelledFinding, rng: np.random.Generator) -> list[Turn]:
    spoken = [_presence(record, found.label, rng)]
    if found.boxes and rng.random() < 0.6:
        spoken.append((_pick(questions.PLACE, rng), place_answer(found)))
    if found.side and rng.random() < 0.35:
        spoken.append((_pick(questions.SIDE, rng), side_answer(found)))
    degree = degree_of(found)
    if degree and rng.random() < 0.3:
        spoken.append((_pick(questions.DEGREE, rng), f"It is {degree}."))
    return spoken
