"""The LLaVA-Rad family: findings from one frontal film, with its indication where one is known.

Microsoft publishes an adapter, a projector and a vision tower; `firstread model convert llava-rad`
makes a folder of them (`reader.convert.llava_rad`): a LLaVA whose tower is a DINOv2, read at its
last but one layer, without its first token and its final norm.

It places nothing, lists no labels and holds no conversation. Sources: the published folder's
configuration, and the prompts and evaluation scripts of github.com/microsoft/LLaVA-Rad.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.labels import Label
from core.reading import Given
from reader.answers import BoxesAnswer, ReportAnswer
from reader.engines.prompt import Prompt
from reader.families.family import Task
from reader.families.reports import plain_report
from reader.families.square import Edges, centre_crop_to_film
from reader.families.without_list import WithoutList, refuse_turns

BOS: Final = "<s>"
END: Final = "</s>"
IMAGE_TOKEN: Final = "<image>"  # noqa: S105 - a place holder in the prompt
SYSTEM: Final = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
REPORT: Final = "Provide a description of the findings in the radiology image"
INDICATION: Final = " given the following indication: "


@dataclass(frozen=True, slots=True)
class LlavaRad(WithoutList):
    """The family; implements `reader.families.family.Family`."""

    key: str = "llava_rad"
    architecture: str = "LlavaForConditionalGeneration"
    prompt_version: str = "llava_rad-1"
    licence: str = "Microsoft Research licence: research only"
    intended_use: str = (
        "Research on findings of single frontal films; not for direct clinical care. It sees the "
        "centre square of the film."
    )
    labels: tuple[Label, ...] = tuple(Label)
    tasks: frozenset[Task] = frozenset({Task.REPORT})
    layout: str = (
        "unverified against published weights, which were not at hand; key names checked against a "
        "published account of the same conversion and against timm's definition of the tower, "
        "computed side by side"
    )
    maximum_new_tokens: int = 256

    def question(self, task: Task, subject: str = "", given: Given = Given()) -> str:  # noqa: ARG002, B008 - nothing is placed; frozen
        """Give the family's words for a report.

        Raises
        ------
        ValueError
            If anything else is asked for.
        """
        if task is not Task.REPORT:
            message = f"{self.key} has no question for {task}"
            raise ValueError(message)
        indication = self.uses(given).indication
        return REPORT + (f"{INDICATION}{indication}" if indication else ".")

    def uses(self, given: Given) -> Given:
        """Give the indication, in one line."""
        return Given(indication=" ".join((given.indication or "").split()) or None)

    def prompt(
        self,
        turns: Sequence[tuple[str, str]],
        question: str,
        *,
        system: bool = False,  # noqa: ARG002 - its opening is no option
    ) -> Prompt:
        """Give the question in Vicuna's turns.

        Raises
        ------
        ValueError
            If there are earlier turns.
        """
        refuse_turns(self.key, turns)
        return Prompt(f"{BOS}{SYSTEM} USER: ", f"\n{question} ASSISTANT:")

    def parse_report(self, text: str) -> ReportAnswer:
        """Read the findings."""
        return plain_report(text)

    def parse_boxes(self, text: str) -> BoxesAnswer:
        """Drop the whole: the family places nothing."""
        return BoxesAnswer((), (text[:40],))

    def to_film(self, box: Edges, width: int, height: int) -> Edges:
        """Turn a box of the centre square into one of the film."""
        return centre_crop_to_film(box, width, height)


LLAVA_RAD: Final = LlavaRad()
