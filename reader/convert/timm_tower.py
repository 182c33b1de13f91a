"""A DINOv2 tower from timm's names and layout to those of `transformers`.

Source: timm's `VisionTransformer` as its `vit_base_patch14_dinov2` builds it. Query, key and
value are one matrix there, one behind the other; heads are 64 wide; the final norm is carried
over though LLaVA-Rad reads the tower before it.
"""

from collections.abc import Mapping
from typing import Any, Final

import torch

from core.errors import ModelFolderError

HEAD_WIDTH: Final = 64
_NORM_EPSILON: Final = 1e-6
_TOP: Final = {
    "cls_token": "embeddings.cls_token",
    "pos_embed": "embeddings.position_embeddings",
    "patch_embed.proj.weight": "embeddings.patch_embeddings.projection.weight",
    "patch_embed.proj.bias": "embeddings.patch_embeddings.projection.bias",
    "norm.weight": "layernorm.weight",
    "norm.bias": "layernorm.bias",
}
_BLOCK: Final = {
    "norm1.weight": "norm1.weight",
    "norm1.bias": "norm1.bias",
    "attn.proj.weight": "attention.output.dense.weight",
    "attn.proj.bias": "attention.output.dense.bias",
    "ls1.gamma": "layer_scale1.lambda1",
    "norm2.weight": "norm2.weight",
    "norm2.bias": "norm2.bias",
    "mlp.fc1.weight": "mlp.fc1.weight",
    "mlp.fc1.bias": "mlp.fc1.bias",
    "mlp.fc2.weight": "mlp.fc2.weight",
    "mlp.fc2.bias": "mlp.fc2.bias",
    "ls2.gamma": "layer_scale2.lambda1",
}
_QKV: Final = ("query", "key", "value")


def converted_tower(trunk: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Rename a tower's tensors, and part its attention matrices.

    Parameters
    ----------
    trunk
        By timm's names.

    Returns
    -------
    dict
        By the names under which `transformers` publishes `Dinov2Model`.

    Raises
    ------
    ModelFolderError
        If a tensor is missing or unknown.
    """
    left = dict(trunk)
    tower: dict[str, torch.Tensor] = {}

    def take(name: str) -> torch.Tensor:
        try:
            return left.pop(name)
        except KeyError:
            message = f"the vision tower lacks {name}"
            raise ModelFolderError(message) from None

    for name, target in _TOP.items():
        tower[target] = take(name)
    for number in range(_blocks(trunk)):
        block, layer = f"blocks.{number}.", f"encoder.layer.{number}."
        for name, target in _BLOCK.items():
            tower[layer + target] = take(block + name)
        for kind in ("weight", "bias"):
            parts = take(f"{block}attn.qkv.{kind}").chunk(len(_QKV))
            for name, part in zip(_QKV, parts, strict=True):
                tower[f"{layer}attention.attention.{name}.{kind}"] = part
    if left:
        message = f"the vision tower has {len(left)} unknown tensors, such as {min(left)}"
        raise ModelFolderError(message)
    return tower


def tower_config(trunk: Mapping[str, torch.Tensor], image_size: int) -> dict[str, Any]:
    """Describe a tower for `transformers`.

    Parameters
    ----------
    trunk
        A whole one, by timm's names.
    image_size
        Side of its picture in pixels.

    Raises
    ------
    ModelFolderError
        If its positions are not those of a square picture of that side.
    """
    width = int(trunk["pos_embed"].shape[-1])
    patch = int(trunk["patch_embed.proj.weight"].shape[-1])
    positions = int(trunk["pos_embed"].shape[1])
    if image_size % patch or positions != (image_size // patch) ** 2 + 1 or width % HEAD_WIDTH:
        message = (
            f"a tower {width} wide with {positions} positions and patches of {patch} is none for "
            f"pictures of {image_size}"
        )
        raise ModelFolderError(message)
    return {
        "hidden_act": "gelu",
        "hidden_size": width,
        "image_size": image_size,
        "layer_norm_eps": _NORM_EPSILON,
        "mlp_ratio": int(trunk["blocks.0.mlp.fc1.weight"].shape[0]) // width,
        "model_type": "dinov2",
        "num_attention_heads": width // HEAD_WIDTH,
        "num_hidden_layers": _blocks(trunk),
        "patch_size": patch,
        "qkv_bias": True,
        "use_mask_token": False,
    }


def _blocks(trunk: Mapping[str, torch.Tensor]) -> int:
    numbers = {int(name.split(".")[1]) for name in trunk if name.startswith("blocks.")}
    return max(numbers, default=-1) + 1
