"""Boxes out of words: the written ones, and never another.

The property test feeds text that is dense in brackets, numbers and what is nearly a box.
"""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading import Box
from reader.parse_boxes import parse_boxes

TEMPLATE = "The edema is located at the coordinates {} on the image."


@pytest.mark.parametrize(
    ("written", "boxes"),
    [
        ("[0.1, 0.2, 0.3, 0.4]", [(0.1, 0.2, 0.3, 0.4)]),
        ("[0.0, 0.0, 1.0, 1.0]", [(0, 0, 1, 1)]),
        ("[0, 0, 1, 1]", [(0, 0, 1, 1)]),
        ("[.1,.2 , .3,.4]", [(0.1, 0.2, 0.3, 0.4)]),
        ("[ 0.1, 0.2,\n 0.3, 0.4 ]", [(0.1, 0.2, 0.3, 0.4)]),
        (
            "[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.6, 0.7] and [0.5, 0.1, 0.9, 0.2]",
            [(0.1, 0.2, 0.3, 0.4), (0.5, 0.5, 0.6, 0.7), (0.5, 0.1, 0.9, 0.2)],
        ),
        ("[0.1, 0.2, 0.3, 0.4] and [0.1, 0.2, 0.3, 0.4]", [(0.1, 0.2, 0.3, 0.4)]),
    ],
)
def test_written_boxes_are_taken(
    written: str, boxes: list[tuple[float, float, float, float]]
) -> None:
    answer = parse_boxes(TEMPLATE.format(written))
    assert answer.boxes == tuple(Box(*edges) for edges in boxes)
    assert answer.well_formed


@pytest.mark.parametrize(
    "written",
    [
        "[0.3, 0.2, 0.1, 0.4]",  # reversed
        "[0.1, 0.4, 0.3, 0.2]",
        "[0.1, 0.2, 0.1, 0.4]",  # empty
        "[0.1, 0.2, 0.3, 1.01]",  # outside
        "[-0.1, 0.2, 0.3, 0.4]",
        "[-0, 0, 1, 1]",
        "[+0.1, 0.2, 0.3, 0.4]",
        "[10, 20, 30, 40]",
        "[0.1, 0.2, 0.3]",  # three
        "[0.1, 0.2, 0.3, 0.4, 0.5]",  # five
        "[nan, 0.2, 0.3, 0.4]",
        "[inf, 0.2, 0.3, 0.4]",
        "[1e-1, 0.2, 0.3, 0.4]",
        "[\u0661, 0.2, 0.3, 0.4]",  # a digit, but none of ours
        "[[0.1, 0.2, 0.3, 0.4]]",  # nested
        "[0.1, [0.2, 0.3, 0.4, 0.5], 0.6, 0.7]",
        "[0.1 0.2 0.3 0.4]",
        "[0.1, 0.2, 0.3, 0.4",  # never closed
        "[0.1, 0.2, 0.3, 0.4 [0.1, 0.2, 0.3, 0.4]",
        "[x1, y1, x2, y2]",
        "[]",
        "]0.1, 0.2, 0.3, 0.4[",
    ],
)
def test_what_is_no_box_is_dropped_and_told(written: str) -> None:
    answer = parse_boxes(TEMPLATE.format(written))
    assert answer.boxes == ()
    assert answer.dropped
    assert not answer.well_formed


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("at [[0.1, 0.2, 0.3, 0.4]] it is", ["[[0.1, 0.2, 0.3, 0.4]]"]),
        ("[0.1, [0.2], [0.3, [0.4]]] [5]", ["[0.1, [0.2], [0.3, [0.4]]]", "[5]"]),
        ("] [1", ["]", "[1"]),
        (f"[{'9' * 90}]", [f"[{'9' * 59}"]),
    ],
)
def test_a_dropped_piece_is_the_outermost_one_and_short(text: str, pieces: list[str]) -> None:
    assert list(parse_boxes(text).dropped) == pieces


@pytest.mark.parametrize("text", ["", "It is at 0.1, 0.2, 0.3, 0.4.", "(0.1, 0.2, 0.3, 0.4)"])
def test_numbers_without_brackets_are_no_boxes(text: str) -> None:
    answer = parse_boxes(text)
    assert (answer.boxes, answer.dropped, answer.well_formed) == ((), (), False)


def test_a_good_box_beside_a_bad_one_stays_and_the_bad_one_is_told() -> None:
    answer = parse_boxes(TEMPLATE.format("[0.1, 0.2, 0.3, 0.4] and [0.9, 0.2, 0.3, 0.4]"))
    assert answer.boxes == (Box(0.1, 0.2, 0.3, 0.4),)
    assert answer.dropped == ("[0.9, 0.2, 0.3, 0.4]",)
    assert not answer.well_formed


number = st.one_of(
    st.floats(-0.2, 1.2, allow_nan=False).map(lambda value: str(round(value, 2))),
    st.sampled_from(["0", "1", "1.0", ".5", "nan", "inf", "-0", "1e-1", "0.5.5", "٣"]),
)
piece = st.one_of(
    number,
    st.sampled_from(["[", "]", "[[", "]]", ", ", ",", " ", " and ", "; ", "(", "\n", "at "]),
    st.lists(number, min_size=3, max_size=5).map(lambda edges: f"[{', '.join(edges)}]"),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(piece, max_size=25).map("".join))
def test_no_box_is_ever_invented(text: str) -> None:
    answer = parse_boxes(text)
    plain = re.sub(r"\s", "", text)
    literal = {
        tuple(float(edge) for edge in match.groups())
        for match in re.finditer(
            r"\[([0-9.]+),([0-9.]+),([0-9.]+),([0-9.]+)\]", plain.replace("0.5.5", "?")
        )
    }
    for box in answer.boxes:
        edges = (box.x1, box.y1, box.x2, box.y2)
        assert edges in literal
        assert all(math.isfinite(edge) and 0 <= edge <= 1 for edge in edges)
        assert box.x1 < box.x2
        assert box.y1 < box.y2
    assert len(answer.boxes) + len(answer.dropped) <= text.count("[") + text.count("]")
    assert bool(answer.boxes or answer.dropped) == ("[" in text or "]" in text)
