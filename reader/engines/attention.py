"""Attention that reads keys and values once, where the library would copy them for every head.

With grouped queries (Qwen2-7B: 28 heads on 4 keys) and a mask, `transformers` repeats keys and
values for each head: seven times the memory traffic, on every token, of a film of 7,000 tokens.
Here the heads of a group stand side by side in one matrix product instead. A pass without a mask,
as the film's own is, goes to torch's fused kernel.
"""

from typing import Any, Final

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

GROUPED: Final = "firstread_grouped"
"""Name under which `set_attn_implementation` finds it."""


def grouped_attention(  # noqa: PLR0917 - the library's interface
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """Attend, as `AttentionInterface` asks for it.

    Parameters
    ----------
    module
        The attention layer.
    query
        [batch, heads, tokens, width].
    key, value
        [batch, groups, slots, width]; heads is a multiple of groups.
    attention_mask
        Additive, [batch or 1, 1, tokens, slots], or None.
    scaling
        Factor of the products; 1 / sqrt(width) where None.

    Returns
    -------
    torch.Tensor, None
        [batch, tokens, heads, width]; no weights.
    """
    if attention_mask is None or attention_mask.dtype == torch.bool:
        fused: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **others
        )
        return fused
    batch, heads, tokens, width = query.shape
    groups, slots = key.shape[1:3]
    scale = width**-0.5 if scaling is None else scaling
    packed = query.reshape(batch, groups, heads // groups * tokens, width) * scale
    scores = (packed @ key.transpose(-1, -2)).view(batch, groups, -1, tokens, slots)
    # The softmax of half precision is taken in single precision, as the library's own is.
    scores = scores.float() + attention_mask[:, :, None].float()
    weights = scores.softmax(-1).to(value.dtype).view(batch, groups, -1, slots)
    mixed = (weights @ value).view(batch, heads, tokens, width)
    return mixed.transpose(1, 2), None


AttentionInterface.register(GROUPED, grouped_attention)
AttentionMaskInterface.register(GROUPED, sdpa_mask)
