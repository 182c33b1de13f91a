"""The RadVLM family: a LLaVA-OneVision that was taught reports, labels and places.

RadVLM (PhysioNet, arXiv:2502.03333) and whatever was fine-tuned by its recipe, such as the
demonstration model: the same class, words and boxes. RadVLM was trained without an indication and
is given none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.labels import Label
from core.reading import NOTHING_GIVEN, Given
from reader import prompts
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer, ReportAnswer
from reader.engines.prompt import Prompt
from reader.families.family import Task
from reader.parse_boxes import parse_boxes
from reader.parse_detection import parse_detection
from reader.parse_labels import parse_labels
from reader.report_text import clean, sections
from reader.text_sense import check_sense


@dataclass(frozen=True, slots=True)
class RadvlmFamily:
    """RadVLM's words and answers; implements `reader.families.family.Family`."""

    key: str = "radvlm"
    architecture: str = "LlavaOnevisionForConditionalGeneration"
    prompt_version: str = prompts.PROMPT_VERSION
    licence: str = "CC BY-NC 4.0 (PhysioNet, credentialed)"
    intended_use: str = "Research only; not for clinical decisions."
    labels: tuple[Label, ...] = tuple(Label)
    tasks: frozenset[Task] = frozenset(Task)
    layout: str = (
        "unverified against published weights, which were not at hand; the class is native in "
        "transformers, which fixes its key layout"
    )
    maximum_new_tokens: int = 1500

    def question(
        self,
        task: Task,
        subject: str = "",
        given: Given = NOTHING_GIVEN,  # noqa: ARG002 - it was trained without
    ) -> str:
        """Give RadVLM's words for a task."""
        if task in {Task.ABNORMALITY, Task.ANATOMY}:
            return prompts.grounding(subject)
        if task is Task.PHRASE:
            return prompts.PHRASE.format(subject)
        return _QUESTIONS[task]

    def uses(self, given: Given) -> Given:  # noqa: ARG002 - it was trained without
        """Give nothing."""
        return NOTHING_GIVEN

    def prompt(
        self, turns: Sequence[tuple[str, str]], question: str, *, system: bool = False
    ) -> Prompt:
        """Give the conversation in RadVLM's turns."""
        return Prompt(prompts.before_image(system=system), prompts.after_image(turns, question))

    def label_answers(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Give every trained wording of the list of exactly these labels."""
        return prompts.classification_answers(labels)

    def parse_labels(self, text: str) -> LabelsAnswer:
        """Read the list of abnormalities."""
        return parse_labels(text)

    def parse_report(self, text: str) -> ReportAnswer:
        """Read the report in its two sections."""
        words = clean(text)
        check_sense(words, "report")
        return ReportAnswer(sections(words))

    def parse_boxes(self, text: str) -> BoxesAnswer:
        """Read the answer to a grounding question."""
        return parse_boxes(text)

    def parse_detection(self, text: str) -> DetectionAnswer:
        """Read the answer to the question for everything at once."""
        return parse_detection(text)

    def to_film(
        self,
        box: tuple[float, float, float, float],
        width: int,  # noqa: ARG002 - it sees the whole film
        height: int,  # noqa: ARG002
    ) -> tuple[float, float, float, float]:
        """Give the box: RadVLM's are fractions of the film itself."""
        return box


_QUESTIONS: Final = {
    Task.REPORT: prompts.REPORT,
    Task.CLASSIFICATION: prompts.CLASSIFICATION,
    Task.DETECTION: prompts.DETECTION,
}
RADVLM: Final = RadvlmFamily()
