"""How each task is asked: the model's own question first, other wordings after it.

The canonical questions are `reader.prompts`', since a model answers well to the words it was
trained on. The others keep a fine-tuned model from hanging on one string.
"""

from __future__ import annotations

from typing import Final

from reader import prompts

REPORT: Final = (
    prompts.REPORT,
    "Can you provide a radiology report for this Chest X-ray?",
    "Please write a radiology report for this X-ray.",
    "Write a draft report of this film.",
    "Describe the findings on this Chest X-ray.",
)
CLASSIFICATION: Final = (
    prompts.CLASSIFICATION,
    "What abnormalities are present on this Chest X-ray?",
    "Are there any abnormalities on this image?",
    "List the findings of this film.",
    "What do you see on this X-ray?",
)
GROUNDING: Final = (
    prompts.grounding("{}"),
    "Can you show where the {} is on this image?",
    "Please locate the {}.",
)
PHRASE: Final = (
    prompts.PHRASE,
    "Where on the image is this seen: {}",
)
DETECTION: Final = (
    prompts.DETECTION,
    "List all abnormalities with their coordinates.",
)
PRESENCE: Final = (
    "Is there {}?",
    "Do you see {}?",
    "Does this film show {}?",
)
PLACE: Final = ("Where is it?", "Where is it located?", "Can you show me where?")
SIDE: Final = ("Which side?", "On which side is it?", "Is it on the left or on the right?")
DEGREE: Final = ("How large is it?", "How severe is it?")
IMPRESSION: Final = (
    "What is your impression?",
    "Please summarize your impression.",
    "What is the conclusion?",
)
NORMAL: Final = ("Is this film normal?", "Is this a normal Chest X-ray?")
VIEW: Final = ("What view is this?", "Is this an AP or a PA view?")
OTHERS: Final = ("Is there anything else?", "Are there other findings?")
