"""MAIRA-2: its prompts word by word, and its answers, whole and malformed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnparseableAnswerError
from core.reading import Box, Given
from reader.answers import BoxesAnswer, PlacedText
from reader.families.family import Task
from reader.families.maira2 import MAIRA2

OPENING = "<s>You are an expert radiology assistant tasked with interpreting a chest X-ray study. "
ONE_BOX = "<box><x55><y45><x70><y56></box>"
GRAMMAR = re.compile(r"<box>\s*<x(\d{1,2})>\s*<y(\d{1,2})>\s*<x(\d{1,2})>\s*<y(\d{1,2})>\s*</box>")
_ODD = st.sampled_from(
    [
        *("<obj>", "</obj>", "<box>", "</box>", "<x55>", "<y45>", "<x70>", "<y56>", "<x100>"),
        *("<x-1>", "<y>", "<x5", "<x7.5>", "nan", " ", "\n", "No effusion.", "<image>", ONE_BOX),
        *(f"<obj>Effusion.{ONE_BOX}</obj>", "肺炎", "\N{FULLWIDTH DIGIT SEVEN}", "[0.1, 0.2]"),
    ]
)


def test_the_reports_prompt_is_the_published_one() -> None:
    prompt = MAIRA2.prompt((), MAIRA2.question(Task.REPORT, given=Given("Cough,\n fever.", None)))
    assert prompt.before == f"{OPENING} USER:  Given the current frontal image only"
    assert prompt.after == (
        " Provide a structured description of the findings in the radiology study in comparison to "
        "the prior frontal image. Each finding should be described as a self-contained plain-text "
        "sentence. If the finding is groundable, locate the finding in the current frontal chest "
        "X-ray image, with bounding boxes indicating all locations where it can be seen in the "
        "current frontal image. Otherwise, generate just the ungrounded finding without bounding "
        "boxes. INDICATION: Cough, fever. TECHNIQUE: N/A COMPARISON: N/A  ASSISTANT: "
    )


def test_the_phrases_prompt_is_the_published_one() -> None:
    prompt = MAIRA2.prompt((), MAIRA2.question(Task.PHRASE, "Small left effusion."))
    assert prompt.before == f"{OPENING} USER:  Given the current frontal image"
    assert prompt.after == (
        " Repeat the following finding as a grounded phrase with bounding boxes indicating all "
        "locations where it can be seen in the given chest X-ray image. Finding: Small left "
        "effusion.  ASSISTANT: "
    )


def test_it_is_told_all_that_is_known_and_says_so() -> None:
    known = Given("Cough", "PA \n view", " ")
    assert MAIRA2.uses(known) == Given("Cough", "PA view", None)
    question = MAIRA2.question(Task.REPORT, given=known)
    assert question.endswith("INDICATION: Cough TECHNIQUE: PA view COMPARISON: N/A")


@pytest.mark.parametrize("task", [Task.CLASSIFICATION, Task.DETECTION, Task.CHAT, Task.ANATOMY])
def test_it_is_asked_nothing_else(task: Task) -> None:
    assert task not in MAIRA2.tasks
    with pytest.raises(ValueError, match="has no question"):
        MAIRA2.question(task, "x")


def test_it_holds_no_conversation() -> None:
    with pytest.raises(ValueError, match="no conversation"):
        MAIRA2.prompt([("a", "b")], "c")


def test_a_grounded_report_is_read_whole() -> None:
    answer = MAIRA2.parse_report(
        f"<obj>The heart is enlarged.{ONE_BOX}<box><x10><y20><x30><y40></box></obj>"
        "<obj>There is no pneumothorax.</obj>"
    )
    assert answer.report.findings == "The heart is enlarged.\nThere is no pneumothorax."
    boxes = (Box(0.555, 0.455, 0.705, 0.565), Box(0.105, 0.205, 0.305, 0.405))
    assert answer.placed == (
        PlacedText("The heart is enlarged.", BoxesAnswer(boxes)),
        PlacedText("There is no pneumothorax."),
    )


def test_a_plain_report_is_read_too() -> None:
    answer = MAIRA2.parse_report(" The lungs are clear. The heart is of normal size.")
    assert answer.report.findings == "The lungs are clear. The heart is of normal size."
    assert [placed.place for placed in answer.placed] == [None]


@pytest.mark.parametrize("text", ["", "<obj></obj>", f"<obj>{ONE_BOX}</obj>", "<box>", "7 7 7 7 7"])
def test_a_report_without_sense_is_none(text: str) -> None:
    with pytest.raises(UnparseableAnswerError):
        MAIRA2.parse_report(text)


@pytest.mark.parametrize(
    ("text", "boxes", "dropped"),
    [
        (f"<obj>a{ONE_BOX}</obj>", 1, 0),
        (f"<obj>a {ONE_BOX} {ONE_BOX}</obj>", 1, 0),
        ("<obj>a<box><x70><y45><x55><y56></box></obj>", 0, 1),  # reversed
        ("<obj>a<box><x55><y45><x55><y56></box></obj>", 0, 1),  # empty
        ("<obj>a<box><x55><y45><x70></box></obj>", 0, 1),  # three numbers
        ("<obj>a<box><x55><y45><x70><y100></box></obj>", 0, 1),  # out of range
        ("<obj>a<box><y45><x55><y56><x70></box></obj>", 0, 1),  # other order
        (f"<obj>a{ONE_BOX}<box><x1></obj>", 1, 1),
        (f"<obj>a{ONE_BOX}", 0, 1),  # cut
        (ONE_BOX, 0, 1),  # of no phrase
        (f"<obj>a<box>{ONE_BOX}</box></obj>", 1, 2),  # nested: the inner one is whole
        ("a", 0, 0),
    ],
)
def test_only_whole_boxes_of_whole_phrases_count(text: str, boxes: int, dropped: int) -> None:
    answer = MAIRA2.parse_boxes(text)
    assert (len(answer.boxes), len(answer.dropped)) == (boxes, dropped)


@settings(max_examples=700, deadline=None)
@given(st.lists(_ODD | st.text(max_size=6), max_size=14))
def test_no_malformed_answer_gives_an_invented_box(pieces: list[str]) -> None:
    text = "".join(pieces)
    answer = MAIRA2.parse_boxes(text)
    written = {
        tuple((int(number) + 0.5) / 100 for number in found) for found in GRAMMAR.findall(text)
    }
    assert {(box.x1, box.y1, box.x2, box.y2) for box in answer.boxes} <= written
    assert not answer.boxes or ("<obj>" in text and "</obj>" in text)


@settings(max_examples=300, deadline=None)
@given(st.lists(_ODD | st.text(max_size=6), max_size=14))
def test_no_malformed_report_leaves_a_mark_in_the_draft(pieces: list[str]) -> None:
    try:
        answer = MAIRA2.parse_report("".join(pieces))
    except UnparseableAnswerError:
        return
    assert not re.search(r"</?obj>|</?box>|<[xy]\d+>", answer.report.findings)
