"""Models of a real shape and random weights: what they say is noise, how long it takes is not."""

from typing import Any, Final

import torch
from PIL import Image
from transformers import (
    LlavaOnevisionConfig,
    LlavaOnevisionForConditionalGeneration,
    Qwen2Config,
    SiglipVisionConfig,
)

from reader.engines.local_model import LocalModel
from reader.model_folder import DEMO_MODEL
from reader.weights.onevision import Features, load_onevision
from reader.weights.tiles import TileValues

_TOKENS: Final = 152_128
_SHAPES: Final[dict[str, dict[str, dict[str, int]]]] = {
    # SigLIP so400m and Qwen2-7B, as RadVLM's own configuration has them.
    "radvlm-7b": {
        "vision": {
            "hidden_size": 1152,
            "intermediate_size": 4304,
            "num_hidden_layers": 26,
            "num_attention_heads": 16,
            "image_size": 384,
            "patch_size": 14,
        },
        "text": {
            "hidden_size": 3584,
            "intermediate_size": 18944,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
        },
    },
    # The same tiles and tokens with a thousandth of the weights, for a machine without a GPU.
    "radvlm-small": {
        "vision": {
            "hidden_size": 72,
            "intermediate_size": 272,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 384,
            "patch_size": 14,
        },
        "text": {
            "hidden_size": 224,
            "intermediate_size": 1184,
            "num_hidden_layers": 4,
            "num_attention_heads": 7,
            "num_key_value_heads": 1,
        },
    },
}
SHAPES: Final = tuple(_SHAPES)


def shaped_model(shape: str, device: torch.device, dtype: torch.dtype) -> LocalModel:
    """Make a model of a shape, its weights drawn on the device itself.

    Parameters
    ----------
    shape
        One of `SHAPES`.
    device, dtype
        Where, and in which arithmetic.

    Returns
    -------
    LocalModel
        With the demonstration model's tokenizer, whose tokens are the first of its vocabulary, and
        RadVLM's tiles. It never ends an answer by itself.
    """
    demo = load_onevision(DEMO_MODEL, torch.device("cpu"), torch.float32)
    sizes = _SHAPES[shape]
    config = LlavaOnevisionConfig(
        vision_config=SiglipVisionConfig(**sizes["vision"], vision_use_head=False).to_dict(),
        text_config=Qwen2Config(
            **sizes["text"],
            vocab_size=_TOKENS,
            max_position_embeddings=32_768,
            rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
            tie_word_embeddings=False,
        ).to_dict(),
        image_token_index=demo.image_id,
        video_token_index=demo.image_id + 1,
        image_grid_pinpoints=_pinpoints(),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        vision_aspect_ratio="anyres_max_9",
        tie_word_embeddings=False,
    )
    model = _drawn(config, device, dtype)
    return LocalModel(
        model=model,
        tokenizer=demo.tokenizer,
        image_tensors=_tiles(),
        features=Features(model),
        image_id=demo.image_id,
        end_ids=frozenset(),
        marks=demo.marks,
        turn_end=demo.turn_end,
    )


def _drawn(config: Any, device: torch.device, dtype: torch.dtype) -> Any:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = LlavaOnevisionForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    return model.eval()


def _tiles() -> TileValues:
    return TileValues(
        side=384,
        grids=tuple((tall, wide) for tall, wide in _pinpoints()),
        resample=Image.Resampling.BICUBIC,
        scale=1 / 255,
        mean=(0.5,) * 3,
        std=(0.5,) * 3,
    )


def _pinpoints() -> list[list[int]]:
    sides = range(384, 2305, 384)
    return [[tall, wide] for tall in sides for wide in sides]
