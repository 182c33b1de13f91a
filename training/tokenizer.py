"""The demonstration model's tokenizer: few tokens, and one for every number a box can hold.

Byte-level, so any text a user types can be written; the merges are learnt from the instruction
data's own words. A number of two decimals is a token of its own: a box is then nine tokens, and
the decoder chooses a coordinate in one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

PAD: Final = "<|endoftext|>"
START: Final = "<|im_start|>"
END: Final = "<|im_end|>"
IMAGE: Final = "<image>"
VIDEO: Final = "<video>"
NUMBERS: Final = tuple(str(round(step / 100, 2)) for step in range(101))

# Pieces that merges never cross: a coordinate, the comma and blank before one, a line's end, a word
# or a sign with the blank before it.
_COORDINATE: Final = r"(?<![\d.])[01]\.\d{1,2}(?![\d])"
_PIECES: Final = (
    rf"{_COORDINATE}|, (?=[01]\.\d)|\n| ?\p{{L}}+| ?[^\s\p{{L}}\p{{N}}]+(?<!,)|\p{{N}}|,|\s"
)

# RadVLM's turns; the picture stands before the first question's text.
CHAT_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] if part['type'] == 'image' %}<image>\n{% endfor %}"
    "{% for part in message['content'] if part['type'] == 'text' %}{{ part['text'] }}{% endfor %}"
    "{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def train_tokenizer(texts: Iterable[str], size: int) -> PreTrainedTokenizerFast:
    """Learn a tokenizer.

    Parameters
    ----------
    texts
        Questions and answers to learn merges from.
    size
        Number of tokens, the added ones included.
    """
    inner = Tokenizer(models.BPE(ignore_merges=True))
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    inner.decoder = decoders.ByteLevel()
    special = [PAD, START, END, IMAGE, VIDEO]
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(NUMBERS),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=3,
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    inner = _with_numbers(inner)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token=PAD,
        bos_token=PAD,
        eos_token=END,
        additional_special_tokens=[START, IMAGE, VIDEO],
        model_max_length=2048,
        padding_side="left",
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )


def _with_numbers(inner: Tokenizer) -> Tokenizer:
    """Add the coordinates to the vocabulary.

    As ordinary tokens: added ones count as special to those who clean a user's words of them.
    """
    values = json.loads(inner.to_str())
    vocabulary = values["model"]["vocab"]
    for number in NUMBERS:
        vocabulary.setdefault(number, len(vocabulary))
    return Tokenizer.from_str(json.dumps(values))
