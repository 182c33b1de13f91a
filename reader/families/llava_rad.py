"""The LLaVA-Rad family: findings from one frontal film, with its indication where one is known.

Microsoft publishes an adapter, a projector and a vision tower; `firstread model convert llava-rad`
makes a folder of them (`reader.convert.llava_rad`), which this family loads: a LLaVA whose tower
is a DINOv2, read at its last but one layer, without its first token and its final norm.

It places nothing, lists no labels and holds no conversation. Sources: the published folder's
configuration, and the prompts and evaluation scripts of github.com/microsoft/LLaVA-Rad.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from transformers import LlavaForConditionalGeneration

from core.errors import ModelFolderError
from core.labels import Label
from core.reading import Given
from reader.answers import BoxesAnswer, ReportAnswer
from reader.engines.local_model import LocalModel
from reader.engines.prompt import Prompt
from reader.families import strict_loading
from reader.families.family import Task
from reader.families.llava_parts import square_model
from reader.families.picture_values import picture_values
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
PROCESSOR: Final = "CLIPImageProcessor"
TOWER: Final = "dinov2"
FEATURE_LAYER: Final = -2
FEATURE_STRATEGY: Final = "default"


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

    def load(self, path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
        """Load a converted folder; see `reader.families.family.Family`."""
        model = strict_loading.load_weights(path, LlavaForConditionalGeneration, dtype, device)
        config = model.config
        chosen = config.vision_feature_layer, config.vision_feature_select_strategy
        if (
            chosen != (FEATURE_LAYER, FEATURE_STRATEGY)
            or config.vision_config.model_type != "dinov2"
        ):
            message = f"{path} is no converted LLaVA-Rad: its tower is {chosen}"
            raise ModelFolderError(message)
        image_id = int(config.image_token_id)
        tokenizer = strict_loading.load_tokenizer(
            path, {BOS: None, END: None, IMAGE_TOKEN: image_id}
        )
        values = picture_values(path, PROCESSOR, int(config.vision_config.image_size))
        return square_model(path, model, tokenizer, image_token=IMAGE_TOKEN, values=values)

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
