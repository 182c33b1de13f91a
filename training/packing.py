"""Several conversations about one film in one sequence, each as if it stood alone.

The film's tokens are most of a sequence. Here they are computed once: every conversation sees the
film and itself, never its neighbours, and its positions follow the film's directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from transformers import PreTrainedTokenizerBase

from reader import prompts

Turn = tuple[str, str]
IGNORED: Final = -100


@dataclass(frozen=True)
class Packed:
    """One film's conversations as tokens, without the film's own.

    Parameters
    ----------
    tokens
        int64 (length,).
    targets
        int64 (length,): the token itself where it is part of an answer, else `IGNORED`.
    segments
        int64 (length,): number of the conversation, from 1.
    """

    tokens: torch.Tensor
    targets: torch.Tensor
    segments: torch.Tensor


def answer_tokens(
    tokenizer: PreTrainedTokenizerBase, spoken: Sequence[Turn]
) -> tuple[list[int], list[int]]:
    """Write one conversation's tokens after the film's, and which of them are to be learnt.

    Parameters
    ----------
    tokenizer
        The model's.
    spoken
        Questions with their answers.

    Returns
    -------
    tokens, targets : list of int
        Of equal length. Learnt are the answers and the mark that ends each.
    """
    tokens: list[int] = []
    targets: list[int] = []
    for number, (question, answer) in enumerate(spoken):
        asked = prompts.after_image([], question)
        if number:
            asked = f"\n{prompts.before_image(system=False)}{asked.removeprefix(chr(10))}"
        before = tokenizer(asked, add_special_tokens=False).input_ids
        said = tokenizer(f"{answer}<|im_end|>", add_special_tokens=False).input_ids
        tokens += before + said
        targets += [IGNORED] * len(before) + said
    return tokens, targets


def pack(tokenizer: PreTrainedTokenizerBase, conversations: Sequence[Sequence[Turn]]) -> Packed:
    """Put conversations about one film side by side."""
    tokens: list[int] = []
    targets: list[int] = []
    segments: list[int] = []
    for number, spoken in enumerate(conversations, start=1):
        written, learnt = answer_tokens(tokenizer, spoken)
        tokens += written
        targets += learnt
        segments += [number] * len(written)
    return Packed(*(torch.tensor(part, dtype=torch.int64) for part in (tokens, targets, segments)))


def attention_mask(segments: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
    """Say which token sees which.

    Parameters
    ----------
    segments
        int64 (films, length): 0 for the film and what stands before it, the conversation's
        number after it, -1 for padding.
    kind
        Type of the scores that the mask is added to.

    Returns
    -------
    Tensor
        (films, 1, length, length): 0 where the row's token sees the column's, else the lowest
        number there is.
    """
    length = segments.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    row, column = segments[:, :, None], segments[:, None, :]
    seen = causal & ((column == 0) | (column == row))
    # A padding token that saw nothing at all would give a row of NaN.
    seen = (seen | torch.eye(length, dtype=torch.bool))[:, None]
    return torch.zeros(seen.shape, dtype=kind).masked_fill(~seen, torch.finfo(kind).min)


def positions(segments: torch.Tensor) -> torch.Tensor:
    """Give each token's position: a conversation's begin where the film's end.

    Parameters
    ----------
    segments
        As in `attention_mask`.
    """
    places = torch.zeros_like(segments)
    for row, kinds in enumerate(segments):
        film = int((kinds == 0).sum())
        places[row, :film] = torch.arange(film)
        for number in range(1, int(kinds.max()) + 1):
            where = (kinds == number).nonzero().squeeze(1)
            places[row, where] = film + torch.arange(len(where))
    return places
