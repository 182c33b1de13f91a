"""Loads a MAIRA-2 folder, whose own code is never run."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from core.errors import ModelFolderError
from reader.engines.local_model import LocalModel
from reader.families.maira2 import BEFORE_REPORT, BOS, END, IMAGE_TOKEN, MAIRA2
from reader.families.maira2_answers import BINS
from reader.weights import strict_loading
from reader.weights.llava_parts import square_model
from reader.weights.maira2_model import RENAMED, Maira2Config, Maira2ForConditionalGeneration
from reader.weights.picture_values import picture_values

_PROCESSOR: Final = "BitImageProcessor"
_TOWER: Final = {"model_type": "dinov2", "apply_layernorm": True, "reshape_hidden_states": False}


def load_maira2(path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
    """Load a folder; see `reader.weights.loaders.Loader`."""
    config = _config(path)
    model = strict_loading.load_weights(
        path,
        Maira2ForConditionalGeneration,
        dtype,
        device,
        config=config,
        key_mapping=RENAMED,
    )
    image_id = int(config.image_token_id)
    bins = [f"<{axis}{number}>" for axis in "xy" for number in range(BINS)]
    tokenizer = strict_loading.load_tokenizer(
        path,
        {IMAGE_TOKEN: image_id}
        | dict.fromkeys([BOS, END, "<obj>", "</obj>", "<box>", "</box>", *bins]),
    )
    _check_turns(path, tokenizer)
    values = picture_values(path, _PROCESSOR, int(config.vision_config.image_size))
    return square_model(
        path, model, tokenizer, image_token=IMAGE_TOKEN, values=values, prepared=stretched
    )


def stretched(picture: Image.Image) -> Image.Image:
    """Stretch a film's grey values over the whole range, as the published processor does first.

    A picture of one grey value comes out black.
    """
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    grey = grey - grey.min()
    span = grey.max() or 1.0
    return Image.fromarray((grey / span * 255).astype(np.uint8)).convert("RGB")


def _config(path: Path) -> Any:
    try:
        config = Maira2Config.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise strict_loading.refused(path, "its configuration cannot be read", error) from error
    tower = {name: getattr(config.vision_config, name, None) for name in _TOWER}
    chosen = config.vision_feature_layer, config.vision_feature_select_strategy
    last = [f"stage{config.vision_config.num_hidden_layers}"]
    if tower != _TOWER or chosen != (-1, "default") or config.vision_config.out_features != last:
        message = f"{path}: its tower {tower} is read at {chosen}, not at {last}"
        raise ModelFolderError(message)
    return config


def _check_turns(path: Path, tokenizer: Any) -> None:
    prompt = MAIRA2.prompt((), "a")
    content = [
        {"type": "text", "text": BEFORE_REPORT, "index": None},
        {"type": "image", "text": None, "index": 0},
        {"type": "text", "text": " a", "index": None},
    ]
    strict_loading.check_turns(
        path,
        tokenizer,
        [{"role": "user", "content": content}],
        prompt.before.removeprefix(BOS) + IMAGE_TOKEN + prompt.after,
    )
