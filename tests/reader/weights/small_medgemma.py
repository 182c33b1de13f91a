"""A MedGemma of random weights in the published layout of keys, configuration and processor."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import Gemma3Config, Gemma3ForConditionalGeneration, PreTrainedTokenizerFast

from tests.reader.weights.small_llama import llama_vocabulary

SIDE = 56
SLIDING_WINDOW = 12
PAD, END, BOS = "<pad>", "<eos>", "<bos>"
MARKS = (PAD, END, BOS, "<start_of_turn>", "<end_of_turn>", "<start_of_image>")
SHOWN = ("<unused94>", "<unused95>")
# As transformers documents Gemma 3's own.
TEMPLATE = (
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}"
    "{% set first = messages[0]['content'][0]['text'] + '\n\n' %}"
    "{% set loop_messages = messages[1:] %}"
    "{% else %}{% set first = '' %}{% set loop_messages = messages %}{% endif %}"
    "{% for message in loop_messages %}"
    "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\n'"
    " + (first if loop.first else '') }}"
    "{% for item in message['content'] %}"
    "{% if item['type'] == 'image' %}{{ '<start_of_image>' }}"
    "{% else %}{{ item['text'] | trim }}{% endif %}"
    "{% endfor %}{{ '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)


def save_small_medgemma(folder: Path, *, seed: int = 0) -> Path:
    """Write the folder; its sliding window is shorter than any prompt."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    values = _config(tokenizer)
    torch.manual_seed(seed)
    model = Gemma3ForConditionalGeneration(Gemma3Config(**values))
    for name, weight in model.named_parameters():
        if name.endswith("mm_input_projection_weight"):
            torch.nn.init.normal_(weight, std=0.3)
        elif name.endswith("embed_tokens.weight"):
            # Larger ones would make a model with tied weights repeat its last token.
            torch.nn.init.normal_(weight, std=0.05)
        elif "norm" in name and "vision_tower" not in name:
            torch.nn.init.uniform_(weight, -0.5, 2.0)
    model.save_pretrained(folder)
    _publish(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(values))
    (folder / "generation_config.json").write_text(
        json.dumps(
            {
                "bos_token_id": tokenizer.convert_tokens_to_ids("<bos>"),
                "cache_implementation": "hybrid",
                "do_sample": True,
                "eos_token_id": tokenizer.convert_tokens_to_ids(["<eos>", "<end_of_turn>"]),
                "pad_token_id": 0,
                "top_k": 64,
                "top_p": 0.95,
            }
        )
    )
    (folder / "preprocessor_config.json").write_text(json.dumps(image_values()))
    (folder / "processor_config.json").write_text(
        json.dumps({"image_seq_length": 4, "processor_class": "Gemma3Processor"})
    )
    return folder


def image_values() -> dict[str, Any]:
    """Give the values of the processor's file, for the small picture."""
    return {
        "do_convert_rgb": None,
        "do_normalize": True,
        "do_pan_and_scan": None,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_processor_type": "Gemma3ImageProcessor",
        "image_seq_length": 4,
        "image_std": [0.5, 0.5, 0.5],
        "pan_and_scan_max_num_crops": None,
        "pan_and_scan_min_crop_size": None,
        "pan_and_scan_min_ratio_to_activate": None,
        "processor_class": "Gemma3Processor",
        "resample": 2,
        "rescale_factor": 1 / 255,
        "size": {"height": SIDE, "width": SIDE},
    }


def _tokenizer() -> PreTrainedTokenizerFast:
    vocabulary, merges = llama_vocabulary()
    first = {mark: number for number, mark in enumerate((PAD, END, BOS))}
    rest = [piece for piece in vocabulary if piece not in {"<unk>", "<s>", "</s>"}]
    vocabulary = first | {piece: number + 3 for number, piece in enumerate(rest)}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=True, fuse_unk=True))
    core.normalizer = normalizers.Replace(" ", "\u2581")
    core.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    core.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    special = (*MARKS, "<end_of_image>", "<image_soft_token>")
    core.add_special_tokens([AddedToken(mark, special=True) for mark in special])
    core.add_tokens([AddedToken(mark, normalized=False) for mark in SHOWN])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=BOS,
        eos_token=END,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
    )


def _publish(file: Path) -> None:
    """Give the weights the names of the published folders, whatever the library saves."""
    renamed = {}
    for name, weight in load_file(file).items():
        old = name.removeprefix("model.")
        if old.startswith("language_model.") and not old.startswith("language_model.model."):
            old = f"language_model.model.{old.removeprefix('language_model.')}"
        if old.startswith("vision_tower.") and not old.startswith("vision_tower.vision_model."):
            old = f"vision_tower.vision_model.{old.removeprefix('vision_tower.')}"
        renamed[old] = weight.clone()
    save_file(renamed, file, metadata={"format": "pt"})


def _config(tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    ids = tokenizer.get_vocab()
    return {
        "architectures": ["Gemma3ForConditionalGeneration"],
        "boi_token_index": ids["<start_of_image>"],
        "eoi_token_index": ids["<end_of_image>"],
        "eos_token_id": [ids["<eos>"], ids["<end_of_turn>"]],
        "image_token_index": ids["<image_soft_token>"],
        "initializer_range": 0.02,
        "mm_tokens_per_image": 4,
        "model_type": "gemma3",
        "text_config": {
            "attention_bias": False,
            "head_dim": 8,
            "hidden_activation": "gelu_pytorch_tanh",
            "hidden_size": 32,
            "initializer_range": 0.3,
            "intermediate_size": 48,
            "max_position_embeddings": 4096,
            "model_type": "gemma3_text",
            "num_attention_heads": 4,
            "num_hidden_layers": 3,
            "num_key_value_heads": 2,
            "query_pre_attn_scalar": 8,
            "rms_norm_eps": 1e-06,
            "rope_local_base_freq": 10000.0,
            "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
            "rope_theta": 1000000.0,
            "sliding_window": SLIDING_WINDOW,
            "sliding_window_pattern": 2,
            "torch_dtype": "float32",
            "use_cache": True,
            "vocab_size": len(tokenizer) + 3,
        },
        "torch_dtype": "float32",
        "vision_config": {
            "attention_dropout": 0.0,
            "hidden_act": "gelu_pytorch_tanh",
            "hidden_size": 16,
            "image_size": SIDE,
            "intermediate_size": 32,
            "layer_norm_eps": 1e-06,
            "model_type": "siglip_vision_model",
            "num_attention_heads": 2,
            "num_hidden_layers": 2,
            "patch_size": 14,
            "vision_use_head": False,
        },
    }
