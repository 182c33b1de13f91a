"""Loads a converted LLaVA-Rad: a LLaVA whose tower is a DINOv2, read as the published one is."""

from pathlib import Path
from typing import Final

import torch
from transformers import LlavaForConditionalGeneration

from core.errors import ModelFolderError
from reader.engines.local_model import LocalModel
from reader.families.llava_rad import BOS, END, IMAGE_TOKEN
from reader.weights import strict_loading
from reader.weights.llava_parts import square_model
from reader.weights.picture_values import picture_values

PROCESSOR: Final = "CLIPImageProcessor"
FEATURE_LAYER: Final = -2
FEATURE_STRATEGY: Final = "default"
_TOWER: Final = "dinov2"


def load_llava_rad(path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
    """Load a converted folder; see `reader.weights.loaders.Loader`."""
    model = strict_loading.load_weights(path, LlavaForConditionalGeneration, dtype, device)
    config = model.config
    chosen = config.vision_feature_layer, config.vision_feature_select_strategy
    if chosen != (FEATURE_LAYER, FEATURE_STRATEGY) or config.vision_config.model_type != _TOWER:
        message = f"{path} is no converted LLaVA-Rad: its tower is {chosen}"
        raise ModelFolderError(message)
    image_id = int(config.image_token_id)
    tokenizer = strict_loading.load_tokenizer(path, {BOS: None, END: None, IMAGE_TOKEN: image_id})
    values = picture_values(path, PROCESSOR, int(config.vision_config.image_size))
    return square_model(path, model, tokenizer, image_token=IMAGE_TOKEN, values=values)
