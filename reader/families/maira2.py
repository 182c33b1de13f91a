"""The MAIRA-2 family: a grounded report of one frontal film, and places of given phrases.

No prior film, prior report or lateral view is given to it, and its prompt says so ("the current
frontal image only"). Sources: `processing_maira2.py`, `modeling_maira2.py` and
`configuration_maira2.py` of microsoft/maira-2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.labels import Label
from core.reading import Given
from reader.answers import BoxesAnswer, ReportAnswer
from reader.engines.prompt import Prompt
from reader.families.family import Task
from reader.families.maira2_answers import all_boxes, placed_texts
from reader.families.square import Edges, centre_crop_to_film
from reader.families.without_list import WithoutList, refuse_turns
from reader.report_text import clean, sections
from reader.text_sense import check_sense

BOS: Final = "<s>"
END: Final = "</s>"
IMAGE_TOKEN: Final = "<image>"  # noqa: S105 - a place holder in the prompt
SYSTEM: Final = (
    "You are an expert radiology assistant tasked with interpreting a chest X-ray study. "
)
REPORT: Final = (
    "Provide a structured description of the findings in the radiology study in comparison to the "
    "prior frontal image. Each finding should be described as a self-contained plain-text sentence."
    " If the finding is groundable, locate the finding in the current frontal chest X-ray image, "
    "with bounding boxes indicating all locations where it can be seen in the current frontal "
    "image. Otherwise, generate just the ungrounded finding without bounding boxes. "
    "INDICATION: {} TECHNIQUE: {} COMPARISON: {}"
)
PHRASE: Final = (
    "Repeat the following finding as a grounded phrase with bounding boxes indicating all "
    "locations where it can be seen in the given chest X-ray image. Finding: {}"
)
MISSING: Final = "N/A"
BEFORE_REPORT: Final = "Given the current frontal image only"
_BEFORE_PHRASE: Final = "Given the current frontal image"


@dataclass(frozen=True, slots=True)
class Maira2(WithoutList):
    """The family; implements `reader.families.family.Family`."""

    key: str = "maira2"
    architecture: str = "Maira2ForConditionalGeneration"
    prompt_version: str = "maira2-1"
    licence: str = "Microsoft Research Licence Agreement (MSRLA): research only"
    intended_use: str = (
        "Research on reports and places in frontal films; not for clinical use. It sees the centre "
        "square of the film."
    )
    labels: tuple[Label, ...] = tuple(Label)
    tasks: frozenset[Task] = frozenset({Task.REPORT, Task.PHRASE})
    layout: str = (
        "unverified against published weights, which were not at hand; key names, tower, projector "
        "and prompts checked against the code of the published folder, the blanks of its turns "
        "against another account, and at loading against the folder's own chat template"
    )
    maximum_new_tokens: int = 450

    def question(self, task: Task, subject: str = "", given: Given = Given()) -> str:  # noqa: B008 - frozen
        """Give the family's words for a grounded report, or for the places of a phrase.

        Raises
        ------
        ValueError
            If anything else is asked for.
        """
        if task is Task.REPORT:
            used = self.uses(given)
            known = (used.indication, used.technique, used.comparison)
            return REPORT.format(*(text or MISSING for text in known))
        if task is Task.PHRASE:
            return PHRASE.format(subject)
        message = f"{self.key} has no question for {task}"
        raise ValueError(message)

    def uses(self, given: Given) -> Given:
        """Give all that is known, each in one line."""
        return Given(
            *(
                " ".join((text or "").split()) or None
                for text in (given.indication, given.technique, given.comparison)
            )
        )

    def prompt(
        self,
        turns: Sequence[tuple[str, str]],
        question: str,
        *,
        system: bool = False,  # noqa: ARG002 - its opening is no option
    ) -> Prompt:
        """Give the question in the folder's turns; what stands before the film depends on it.

        Raises
        ------
        ValueError
            If there are earlier turns.
        """
        refuse_turns(self.key, turns)
        phrase = question.startswith(PHRASE.removesuffix("{}"))
        given = _BEFORE_PHRASE if phrase else BEFORE_REPORT
        return Prompt(f"{BOS}{SYSTEM} USER:  {given}", f" {question}  ASSISTANT: ")

    def parse_report(self, text: str) -> ReportAnswer:
        """Read the report: one line for each phrase, and the places of those that have any."""
        placed = placed_texts(clean(text))
        plain = "\n".join(phrase.text for phrase in placed if phrase.text)
        check_sense(plain, "report")
        return ReportAnswer(sections(plain), placed)

    def parse_boxes(self, text: str) -> BoxesAnswer:
        """Read the places of a phrase."""
        return all_boxes(text)

    def to_film(self, box: Edges, width: int, height: int) -> Edges:
        """Turn a box of the centre square into one of the film."""
        return centre_crop_to_film(box, width, height)


MAIRA2: Final = Maira2()
