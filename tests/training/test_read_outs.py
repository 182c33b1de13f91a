"""The projector's first units read off a patch what the encoder's heads read off it."""

import pytest
import torch
from transformers import LlavaOnevisionForConditionalGeneration

from training.architecture import model_config
from training.encoder_stage import SeeingEncoder
from training.findings import LABELS
from training.patch_targets import CLASSES
from training.read_outs import COUNT, begin_with_read_outs, idle_units


@pytest.fixture(scope="module")
def heads() -> SeeingEncoder:
    torch.manual_seed(3)
    return SeeingEncoder().eval()


@pytest.fixture
def model() -> LlavaOnevisionForConditionalGeneration:
    torch.manual_seed(4)
    return LlavaOnevisionForConditionalGeneration(model_config(300, 0, 2, 3))


@torch.no_grad()
def test_units_follow_the_heads(
    heads: SeeingEncoder, model: LlavaOnevisionForConditionalGeneration
) -> None:
    features = torch.randn(2, 9, 256)
    units = list(range(7, 7 + COUNT))
    begin_with_read_outs(model, heads, units, features)
    hidden = model.model.multi_modal_projector.linear_1(features)[..., units]
    cover = heads.cover(features)[..., : len(LABELS)]
    edges = heads.edges(features).unflatten(-1, (len(CLASSES), 4))[..., : len(LABELS), :]
    assert torch.allclose(hidden[..., : len(LABELS)], 0.4 * cover + 0.5, atol=1e-5)
    assert torch.allclose(hidden[..., len(LABELS) :], 2 * edges.flatten(-2), atol=1e-5)


def test_there_are_as_many_units_as_read_outs(
    heads: SeeingEncoder, model: LlavaOnevisionForConditionalGeneration
) -> None:
    with pytest.raises(ValueError, match=f"need {COUNT} units, not 3"):
        begin_with_read_outs(model, heads, [1, 2, 3], torch.randn(4, 256))


@torch.no_grad()
def test_idle_units_are_those_that_pass_nothing_on(
    model: LlavaOnevisionForConditionalGeneration,
) -> None:
    projector = model.model.multi_modal_projector
    projector.linear_2.weight[:, [3, 200]] = 0.0
    projector.linear_1.weight[50] = 0.0
    assert idle_units(projector, torch.randn(30, 256), 3) == [3, 50, 200]
