"""One pass of new tokens through a model, upon the buffers of `reader.engines.slots`."""

from collections.abc import Callable
from typing import Any

import torch

from reader.engines.local_model import LocalModel
from reader.engines.slots import Slots, causal_mask

Pass = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From tokens and their places, int64 [rows, tokens], to logits [rows, tokens, vocabulary]."""


def run(
    model: LocalModel, slots: Slots, tokens: torch.Tensor, places: torch.Tensor
) -> torch.Tensor:
    """Let tokens see what lies before them in their row.

    Parameters
    ----------
    model
        The loaded model.
    slots
        The rows' buffers, written at `places`.
    tokens, places
        int64 [rows, tokens]; a token's place is its position, too.

    Returns
    -------
    torch.Tensor
        Logits [rows, tokens, vocabulary].
    """
    mask = masks(model, places, slots.length)
    return run_masked(model, slots, tokens, places, positions=places, mask=mask)


def run_masked(
    model: LocalModel,
    slots: Slots,
    tokens: torch.Tensor,
    places: torch.Tensor,
    *,
    positions: torch.Tensor,
    mask: Any,
) -> torch.Tensor:
    """Let tokens see what a mask lets them see; see `run`."""
    with slots.writing(places):
        logits: torch.Tensor = model.model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=slots,
            use_cache=True,
        ).logits
    return logits


def masks(model: LocalModel, places: torch.Tensor, length: int) -> Any:
    """Give the mask of each kind of layer that the model has."""
    full = causal_mask(places, length)
    if model.sliding_window is None:
        return full
    window = causal_mask(places, length, model.sliding_window)
    return {"full_attention": full, "sliding_attention": window}
