"""Two thousand malformed answers through every parser, and floods of text against the clock.

Answers are built from what models write when they go wrong: numbers reversed, out of range, not
finite, too few or too many; nested, torn and foreign brackets; other languages and digits; markup;
control characters; ends in the middle of a number. Held: nothing but `UnparseableAnswerError` comes
out, no box is ever invented, and time grows with the length of the text and not with its square.
What each parser makes of well-formed answers is in its own test file.
"""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnparseableAnswerError
from core.reading import Box, DraftReport, Given
from reader.answers import BoxesAnswer
from reader.check_words import repetition, words_of_report
from reader.parse_boxes import parse_boxes
from reader.parse_detection import parse_detection
from reader.parse_labels import parse_labels
from reader.report_text import clean, sections, sentences
from reader.sentence_findings import statements
from reader.sentence_ties import sentences_to_place, tie_sentences
from reader.text_sense import check_sense

_PLAIN = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*", re.ASCII)
_NUMBER_TEXTS = """
0 1 0.0 1.0 .5 0.25 0.999 -0.1 1.01 2 37 512 nan NaN inf -inf 1e999 1e-1 1E0 0x1 0.5.5 0,5 1/2
50% +0.5 \u0660.\u0665 \u0966.5 \u4e00 \u00bd 0.1.2.3 . - 00000000000000000000000000000.1
"""
_WORD_TEXTS = """
edema pneumothorax no not without The following abnormalities are present: There are no findings
on this Chest X-ray. located at the coordinates and ; , an a effusion nodule/mass cannot be excluded
left right user assistant <|im_start|> <|im_end|> <image> <box> </box> **Findings:** Impression:
1. Es liegt kein Erguss vor. Pas d'épanchement. 未见异常。 气胸 ### | ``` {} () {'box_2d': \\ % __ ?
\u0644\u0627 \u041d\u0435\u0442
"""
_NUMBERS = _NUMBER_TEXTS.split()
_WORDS = [*_WORD_TEXTS.split(), "\x00", "\x1b[2J", "\u202e", "\u200b", "\ufeff", "\n", "\t", ""]

number = st.sampled_from(_NUMBERS) | st.floats(-0.5, 1.5).map(lambda value: str(round(value, 2)))
bracketed = st.lists(number, max_size=6).flatmap(
    lambda edges: st.sampled_from(
        [
            f"[{', '.join(edges)}]",
            f"[{','.join(reversed(edges))}]",
            f"[[{', '.join(edges)}]]",
            f"[{' '.join(edges)}]",
            f"[{', '.join(edges)}",
            f"{', '.join(edges)}]",
            f"({', '.join(edges)})",
            f"\uff3b{', '.join(edges)}\uff3d",
            f"[{', '.join(f'[{edge}]' for edge in edges)}]",
            f"[{', '.join(edges)}],[{', '.join(edges)}]",
        ]
    )
)
reversible = st.lists(st.floats(0, 1).map(lambda value: round(value, 2)), min_size=4, max_size=4)
piece = st.one_of(
    bracketed,
    reversible.map(str),
    st.sampled_from(_WORDS),
    number,
    st.text(max_size=6),
    st.sampled_from(["located at the coordinates ", "an edema located at the coordinates "]),
)
answers = st.builds(
    lambda pieces, joint, cut: joint.join(pieces)[: cut or None],
    st.lists(piece, max_size=30),
    st.sampled_from(["", " ", " and ", "; ", ", "]),
    st.sampled_from([0, 0, 0, 7, 23, 61]),
) | st.builds(lambda unit, times: unit * times, piece, st.integers(1, 60))


def written_boxes(text: str) -> set[tuple[float, ...]]:
    """Find four plain numbers between a bracket and the next one, whatever stands around."""
    found = set()
    for inner in re.findall(r"\[([^\[\]]*)\]", text):
        numbers = [_PLAIN.fullmatch(part) for part in inner.split(",")]
        if len(numbers) == 4:
            found.add(tuple(float(match.group(1)) for match in numbers if match))
    return {edges for edges in found if len(edges) == 4}


def edges_of(places: Iterable[BoxesAnswer]) -> list[tuple[float, ...]]:
    def edges(box: Box) -> tuple[float, ...]:
        return (box.x1, box.y1, box.x2, box.y2)

    return [edges(box) for place in places for box in place.boxes]


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers)
def test_no_crash_and_no_invented_box(text: str) -> None:
    written = written_boxes(text)
    detection = parse_detection(text)
    for box in edges_of([parse_boxes(text), *detection.places.values()]):
        assert box in written
        assert 0 <= box[0] < box[2] <= 1
        assert 0 <= box[1] < box[3] <= 1
    assert detection.understood or not detection.places
    with suppress(UnparseableAnswerError):
        parse_labels(text)
    with suppress(UnparseableAnswerError):
        check_sense(text, "report")
    for sentence in sentences(text):
        for statement in statements(sentence):
            assert statement.sentence == sentence
    with suppress(UnparseableAnswerError):
        report = sections(clean(text))
        words_of_report(report, Given())
        repetition(report)
        ties = tie_sentences(report, (), {})
        assert {tie.text for tie in ties} >= set(sentences_to_place(report))


def _refusing(parse: Callable[[str], object]) -> Callable[[str], None]:
    def call(text: str) -> None:
        with suppress(UnparseableAnswerError):
            parse(text)

    return call


PARSERS: dict[str, Callable[[str], object]] = {
    "boxes": parse_boxes,
    "detection": parse_detection,
    "labels": parse_labels,
    "sections": lambda text: sections(f"x{text}"),
    "sentences": lambda text: sentences(clean(text)),
    "statements": statements,
    "sense": lambda text: check_sense(text, "report"),
    "words": lambda text: words_of_report(DraftReport(f"x{text}"), Given()),
    "repetition": lambda text: repetition(DraftReport(f"x{text}")),
}
BRACKETS = ["[0.1, ", "[", "]", "[]", "[0.1, 0.2, 0.3, 0.4], ", "1"]
FLOODS = [
    *BRACKETS,
    " ",
    "\n",
    ". ",
    "a",
    ";",
    "edema ",
    "no edema or ",
    "edema is not seen, ",
    "findings ",
    "the following abnormalities are present: ",
    "heart is ",
    "bones a b ",
    "left and ",
    "no a b c d ",
    "an edema located at the coordinates [0.1, 0.2, 0.3, 0.4]; ",
]


@pytest.mark.parametrize("unit", FLOODS)
@pytest.mark.parametrize("parser", PARSERS)
def test_time_grows_with_length_only(parser: str, unit: str) -> None:
    large = 1_000_000 if parser == "boxes" and unit in BRACKETS else 60_000
    assert _seconds(parser, unit, large) < 4 * max(16 * _seconds(parser, unit, large // 16), 0.2)


def _seconds(parser: str, unit: str, size: int) -> float:
    """Give this thread's processor time, which nothing beside it lengthens."""
    call, text = _refusing(PARSERS[parser]), unit * (size // len(unit))
    start = time.thread_time()
    call(text)
    return time.thread_time() - start
