"""Lets the projector begin with what the encoder already knows how to say.

The encoder's heads (`training.encoder_stage`) read cover and edges of every finding off a patch.
A small finding's share in a patch's features is faint beside the anatomy's, and a decoder that has
to discover it needs ten times as long. So some of the projector's units begin as these read-outs,
at a scale that the decoder cannot overlook; training goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import nn
from transformers import LlavaOnevisionForConditionalGeneration

from training.encoder_stage import SeeingEncoder
from training.findings import LABELS

COUNT: Final = len(LABELS) * 5
"""Units that are needed: cover and four edges of each label."""
_COVER_SCALE: Final = 0.4
_EDGE_SCALE: Final = 2.0
_EDGE_SHARE: Final = 0.25
_LOUDNESS: Final = 0.4


def begin_with_read_outs(
    model: LlavaOnevisionForConditionalGeneration,
    heads: SeeingEncoder,
    units: Sequence[int],
    features: torch.Tensor,
) -> None:
    """Make some units of the projector's hidden layer read what the encoder's heads read.

    Parameters
    ----------
    model
        The model, changed in place.
    heads
        The encoder as it was trained, with its heads.
    units
        `COUNT` units of the projector's hidden layer to be given away.
    features
        float (..., width): some films' features; the units are to be heard beside what the
        projector makes of these.

    Raises
    ------
    ValueError
        If there are not as many units as read-outs.
    """
    if len(units) != COUNT:
        message = f"the read-outs need {COUNT} units, not {len(units)}"
        raise ValueError(message)
    count = len(LABELS)
    # The heads' rows are the labels' first, four edges each.
    edges_weight = heads.edges.weight[: count * 4]
    edges_bias = heads.edges.bias[: count * 4]
    projector = model.model.multi_modal_projector
    places = torch.tensor(list(units))
    draw = torch.Generator().manual_seed(2)
    with torch.no_grad():
        outward = _LOUDNESS * float(projector(features).std())
        projector.linear_1.weight[places] = torch.cat(
            [_COVER_SCALE * heads.cover.weight[:count], _EDGE_SCALE * edges_weight]
        )
        projector.linear_1.bias[places] = torch.cat(
            [_COVER_SCALE * heads.cover.bias[:count] + 0.5, _EDGE_SCALE * edges_bias]
        )
        width = projector.linear_2.weight.shape[0]
        outwards = torch.empty(width, COUNT).normal_(0, outward, generator=draw)
        # Cover is silent on most patches, edges never are: the former has to be heard.
        outwards[:, count:] *= _EDGE_SHARE
        projector.linear_2.weight[:, places] = outwards


def idle_units(projector: Any, features: torch.Tensor, count: int = COUNT) -> list[int]:
    """Give the hidden units through which the least of the features passes to the decoder.

    Parameters
    ----------
    projector
        LLaVA's: two linear layers with GELU between.
    features
        float (..., width): some films' features.
    count
        How many.
    """
    with torch.no_grad():
        hidden = nn.functional.gelu(projector.linear_1(features)).flatten(0, -2)
        passed = hidden.std(dim=0) * projector.linear_2.weight.norm(dim=0)
    return sorted(passed.argsort()[:count].tolist())
