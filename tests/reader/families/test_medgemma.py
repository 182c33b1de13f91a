"""MedGemma: its turns, its words, and its JSON boxes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnparseableAnswerError
from core.reading import Box, Given
from reader.families.family import Task
from reader.families.medgemma import MEDGEMMA, MEDGEMMA_1_5

FENCED = '```json\n[{"box_2d": [100, 200, 300, 400], "label": "carina"}]\n```'
BOX = Box(0.2, 0.1, 0.4, 0.3)


def _entry(*edges: object) -> str:
    return json.dumps([{"box_2d": list(edges), "label": "x"}])


def test_the_turns_are_gemmas() -> None:
    prompt = MEDGEMMA.prompt([("first", "answer")], "second")
    assert prompt.before == "<bos><start_of_turn>user\n\n\n<start_of_image>"
    assert prompt.after == (
        "<end_of_image>\n\nfirst<end_of_turn>\n<start_of_turn>model\nanswer<end_of_turn>\n"
        "<start_of_turn>user\nsecond<end_of_turn>\n<start_of_turn>model\n"
    )


def test_the_system_turn_stands_before_the_picture() -> None:
    prompt = MEDGEMMA.prompt((), "q", system=True)
    assert prompt.before == (
        "<bos><start_of_turn>user\nYou are an expert radiologist.\n\n\n\n<start_of_image>"
    )


def test_the_question_for_a_place_is_the_notebooks() -> None:
    question = MEDGEMMA_1_5.question(Task.ANATOMY, "right clavicle")
    assert question.startswith(
        "Instructions:\nThe following user query will require outputting bounding boxes. The "
        "format of bounding boxes coordinates is [y0, x0, y1, x1] where (y0, x0) must be top-left "
        "corner and (y1, x1) the bottom-right corner. This implies that x0 < x1 and y0 < y1. "
        "Always normalize the x and y coordinates the range [0, 1000], meaning that a bounding box "
        "starting at 15% of the image width would be associated with an x coordinate of 150. You "
        "MUST output a single parseable json list of objects enclosed into ```json...``` brackets, "
        'for instance ```json[{"box_2d": [800, 3, 840, 471], "label": "car"}, {"box_2d": [400, 22, '
        '600, 73], "label": "dog"}]``` is a valid output. Now answer to the user query.\n\n'
        'Remember "left" refers to the patient\'s left side where the heart is and sometimes '
        "underneath an L in the upper right corner of the image.\n\nQuery:\nWhere is the right "
        "clavicle? Don't give a final answer without reasoning."
    )
    assert question == MEDGEMMA_1_5.question(Task.ABNORMALITY, "right clavicle")


def test_the_first_version_places_nothing() -> None:
    assert MEDGEMMA.tasks == {Task.REPORT, Task.CHAT}
    with pytest.raises(ValueError, match="medgemma has no question"):
        MEDGEMMA.question(Task.ANATOMY, "spine")


def test_it_is_told_nothing_beside_the_film() -> None:
    assert MEDGEMMA.uses(Given("Cough")) == Given()
    assert MEDGEMMA.question(Task.REPORT, given=Given("Cough")) == "Describe this X-ray"


def test_a_report_loses_its_thought_and_its_markdown() -> None:
    answer = MEDGEMMA_1_5.parse_report(
        "<unused94>thought\nThe heart...<unused95>**Findings:** The heart is enlarged.\n"
        "*   The lungs are clear.\n\n**Impression:** There is cardiomegaly."
    )
    assert answer.report.findings == "The heart is enlarged.\nThe lungs are clear."
    assert answer.report.impression == "There is cardiomegaly."


@pytest.mark.parametrize("text", ["<unused94>thought\nThe heart", "thought\nThe heart is", "", "."])
def test_a_thought_without_an_end_is_no_report(text: str) -> None:
    with pytest.raises(UnparseableAnswerError):
        MEDGEMMA_1_5.parse_report(text)


@pytest.mark.parametrize(
    "text",
    [
        FENCED,
        f"The carina is [near] the middle. Final Answer: {FENCED}",
        f"<unused94>thought [1, 2]<unused95>{FENCED}",
        f"Final Answer: {_entry(1, 2, 3, 4)} no: Final Answer: {FENCED}",
        f"Final Answer: {FENCED.replace('```json', '').replace('```', '')}",
        '{"box_2d": [100, 200, 300, 400]}',
    ],
)
def test_the_last_list_counts(text: str) -> None:
    answer = MEDGEMMA_1_5.parse_boxes(text)
    assert (answer.boxes, answer.dropped) == ((BOX,), ())


@pytest.mark.parametrize(
    "text",
    [
        _entry(300, 200, 100, 400),  # reversed
        _entry(100, 200, 100, 400),  # empty
        _entry(100, 200, 300, 1001),  # out of range
        _entry(-1, 200, 300, 400),
        _entry(100, 200, 300),
        _entry(100, 200, 300, 400, 500),
        _entry("100", 200, 300, 400),
        _entry(100, [200], 300, 400),
        '[{"box_2d": [true, 200, 300, 400]}]',
        _entry(100, None, 300, 400),
        '[{"box_2d": [NaN, 200, 300, 400]}]',
        '[{"box_2d": [1e999, 200, 300, 400]}]',
        "[[100, 200, 300, 400]]",
        '[{"box": [100, 200, 300, 400]}]',
        FENCED[:-20],
        f"<unused94>{FENCED}",
        "[" * 100_000,
        f"[{'9' * 5000}]",
        '{"box_2d": [100, 200, 300, ' + "9" * 400 + "]}",
    ],
)
def test_what_is_no_box_is_dropped(text: str) -> None:
    answer = MEDGEMMA_1_5.parse_boxes(text)
    assert not answer.boxes
    assert answer.dropped


def test_words_alone_are_no_place() -> None:
    answer = MEDGEMMA_1_5.parse_boxes("The carina cannot be seen.")
    assert (answer.boxes, answer.dropped) == ((), ())


_VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-50, 1100)
    | st.floats()
    | st.text(max_size=4)
    | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["box_2d", "label", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=700, deadline=None)
@given(_VALUE, st.text(max_size=8), st.integers(0, 400))
def test_no_malformed_answer_gives_an_invented_box(value: Any, around: str, cut: int) -> None:
    text = f"{around}Final Answer: ```json\n{json.dumps(value)}\n```{around}"
    for written in (text, text[:cut]):
        for box in MEDGEMMA_1_5.parse_boxes(written).boxes:
            edges = (box.y1, box.x1, box.y2, box.x2)
            assert any(
                edges == tuple(float(edge) / 1000 for edge in quadruple)
                for quadruple in _quadruples(value)
            )


def _quadruples(value: Any) -> list[list[float]]:
    if isinstance(value, list):
        return [four for item in value for four in _quadruples(item)]
    edges = value.get("box_2d") if isinstance(value, dict) else None
    if not isinstance(edges, list) or len(edges) != 4:
        return []
    return [edges] if all(type(edge) in {int, float} for edge in edges) else []
