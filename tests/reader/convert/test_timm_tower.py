"""A converted tower computes what timm's computes.

timm is not at hand: its `VisionTransformer` (`vit_base_patch14_dinov2`: class token, learned
positions, one matrix for query, key and value, layer scale, exact GELU, norms of epsilon 1e-6) is
written out here in plain torch, and LLaVA-Rad's way of reading it: the last block but one, no
final norm, no class token.
"""

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import Dinov2Config, Dinov2Model

from core.errors import ModelFolderError
from reader.convert.timm_tower import converted_tower, tower_config
from tests.reader.weights.small_llava_rad import BLOCKS, PATCH, SIDE, WIDTH, small_trunk

HEAD = 64


def timm_states(trunk: dict[str, Tensor], pixels: Tensor) -> list[Tensor]:
    """Give timm's hidden states: what goes into the first block, and what comes out of each."""
    patches = functional.conv2d(
        pixels, trunk["patch_embed.proj.weight"], trunk["patch_embed.proj.bias"], stride=PATCH
    )
    tokens = patches.flatten(2).transpose(1, 2)
    first = trunk["cls_token"].expand(len(tokens), -1, -1)
    x = torch.cat([first, tokens], dim=1) + trunk["pos_embed"]
    states = [x]
    for number in range(BLOCKS):
        part = {
            name.removeprefix(f"blocks.{number}."): tensor
            for name, tensor in trunk.items()
            if name.startswith(f"blocks.{number}.")
        }
        x = x + part["ls1.gamma"] * _attention(part, _norm(part, "norm1", x))
        y = functional.linear(_norm(part, "norm2", x), part["mlp.fc1.weight"], part["mlp.fc1.bias"])
        y = y * 0.5 * (1 + torch.erf(y / 2**0.5))
        y = functional.linear(y, part["mlp.fc2.weight"], part["mlp.fc2.bias"])
        x = x + part["ls2.gamma"] * y
        states.append(x)
    return states


def _norm(part: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    mean = x.mean(-1, keepdim=True)
    spread = ((x - mean) ** 2).mean(-1, keepdim=True)
    scaled = (x - mean) / torch.sqrt(spread + 1e-6)
    return scaled * part[f"{name}.weight"] + part[f"{name}.bias"]


def _attention(part: dict[str, Tensor], x: Tensor) -> Tensor:
    batch, count, width = x.shape
    qkv = functional.linear(x, part["attn.qkv.weight"], part["attn.qkv.bias"])
    q, k, v = qkv.reshape(batch, count, 3, width // HEAD, HEAD).permute(2, 0, 3, 1, 4)
    weights = ((q * HEAD**-0.5) @ k.transpose(-2, -1)).softmax(-1)
    mixed = (weights @ v).transpose(1, 2).reshape(batch, count, width)
    return functional.linear(mixed, part["attn.proj.weight"], part["attn.proj.bias"])


def _converted(trunk: dict[str, Tensor]) -> Dinov2Model:
    config = Dinov2Config(**tower_config(trunk, SIDE))
    model, report = Dinov2Model.from_pretrained(
        None, config=config, state_dict=converted_tower(trunk), output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    return model.eval()


def test_every_hidden_state_is_timms() -> None:
    trunk = small_trunk()
    pixels = torch.randn((2, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        theirs = timm_states(trunk, pixels)
        output = _converted(trunk)(pixels, output_hidden_states=True)
    assert len(output.hidden_states) == BLOCKS + 1
    for ours, wanted in zip(output.hidden_states, theirs, strict=True):
        assert torch.allclose(ours, wanted, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(theirs[-2], theirs[-1], atol=1e-2)


def test_query_key_and_value_are_not_mixed_up() -> None:
    trunk = small_trunk()
    tower = converted_tower(trunk)
    whole = trunk["blocks.1.attn.qkv.weight"]
    for place, name in enumerate(("query", "key", "value")):
        part = tower[f"encoder.layer.1.attention.attention.{name}.weight"]
        assert torch.equal(part, whole[place * WIDTH : (place + 1) * WIDTH])


@pytest.mark.parametrize("name", ["pos_embed", "norm.bias", "blocks.1.ls1.gamma"])
def test_a_missing_tensor_is_an_error(name: str) -> None:
    trunk = small_trunk()
    del trunk[name]
    with pytest.raises(ModelFolderError, match=f"the vision tower lacks {name}"):
        converted_tower(trunk)


@pytest.mark.parametrize("name", ["norm_pre.weight", "blocks.0.attn.q_norm.weight", "reg_token"])
def test_an_unknown_tensor_is_an_error(name: str) -> None:
    with pytest.raises(ModelFolderError, match=f"1 unknown tensors, such as {name}"):
        converted_tower(small_trunk() | {name: torch.zeros(1)})


@pytest.mark.parametrize("side", [SIDE + 1, SIDE * 2])
def test_a_picture_of_another_size_is_an_error(side: int) -> None:
    with pytest.raises(ModelFolderError, match=f"is none for pictures of {side}"):
        tower_config(small_trunk(), side)
