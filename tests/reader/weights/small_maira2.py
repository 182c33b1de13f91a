"""A MAIRA-2 of random weights in the published layout: keys, configuration, processor, template."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from reader.weights.maira2_model import Maira2Config, Maira2ForConditionalGeneration
from tests.reader.weights.small_llama import llama_tokenizer

SIDE = 56
TEMPLATE = (
    "You are an expert radiology assistant tasked with interpreting a chest X-ray study. "
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %} USER:  {% else %} ASSISTANT:  {% endif %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %} {% endfor %}"
    "{% if add_generation_prompt %} ASSISTANT: {% endif %}"
)
_PREFIXES = (
    ("lm_head.", "language_model.lm_head."),
    ("model.language_model.", "language_model.model."),
    ("model.vision_tower.", "vision_tower."),
    ("model.multi_modal_projector.", "multi_modal_projector."),
)
_TOWER = (
    ("attention.q_proj", "attention.attention.query"),
    ("attention.k_proj", "attention.attention.key"),
    ("attention.v_proj", "attention.attention.value"),
    ("attention.o_proj", "attention.output.dense"),
)
_BINS = [f"<{axis}{number}>" for axis in "xy" for number in range(100)]


def save_small_maira2(folder: Path, *, seed: int = 0) -> Path:
    """Write the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = llama_tokenizer(
        special=("<image>",), added=("<obj>", "</obj>", "<box>", "</box>", *_BINS)
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    values = _config(int(str(tokenizer.convert_tokens_to_ids("<image>"))), len(tokenizer))
    torch.manual_seed(seed)
    model = Maira2ForConditionalGeneration(Maira2Config(**values))
    for name, weight in model.named_parameters():
        if "layer_scale" in name:  # as published ones: neither all one nor all alike
            torch.nn.init.uniform_(weight, 0.2, 1.0)
    model.save_pretrained(folder)
    _publish(folder)
    (folder / "config.json").write_text(json.dumps(values))
    (folder / "generation_config.json").write_text(
        json.dumps({"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0})
    )
    (folder / "preprocessor_config.json").write_text(json.dumps(image_values()))
    return folder


def image_values() -> dict[str, Any]:
    """Give the values of the processor's file, for the small picture."""
    return {
        "crop_size": {"height": SIDE, "width": SIDE},
        "do_center_crop": True,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5307, 0.5307, 0.5307],
        "image_processor_type": "BitImageProcessor",
        "image_std": [0.2583, 0.2583, 0.2583],
        "processor_class": "Maira2Processor",
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"shortest_edge": SIDE},
    }


def _publish(folder: Path) -> None:
    """Give the weights the names of the published folder, whatever the library saves."""
    file = folder / "model.safetensors"
    weights = {_published(name): weight.clone() for name, weight in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})


def _published(name: str) -> str:
    for present, published in _PREFIXES:
        if name.startswith(present):
            name = published + name.removeprefix(present)
            break
    if name.startswith("vision_tower."):
        for present, published in _TOWER:
            name = name.replace(present, published)
    return name


def _config(image_id: int, rows: int) -> dict[str, Any]:
    return {
        "architectures": ["Maira2ForConditionalGeneration"],
        "auto_map": {"AutoConfig": "configuration_maira2.Maira2Config"},
        "hidden_size": 32,
        "ignore_index": -100,
        "image_seq_length": 16,
        "image_token_index": image_id,
        "model_type": "maira2",
        "multimodal_projector_bias": True,
        "pad_token_id": 0,
        "projector_hidden_act": "gelu",
        "projector_n_layers": 4,
        "text_config": {
            "architectures": ["LlamaForCausalLM"],
            "hidden_size": 32,
            "initializer_range": 0.3,
            "intermediate_size": 48,
            "max_position_embeddings": 4096,
            "model_type": "llama",
            "num_attention_heads": 4,
            "num_hidden_layers": 2,
            "pad_token_id": 0,
            "rms_norm_eps": 1e-05,
            "rope_scaling": {"factor": 1.5, "type": "linear"},
            "torch_dtype": "float32",
            "vocab_size": rows,
        },
        "torch_dtype": "float32",
        "vision_config": {
            "apply_layernorm": True,
            "hidden_size": 16,
            "image_size": SIDE,
            "initializer_range": 0.3,
            "model_type": "dinov2",
            "num_attention_heads": 2,
            "num_hidden_layers": 3,
            "out_features": ["stage3"],
            "out_indices": [3],
            "patch_size": 14,
            "reshape_hidden_states": False,
            "torch_dtype": "float32",
        },
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "default",
    }
