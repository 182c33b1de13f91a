"""What a family of models is: the words it was trained on, and how its answers are to be read.

A family knows strings alone, and needs no torch. How its weights are loaded is `reader.weights`'
work, how tokens are made of its words an engine's (`reader.engines`), and in which order the
questions are asked `reader.one_reading`'s.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from core.labels import Label
from core.reading import NOTHING_GIVEN, Given
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer, ReportAnswer
from reader.engines.prompt import Prompt


class Task(StrEnum):
    """What a model may be asked for."""

    REPORT = "report"
    CLASSIFICATION = "classification"
    ABNORMALITY = "abnormality grounding"
    ANATOMY = "anatomy grounding"
    PHRASE = "phrase grounding"
    DETECTION = "detection"
    CHAT = "conversation"


class Family(Protocol):
    """A kind of models that are prompted and parsed alike."""

    @property
    def key(self) -> str:
        """Its name in a declaration and in the settings."""

    @property
    def architecture(self) -> str:
        """The class that its folders' `config.json` names."""

    @property
    def prompt_version(self) -> str:
        """Version of its words: part of a model's identity."""

    @property
    def licence(self) -> str:
        """What holds for its models unless a folder declares its own."""

    @property
    def intended_use(self) -> str:
        """What its models are meant for unless a folder declares its own."""

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels its models know unless a folder declares its own."""

    @property
    def tasks(self) -> frozenset[Task]:
        """What its models were trained for; nothing else is ever asked of them."""

    @property
    def layout(self) -> str:
        """Against what its loading was checked; begins with "unverified" without real weights."""

    @property
    def maximum_new_tokens(self) -> int:
        """Length at which an answer is cut, as its publishers set it."""

    def question(self, task: Task, subject: str = "", given: Given = NOTHING_GIVEN) -> str:
        """Give the family's words for a task.

        Parameters
        ----------
        task
            One of `tasks`, `CHAT` aside: its questions are the user's.
        subject
            What is to be found: an abnormality, a region, or a sentence.
        given
            What is known beside the film; a family that was trained without it leaves it out.
        """

    def uses(self, given: Given) -> Given:
        """Give that part of what is known beside the film which `question` puts in."""

    def prompt(
        self, turns: Sequence[tuple[str, str]], question: str, *, system: bool = False
    ) -> Prompt:
        """Give the whole conversation up to where the model speaks.

        Parameters
        ----------
        turns
            Earlier questions with their answers, oldest first; the film is on the first turn.
        question
            What is asked now.
        system
            Whether the family's optional system turn goes before it.
        """

    def label_answers(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Give every trained wording of the classification's answer that lists these labels.

        Empty where the family's answers have no fixed wording: then there are no scores.
        """

    def parse_labels(self, text: str) -> LabelsAnswer:
        """Read the classification's answer; may raise `UnparseableAnswerError`."""

    def parse_report(self, text: str) -> ReportAnswer:
        """Read the report; may raise `UnparseableAnswerError`."""

    def parse_boxes(self, text: str) -> BoxesAnswer:
        """Read the answer to a grounding question; whatever is no box is dropped."""

    def parse_detection(self, text: str) -> DetectionAnswer:
        """Read the answer to the question for everything at once."""

    def to_film(
        self, box: tuple[float, float, float, float], width: int, height: int
    ) -> tuple[float, float, float, float]:
        """Turn a box of the model's picture into one of the film.

        Parameters
        ----------
        box
            x1, y1, x2, y2 as the model's picture has them, in [0, 1].
        width, height
            The film's, in pixels: a family may have seen a centre crop or a padded square.
        """
