"""MedGemma's answers: thought before words, and boxes as JSON.

A box is `{"box_2d": [y0, x0, y1, x1], "label": "..."}` in thousandths of the padded square, in a
JSON list that closes the answer. Nothing is repaired, as in `reader.parse_boxes`.
"""

import json
import math
import re
from typing import Any, Final

from core.errors import UnparseableAnswerError
from core.reading import Box
from reader.answers import BoxesAnswer

_THOUGHT: Final = "<unused94>"
_THOUGHT_END: Final = "<unused95>"
_UNMARKED: Final = "thought\n"
"""How a thought begins where a tokenizer hides the marks of it: its end cannot be found then."""
_FENCED: Final = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
_FINAL: Final = re.compile(r"final answer:", re.IGNORECASE)
_EDGES: Final = 4
_WHOLE: Final = 1000
_SHOWN: Final = 60


def spoken(text: str) -> str:
    """Give the words that follow a thought, which is never shown.

    Raises
    ------
    UnparseableAnswerError
        If the thought has no end: then nothing was said.
    """
    thought, mark, words = text.rpartition(_THOUGHT_END)
    said = words if mark else thought + words
    if _THOUGHT in said or said.startswith(_UNMARKED):
        message = "the answer is a thought without an end"
        raise UnparseableAnswerError(message)
    return said


def boxes_of(text: str) -> BoxesAnswer:
    """Give the boxes of an answer to a grounding question, in fractions of the padded square.

    Parameters
    ----------
    text
        The model's words.

    Returns
    -------
    BoxesAnswer
        Each distinct valid box of the answer's last list once, in its order; and what is no
        valid box. Brackets in the reasoning before the list are not boxes. An answer without
        brackets after its thought gives neither.
    """
    try:
        words = spoken(text)
    except UnparseableAnswerError:
        return BoxesAnswer((), (text.strip()[:_SHOWN],))
    written = _last_list(words)
    if written is None:
        return BoxesAnswer(())
    try:
        entries = json.loads(written, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return BoxesAnswer((), (written[:_SHOWN],))
    boxes: dict[Box, None] = {}
    dropped: list[str] = []
    for entry in entries if isinstance(entries, list) else [entries]:
        box = _box(entry)
        if box is None:
            dropped.append(str(entry)[:_SHOWN])
        else:
            boxes[box] = None
    return BoxesAnswer(tuple(boxes), tuple(dropped))


def _last_list(words: str) -> str | None:
    """Find the answer's JSON: behind "Final Answer:", in the last fence, or as a whole."""
    final = _FINAL.split(words)[-1]
    fenced = _FENCED.findall(final)
    if fenced:
        return str(fenced[-1]).strip()
    bare = final.strip()
    return bare if "[" in bare or "{" in bare else None


def _box(entry: Any) -> Box | None:
    edges = entry.get("box_2d") if isinstance(entry, dict) else None
    if not (isinstance(edges, list) and len(edges) == _EDGES):
        return None
    if any(isinstance(edge, bool) or not isinstance(edge, int | float) for edge in edges):
        return None
    try:
        y0, x0, y1, x1 = (float(edge) / _WHOLE for edge in edges)
        return Box(x0, y0, x1, y1) if all(map(math.isfinite, (x0, y0, x1, y1))) else None
    except (ValueError, OverflowError):
        return None


def _refuse(constant: str) -> float:
    message = f"{constant} is no JSON"
    raise ValueError(message)
