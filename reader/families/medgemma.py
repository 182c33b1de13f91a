"""The MedGemma family: Gemma 3, tuned by Google for medical text and pictures.

Two members are prompted alike and know different things: MedGemma 4B gives no boxes, MedGemma 1.5
4B places anatomy and findings. Their folders do not say which they are, so the site declares it
(`"family"` in `firstread.json`); an undeclared folder is taken for the one that knows less.

The film goes in as a square, padded with black as Google's notebook does it, and boxes come back
from that square. Sources: the chat template and processor of Gemma 3 in `transformers`; the model
cards; the notebook on localization in chest films (github.com/Google-Health/medgemma), whose
instructions are kept word by word, as several public copies agree on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.labels import Label
from core.reading import Given
from reader.answers import BoxesAnswer, ReportAnswer
from reader.engines.prompt import Prompt
from reader.families.family import Task
from reader.families.medgemma_answers import boxes_of, spoken
from reader.families.reports import plain_report
from reader.families.square import Edges, padded_square_to_film
from reader.families.without_list import WithoutList

BOS: Final = "<bos>"
TURN: Final = "<start_of_turn>"
TURN_END: Final = "<end_of_turn>"
IMAGE_START: Final = "<start_of_image>"
IMAGE_END: Final = "<end_of_image>"
IMAGE_TOKEN: Final = "<image_soft_token>"  # noqa: S105 - a place holder in the prompt
SYSTEM: Final = "You are an expert radiologist."
"""Stands before the first question in the model card's example; optional."""
REPORT: Final = "Describe this X-ray"
PLACE: Final = """Instructions:
The following user query will require outputting bounding boxes. The format of bounding boxes \
coordinates is [y0, x0, y1, x1] where (y0, x0) must be top-left corner and (y1, x1) the \
bottom-right corner. This implies that x0 < x1 and y0 < y1. Always normalize the x and y \
coordinates the range [0, 1000], meaning that a bounding box starting at 15% of the image width \
would be associated with an x coordinate of 150. You MUST output a single parseable json list of \
objects enclosed into ```json...``` brackets, for instance ```json[{"box_2d": [800, 3, 840, 471], \
"label": "car"}, {"box_2d": [400, 22, 600, 73], "label": "dog"}]``` is a valid output. Now answer \
to the user query.

Remember "left" refers to the patient's left side where the heart is and sometimes underneath an \
L in the upper right corner of the image.

Query:
"""
PLACE_QUERY: Final = (
    "Where is the {}? Don't give a final answer without reasoning. Output the final answer in the "
    'format "Final Answer: X" where X is a JSON list of objects. The object needs a "box_2d" and '
    '"label" key. Answer:'
)


@dataclass(frozen=True, slots=True)
class MedGemma(WithoutList):
    """A member of the family; implements `reader.families.family.Family`.

    Parameters
    ----------
    key
        Its name in a declaration.
    tasks
        What it was trained for.
    """

    key: str
    tasks: frozenset[Task]
    architecture: str = "Gemma3ForConditionalGeneration"
    prompt_version: str = "medgemma-1"
    licence: str = "Health AI Developer Foundations terms of use"
    intended_use: str = (
        "A starting point for developers; not for clinical decisions without validation. Its "
        "publisher has not evaluated it on conversations of several turns."
    )
    labels: tuple[Label, ...] = tuple(Label)
    layout: str = (
        "unverified against published weights, which were not at hand; checked against "
        "transformers' Gemma 3 and its conversion of the published 4B folders: key names, chat "
        "template, image processor"
    )
    maximum_new_tokens: int = 1000

    def question(self, task: Task, subject: str = "", given: Given = Given()) -> str:  # noqa: ARG002, B008 - trained without; frozen
        """Give the family's words for a task; see `reader.families.family.Family`.

        Raises
        ------
        ValueError
            If this member was not trained for the task.
        """
        if task not in self.tasks or task is Task.CHAT:
            message = f"{self.key} has no question for {task}"
            raise ValueError(message)
        return REPORT if task is Task.REPORT else PLACE + PLACE_QUERY.format(subject)

    def uses(self, given: Given) -> Given:  # noqa: ARG002 - the family was trained without
        """Give nothing: the published prompts hold the question alone."""
        return Given()

    def prompt(
        self, turns: Sequence[tuple[str, str]], question: str, *, system: bool = False
    ) -> Prompt:
        """Give the whole conversation in the family's own turns.

        `transformers` sets the image's tokens between two marks and two empty lines.
        """
        opening = f"{SYSTEM}\n\n" if system else ""
        asked = [*(turn[0] for turn in turns), question]
        answered = [turn[1] for turn in turns]
        body = asked[0] + "".join(
            f"{TURN_END}\n{TURN}model\n{answer}{TURN_END}\n{TURN}user\n{following}"
            for answer, following in zip(answered, asked[1:], strict=True)
        )
        return Prompt(
            before=f"{BOS}{TURN}user\n{opening}\n\n{IMAGE_START}",
            after=f"{IMAGE_END}\n\n{body}{TURN_END}\n{TURN}model\n",
        )

    def parse_report(self, text: str) -> ReportAnswer:
        """Read the report behind the thought, if there is one."""
        return plain_report(spoken(text))

    def parse_boxes(self, text: str) -> BoxesAnswer:
        """Read the JSON list that closes a grounding answer."""
        return boxes_of(text)

    def to_film(self, box: Edges, width: int, height: int) -> Edges:
        """Turn a box of the padded square into one of the film; empty where it is on the rim."""
        return padded_square_to_film(box, width, height)


MEDGEMMA: Final = MedGemma("medgemma", frozenset({Task.REPORT, Task.CHAT}))
"""MedGemma 4B."""
MEDGEMMA_1_5: Final = MedGemma(
    "medgemma_1_5", frozenset({Task.REPORT, Task.ABNORMALITY, Task.ANATOMY, Task.CHAT})
)
"""MedGemma 1.5 4B."""
