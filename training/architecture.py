"""The shape of the demonstration model: a LLaVA-OneVision small enough for a laptop's CPU.

It is RadVLM's very class (SigLIP encoder, two-layer projector, Qwen2 decoder, anyres tiles), so
whatever runs it runs the real one. One pinpoint of the encoder's own size makes the processor send
two tiles: the film squeezed to a square, and the film at its own aspect.
"""

from __future__ import annotations

from typing import Final

from transformers import LlavaOnevisionConfig, Qwen2Config, SiglipVisionConfig

IMAGE_SIZE: Final = 192
PATCH_SIZE: Final = 16
GRID: Final = IMAGE_SIZE // PATCH_SIZE


def vision_config() -> SiglipVisionConfig:
    """Give the encoder: 12 x 12 patches, 4.3 M parameters."""
    return SiglipVisionConfig(
        hidden_size=256,
        intermediate_size=832,
        num_hidden_layers=6,
        num_attention_heads=4,
        image_size=IMAGE_SIZE,
        patch_size=PATCH_SIZE,
        vision_use_head=False,
    )


def text_config(vocabulary: int, pad_id: int, end_id: int) -> Qwen2Config:
    """Give the decoder: four layers, 3.2 M parameters with its embeddings.

    Parameters
    ----------
    vocabulary
        Number of tokens.
    pad_id, end_id
        Ids of padding (which also begins a text, as in Qwen2) and of the end of a turn.
    """
    return Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=256,
        intermediate_size=688,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        pad_token_id=pad_id,
        bos_token_id=pad_id,
        eos_token_id=end_id,
    )


def model_config(vocabulary: int, pad_id: int, end_id: int, image_id: int) -> LlavaOnevisionConfig:
    """Give the whole model's configuration.

    Parameters
    ----------
    vocabulary, pad_id, end_id
        As in `text_config`.
    image_id
        Id of the image token.
    """
    return LlavaOnevisionConfig(
        vision_config=vision_config().to_dict(),
        text_config=text_config(vocabulary, pad_id, end_id).to_dict(),
        image_token_index=image_id,
        # No film holds a video; the id only has to be one that no text uses.
        video_token_index=image_id + 1,
        image_grid_pinpoints=[[IMAGE_SIZE, IMAGE_SIZE]],
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
        vision_aspect_ratio="anyres_max_9",
        tie_word_embeddings=True,
    )
