"""LLaVA-Rad's published parts and its base, of random weights: names and files as published."""

import json
import struct
from pathlib import Path
from typing import Any

import torch

from tests.reader.weights.small_llama import llama_vocabulary

SIDE = 56
PATCH = 14
WIDTH = 128
BLOCKS = 3
HIDDEN = 32
LAYERS = 2
RANK = 4
ALPHA = 8
TARGETS = {
    **{f"self_attn.{name}_proj": (HIDDEN, HIDDEN) for name in "qkvo"},
    "mlp.gate_proj": (48, HIDDEN),
    "mlp.up_proj": (48, HIDDEN),
    "mlp.down_proj": (HIDDEN, 48),
}
"""The adapted weights of a layer, with their shapes."""


def save_small_base(folder: Path) -> Path:
    """Write a base model as Vicuna's is: two pickles, an index, a SentencePiece file."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, _ = llama_vocabulary()
    random = _random(1)
    weights = {"model.embed_tokens.weight": random(len(vocabulary), HIDDEN)}
    for number in range(LAYERS):
        layer = f"model.layers.{number}."
        weights |= {f"{layer}{name}.weight": random(*TARGETS[name]) for name in TARGETS}
        for name in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{layer}{name}.weight"] = 1 + random(HIDDEN)
        weights[f"{layer}self_attn.rotary_emb.inv_freq"] = random(4)
    weights |= {"model.norm.weight": 1 + random(HIDDEN)}
    weights |= {"lm_head.weight": random(len(vocabulary), HIDDEN)}
    names = list(weights)
    shards = {"pytorch_model-00001-of-00002.bin": names[:9]}
    shards["pytorch_model-00002-of-00002.bin"] = names[9:]
    for file, held in shards.items():
        torch.save({name: weights[name].half() for name in held}, folder / file)
    index = {"weight_map": {name: file for file, held in shards.items() for name in held}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    (folder / "config.json").write_text(json.dumps(_base_config(len(vocabulary))))
    (folder / "tokenizer.model").write_bytes(sentencepiece_bytes())
    return folder


def save_small_adapter(folder: Path) -> Path:
    """Write the published folder's parts."""
    folder.mkdir(parents=True, exist_ok=True)
    random = _random(2)
    pairs = {}
    for number in range(LAYERS):
        for name, (rows, columns) in TARGETS.items():
            target = f"base_model.model.model.layers.{number}.{name}"
            pairs[f"{target}.lora_A.weight"] = random(RANK, columns)
            pairs[f"{target}.lora_B.weight"] = random(rows, RANK)
    torch.save(pairs, folder / "adapter_model.bin")
    torch.save(
        {
            f"base_model.model.model.mm_projector.{name}": tensor
            for name, tensor in {
                "0.weight": random(HIDDEN, WIDTH),
                "0.bias": random(HIDDEN),
                "2.weight": random(HIDDEN, HIDDEN),
                "2.bias": random(HIDDEN),
            }.items()
        },
        folder / "non_lora_trainables.bin",
    )
    checkpoint = {
        **{f"module.visual.trunk.{name}": part for name, part in small_trunk().items()},
        "module.visual.head.proj.weight": random(8, WIDTH),
        "module.text.transformer.weight": random(4, 4),
        "module.logit_scale": torch.tensor(2.0),
    }
    torch.save(
        {"epoch": 3, "name": "run", "state_dict": checkpoint},
        folder / "biomedclipcxr_518_checkpoint.pt",
    )
    for name, values in _adapter_configs().items():
        (folder / name).write_text(json.dumps(values))
    return folder


def small_trunk(seed: int = 3) -> dict[str, torch.Tensor]:
    """Make a tower's tensors by timm's names."""
    random = _random(seed)
    positions = (SIDE // PATCH) ** 2 + 1
    trunk = {
        "cls_token": random(1, 1, WIDTH),
        "pos_embed": random(1, positions, WIDTH),
        "patch_embed.proj.weight": random(WIDTH, 3, PATCH, PATCH),
        "patch_embed.proj.bias": random(WIDTH),
        "norm.weight": 1 + random(WIDTH),
        "norm.bias": random(WIDTH),
    }
    shapes: dict[str, tuple[int, ...]] = {
        "norm1.bias": (WIDTH,),
        "attn.qkv.weight": (3 * WIDTH, WIDTH),
        "attn.qkv.bias": (3 * WIDTH,),
        "attn.proj.weight": (WIDTH, WIDTH),
        "attn.proj.bias": (WIDTH,),
        "ls1.gamma": (WIDTH,),
        "norm2.bias": (WIDTH,),
        "mlp.fc1.weight": (4 * WIDTH, WIDTH),
        "mlp.fc1.bias": (4 * WIDTH,),
        "mlp.fc2.weight": (WIDTH, 4 * WIDTH),
        "mlp.fc2.bias": (WIDTH,),
        "ls2.gamma": (WIDTH,),
    }
    for number in range(BLOCKS):
        trunk |= {f"blocks.{number}.{name}": random(*shape) for name, shape in shapes.items()}
        trunk |= {f"blocks.{number}.norm{norm}.weight": 1 + random(WIDTH) for norm in (1, 2)}
    return trunk


def sentencepiece_bytes(**changed: int) -> bytes:
    """Write the vocabulary as a SentencePiece file; the settings may be changed for a test."""
    settings = {"model_type": 2, "byte_fallback": 1, "add_dummy_prefix": 1, "remove_extra": 0}
    settings |= changed
    vocabulary, _ = llama_vocabulary()
    pieces = b""
    for piece, number in vocabulary.items():
        kind = {"<unk>": 2, "<s>": 3, "</s>": 3}.get(piece, 6 if piece.startswith("<0x") else 1)
        text = piece.encode()
        body = _sized(1, text) + b"\x15" + struct.pack("<f", -float(number)) + _number(3, kind)
        pieces += _sized(1, body)
    trainer = _number(3, settings["model_type"]) + _number(35, settings["byte_fallback"])
    normalizer = (
        _sized(1, b"identity")
        + _number(3, settings["add_dummy_prefix"])
        + _number(4, settings["remove_extra"])
    )
    return pieces + _sized(2, trainer) + _sized(3, normalizer)


def _random(seed: int) -> Any:
    generator = torch.Generator().manual_seed(seed)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * 0.2

    return random


def _sized(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    digits = []
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def _base_config(rows: int) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "intermediate_size": 48,
        "max_position_embeddings": 4096,
        "model_type": "llama",
        "num_attention_heads": 4,
        "num_hidden_layers": LAYERS,
        "num_key_value_heads": 4,
        "pad_token_id": 0,
        "rms_norm_eps": 1e-05,
        "rope_scaling": None,
        "vocab_size": rows,
    }


def _adapter_configs() -> dict[str, dict[str, Any]]:
    return {
        "adapter_config.json": {
            "bias": "none",
            "fan_in_fan_out": False,
            "lora_alpha": ALPHA,
            "peft_type": "LORA",
            "r": RANK,
            "target_modules": [name.split(".")[1] for name in TARGETS],
        },
        "biomedclipcxr_518.json": {
            "embed_dim": 8,
            "vision_cfg": {"image_size": SIDE, "timm_model_name": "vit_base_patch14_dinov2"},
        },
        "config.json": {
            "image_aspect_ratio": "square",
            "mm_projector_type": "mlp2x_gelu",
            "mm_use_im_patch_token": False,
            "mm_use_im_start_end": False,
            "mm_vision_select_feature": "patch",
            "mm_vision_select_layer": -2,
        },
    }
