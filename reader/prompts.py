"""RadVLM's own words: the questions it was trained on, its answers, its turns.

A model answers well only to the words it was trained on, so these strings are the model's
interface and are never improved. Source: the instruction templates and the chat template that
RadVLM was published with (arXiv:2502.03333).
"""

from collections.abc import Sequence
from typing import Final

PROMPT_VERSION: Final = "radvlm-1"
"""Changes whenever a string below does: it is part of a model's identity."""

IMAGE_TOKEN: Final = "<image>"  # noqa: S105 - a place holder in the prompt
SYSTEM_TURN: Final = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
"""Was put before every conversation in training; published inference leaves it out."""

TURN_START: Final = "<|im_start|>"
TURN_END: Final = "<|im_end|>"

REPORT: Final = "Provide a radiology report for this Chest X-Ray."
CLASSIFICATION: Final = "Please identify the abnormalities from this image."
DETECTION: Final = (
    "Please identify any lesions or abnormalities on this X-ray and specify their locations."
)
PHRASE: Final = "Please locate the following sentence: {}"


def grounding(name: str) -> str:
    """Ask where an abnormality or a region lies."""
    return f"Where is the {name} located in this Chest X-ray?"


ANSWERS_NONE: Final = (
    "No abnormalities or lesions are detected on this Chest X-ray.",
    "The Chest X-ray appears to be clear of any abnormalities.",
    "There are no detectable abnormalities on this X-ray.",
    "This Chest X-ray shows no signs of abnormalities.",
    "Based on this X-ray, there are no abnormalities to report.",
    "There are no findings on this Chest X-ray.",
    "The Chest X-ray appears to be clear of any findings.",
)
"""Its answers to the classification question where it lists no label."""

ANSWERS_ONE: Final = (
    "Yes, there is one abnormality identified: {}.",
    "The following abnormality is present: {}.",
    "The analysis reveals the following abnormality: {}.",
    "The Chest X-ray includes the following finding: {}.",
)
ANSWERS_MANY: Final = (
    "The following abnormalities are identified: {}.",
    "The following abnormalities are present: {}.",
    "The analysis reveals these abnormalities: {}.",
    "From the examination, it is evident that these abnormalities are present: {}.",
    "The Chest X-ray includes the following abnormalities: {}.",
)


def classification_answers(labels: Sequence[str]) -> tuple[str, ...]:
    """Give every wording of the answer that lists exactly these labels, in this order."""
    if not labels:
        return ANSWERS_NONE
    if len(labels) == 1:
        return tuple(answer.format(labels[0]) for answer in ANSWERS_ONE)
    listed = f"{', '.join(labels[:-1])} and {labels[-1]}"
    return tuple(answer.format(listed) for answer in ANSWERS_MANY)


def before_image(*, system: bool) -> str:
    """Give the text that comes before the image's tokens."""
    return (SYSTEM_TURN if system else "") + "<|im_start|>user\n"


def after_image(turns: Sequence[tuple[str, str]], question: str) -> str:
    """Give the text that follows the image's tokens, up to where the model speaks.

    Parameters
    ----------
    turns
        Earlier questions with the model's answers, oldest first.
    question
        The question to be answered now.

    Returns
    -------
    str
        The rest of the first turn, where the image is, and all later turns, which have none.
    """
    spoken = "".join(
        f"{asked}<|im_end|>\n<|im_start|>assistant\n{answer}<|im_end|>\n<|im_start|>user\n"
        for asked, answer in turns
    )
    return f"\n{spoken}{question}<|im_end|>\n<|im_start|>assistant\n"
