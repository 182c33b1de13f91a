"""LLaVA-Rad: its prompts word by word, and what it is never asked."""

import pytest

from core.errors import UnparseableAnswerError
from core.reading import Given
from reader.families.family import Task
from reader.families.llava_rad import LLAVA_RAD

QUESTION = "Provide a description of the findings in the radiology image"
BEFORE = (
    "<s>A chat between a curious user and an artificial intelligence assistant. The assistant "
    "gives helpful, detailed, and polite answers to the user's questions. USER: "
)


@pytest.mark.parametrize(
    ("indication", "asked"),
    [
        (None, f"{QUESTION}."),
        (" \n", f"{QUESTION}."),
        ("Cough,\nfever", f"{QUESTION} given the following indication: Cough, fever"),
    ],
)
def test_the_prompt_is_the_published_one(indication: str | None, asked: str) -> None:
    prompt = LLAVA_RAD.prompt((), LLAVA_RAD.question(Task.REPORT, given=Given(indication)))
    assert (prompt.before, prompt.after) == (BEFORE, f"\n{asked} ASSISTANT:")


def test_only_the_indication_is_told() -> None:
    assert LLAVA_RAD.uses(Given("Cough", "PA", "None")) == Given("Cough")


@pytest.mark.parametrize("task", [task for task in Task if task is not Task.REPORT])
def test_it_is_asked_for_a_report_only(task: Task) -> None:
    assert LLAVA_RAD.tasks == {Task.REPORT}
    with pytest.raises(ValueError, match="llava_rad has no question"):
        LLAVA_RAD.question(task, "x")


def test_it_places_nothing_and_lists_nothing() -> None:
    assert LLAVA_RAD.parse_boxes("[0.1, 0.2, 0.3, 0.4]").boxes == ()
    assert not LLAVA_RAD.parse_detection("a mass at [0.1, 0.2, 0.3, 0.4]").understood
    assert LLAVA_RAD.label_answers(["edema"]) == ()
    with pytest.raises(UnparseableAnswerError, match="lists no labels"):
        LLAVA_RAD.parse_labels("edema")
    with pytest.raises(ValueError, match="no conversation"):
        LLAVA_RAD.prompt([("a", "b")], "c")


def test_its_findings_are_read() -> None:
    answer = LLAVA_RAD.parse_report("The heart is enlarged. There is no pneumothorax.")
    assert answer.report.findings == "The heart is enlarged. There is no pneumothorax."
    assert answer.report.impression == ""
    assert answer.placed == ()
