"""The answer to the question for everything at once: what is where.

RadVLM answers `This X-ray shows a X located at the coordinates [..] and [..]; an Y located at the
coordinates [..].`, or denies everything in one of its trained sentences. Boxes follow the rules of
`reader.parse_boxes`; a name is the one whole name before the brackets, by `reader.label_names`.
Words that name two things, deny or doubt before a box leave that box without a name: it is told
as unknown, and drawn nowhere.
"""

import re
from typing import Final

from core.errors import UnparseableAnswerError
from core.labels import Label
from core.reading import Box
from reader.answers import BoxesAnswer, DetectionAnswer
from reader.label_names import label_called
from reader.nothing_found import DENIAL, denies_everything
from reader.parse_boxes import brackets, parse_boxes
from reader.report_text import clean, sentences
from reader.sentence_cues import CUES, Cue
from reader.sentence_words import LABEL_WORDS
from reader.text_sense import check_not_stuck

_ITEM_START: Final = re.compile(r".*(?:;|[.!?]\s)\s*", re.DOTALL)
_JOINT: Final = re.compile(r"[\s,]*(?:and)?[\s,]*", re.IGNORECASE)
"""What stands between two boxes of the same finding."""
_POINTER: Final = re.compile(
    r"[\s,:(-]*(?:\b(?:is|are|can be)\s+)?(?:\b(?:located|seen|found|visible|situated|present)\s+)?"
    r"(?:\b(?:at|in|by|with)\b\s*)?(?:\bthe\s+)?(?:following\s+)?"
    r"(?:\b(?:coordinates?|locations?|positions?|bounding box(?:es)?)\b)?[\s:(]*$",
    re.IGNORECASE,
)
"""The words between a name and its boxes."""
_BEGINNING: Final = re.compile(
    r".*(?:[.:;,]|\b(?:an?|the|and|also|shows?|reveals?|displays?|includes?|is|are|has|with|of|see"
    r"|identified|detected|found|observed|visible|present|following)\b)",
    re.IGNORECASE | re.DOTALL,
)
"""All words before a name; greedy, so that what is left is the name alone."""
_DOUBTS: Final = tuple(pattern for kind, pattern in CUES if kind is Cue.DOUBT_ON)
_INTRODUCTION: Final = 300
"""Characters before a box in which its name is looked for; no trained answer has more."""
_SHOWN: Final = 40


def parse_detection(text: str) -> DetectionAnswer:
    """Give what an answer places, by label.

    Parameters
    ----------
    text
        The model's words.

    Returns
    -------
    DetectionAnswer
        Not understood where the answer is empty, runs in circles, places nothing and does not
        deny everything, or does both.
    """
    try:
        check_not_stuck(clean(text), "detection answer")
    except UnparseableAnswerError:
        return DetectionAnswer({}, understood=False)
    pieces: dict[Label, list[BoxesAnswer]] = {}
    unknown: list[str] = []
    for introduction, boxes in _groups(text):
        item = _ITEM_START.sub("", clean(introduction))
        label = _name(item)
        if label is None:
            unknown.append(" ".join(_POINTER.sub("", item).split())[:_SHOWN])
        else:
            pieces.setdefault(label, []).append(parse_boxes(boxes))
    nothing = any(denies_everything(sentence) for sentence in sentences(clean(text)))
    placed = bool(pieces or unknown)
    return DetectionAnswer(
        {} if nothing else {label: _joined(pieces[label]) for label in Label if label in pieces},
        () if nothing else tuple(unknown),
        understood=placed != nothing,
    )


def _groups(text: str) -> list[tuple[str, str]]:
    """Give each run of bracketed pieces with the words that come before it."""
    found: list[tuple[str, str]] = []
    last = 0
    for start, end in brackets(text):
        words = text[last:start]
        if found and _JOINT.fullmatch(words):
            found[-1] = (found[-1][0], f"{found[-1][1]} {text[start:end]}")
        else:
            found.append((words[-_INTRODUCTION:], text[start:end]))
        last = end
    return found


def _name(item: str) -> Label | None:
    """Give the label that the words before a box name; None where they do not name just one."""
    words = _POINTER.sub("", item)
    name = _BEGINNING.sub("", words)
    before = words[: len(words) - len(name)].lower()
    if DENIAL.search(before) or any(doubt.search(before) for doubt in _DOUBTS):
        return None
    if any(pattern.search(before) for pattern in LABEL_WORDS.values()):
        return None
    return label_called(name)


def _joined(answers: list[BoxesAnswer]) -> BoxesAnswer:
    boxes: dict[Box, None] = dict.fromkeys(box for answer in answers for box in answer.boxes)
    return BoxesAnswer(tuple(boxes), tuple(piece for answer in answers for piece in answer.dropped))
