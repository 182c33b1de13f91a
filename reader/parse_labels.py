"""From the answer to the classification question to labels, or to an explicit failure.

The trained answers are a list behind a colon, or one of seven ways to say "nothing". Other words
are read by the sentence grammar. Only an answer that denies everything is negative: one that
denies a single finding, or is not understood, is no answer.
"""

import re
from typing import Final

from core.errors import UnparseableAnswerError
from core.labels import Label
from core.reading import Presence
from reader.answers import LabelsAnswer
from reader.label_names import label_called
from reader.nothing_found import DENIAL, denies_everything
from reader.report_text import clean, sentences
from reader.sentence_findings import statements
from reader.text_sense import check_not_stuck

_LISTING: Final = re.compile(
    r"\b(?:abnormalit(?:y|ies)|findings?|lesions?|present|includes?)\b", re.IGNORECASE
)
_HELD_BACK: Final = re.compile(
    r"\b(?:absent|excluded|ruled out|denied|negative|unlikely|likely|possibl[ye]|probabl[ye]"
    r"|potential|suspected|questionable|doubtful|uncertain|normal)\b",
    re.IGNORECASE,
)
"""A list behind such words is not of what is there."""
_JOINT: Final = re.compile(r",\s*and\s+|\s+and\s+|,\s*|;\s*", re.IGNORECASE)
_NO_FINDING: Final = {"no finding", "no findings"}
_SHOWN: Final = 40


def parse_labels(text: str) -> LabelsAnswer:
    """Give the labels that an answer lists.

    Parameters
    ----------
    text
        The model's words.

    Returns
    -------
    LabelsAnswer
        Empty only where the answer denies all abnormalities.

    Raises
    ------
    UnparseableAnswerError
        If the answer is empty, runs in circles, names nothing that is known and denies nothing,
        lists what it denies or doubts, or says of one label, or of all, both that it is there
        and that it is not.
    """
    plain = clean(text)
    check_not_stuck(plain, "classification answer")
    said: dict[Presence, set[Label]] = {presence: set() for presence in Presence}
    unknown: list[str] = []
    nothing = False
    for sentence in sentences(plain):
        head, colon, items = sentence.partition(":")
        if colon and items and _LISTING.search(head):
            if DENIAL.search(head) or _HELD_BACK.search(head):
                message = (
                    f"the classification answer lists what it does not state: {head[:_SHOWN]!r}"
                )
                raise UnparseableAnswerError(message)
            nothing |= _take_list(items, said[Presence.PRESENT], unknown)
            continue
        found = statements(sentence)
        for statement in found:
            said[statement.presence].add(statement.label)
        nothing |= not found and denies_everything(sentence)
    named = said[Presence.PRESENT] | said[Presence.UNCERTAIN]
    contradicts = said[Presence.PRESENT] & said[Presence.ABSENT] or (nothing and named)
    if contradicts or not (named or nothing) or (nothing and unknown):
        why = "contradicts itself" if contradicts else "names nothing that is known"
        message = f"the classification answer {why}: {plain[: 2 * _SHOWN]!r}"
        raise UnparseableAnswerError(message)
    return LabelsAnswer(
        labels=tuple(label for label in Label if label in said[Presence.PRESENT]),
        uncertain=tuple(
            label for label in Label if label in said[Presence.UNCERTAIN] - said[Presence.PRESENT]
        ),
        unknown=tuple(unknown),
    )


def _take_list(items: str, present: set[Label], unknown: list[str]) -> bool:
    """Sort a list's entries; True where its one entry says that there is nothing."""
    names = [name.strip(" .") for name in _JOINT.split(items)]
    if len(names) == 1 and names[0].lower() in _NO_FINDING:
        return True
    for name in names:
        label = label_called(name)
        if label is not None:
            present.add(label)
        elif name:
            unknown.append(name[:_SHOWN])
    return False
