"""Loads a LLaVA-OneVision folder: weights, tokenizer, image processor; nothing by default.

A weight that silently fails to load, or a processor that falls back on its class' values (CLIP's
mean, where RadVLM has 0.5), gives fluent nonsense. So every gap is an error here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image
from transformers import AutoTokenizer, LlavaOnevisionForConditionalGeneration
from transformers.utils.import_utils import is_torchvision_available

from core.errors import ModelFolderError
from reader.engines.local_model import LocalModel
from reader.families.strict_loading import (
    end_ids,
    load_weights,
    refused,
    repetition_penalty,
)
from reader.model_folder import read_json
from reader.prompts import IMAGE_TOKEN, TURN_END, TURN_START

_PROCESSOR_VALUES: Final = (
    "do_normalize",
    "do_pad",
    "do_rescale",
    "do_resize",
    "image_grid_pinpoints",
    "image_mean",
    "image_std",
    "resample",
    "rescale_factor",
    "size",
)


def load_onevision(path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
    """Load a folder.

    Raises
    ------
    ModelFolderError
        If anything is missing, left over, of another shape, broken, or not said by the folder.
    OutOfMemoryError
        If the device has no room for it.
    """
    image_processor = _image_processor(path)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, ImportError) as error:
        raise refused(path, "its tokenizer cannot be loaded", error) from error
    model = load_weights(path, LlavaOnevisionForConditionalGeneration, dtype, device)
    image_id = int(model.config.image_token_id)
    marks = tuple(tokenizer.get_added_vocab())
    gaps = [mark for mark in (IMAGE_TOKEN, TURN_START, TURN_END) if mark not in marks]
    if gaps or tokenizer.convert_tokens_to_ids(IMAGE_TOKEN) != image_id:
        lacks = ", ".join(gaps) or f"{IMAGE_TOKEN} as token {image_id}"
        message = f"{path}: its tokenizer lacks {lacks}"
        raise ModelFolderError(message)
    return LocalModel(
        model=model,
        tokenizer=tokenizer,
        image_tensors=Tensors(image_processor),
        features=Features(model),
        image_id=image_id,
        end_ids=end_ids(path, tokenizer),
        marks=marks,
        turn_end=TURN_END,
        repetition_penalty=repetition_penalty(path),
    )


@dataclass(frozen=True)
class Tensors:
    """From a picture to the tiles that the encoder takes.

    Parameters
    ----------
    processor
        The folder's own.
    """

    processor: Any

    def __call__(self, image: Image.Image) -> Mapping[str, torch.Tensor]:
        """Cut the picture into tiles."""
        inputs = self.processor(images=image, return_tensors="pt")
        return {name: inputs[name] for name in ("pixel_values", "image_sizes")}


@dataclass(frozen=True)
class Features:
    """From tiles to the film's embeddings.

    Parameters
    ----------
    model
        The loaded model.
    """

    model: Any

    def __call__(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Encode the tiles: [tokens, hidden]."""
        features: torch.Tensor = self.model.get_image_features(
            pixel_values=tensors["pixel_values"].to(self.model.device, self.model.dtype),
            image_sizes=tensors["image_sizes"].to(self.model.device),
        ).pooler_output[0]
        return features


def _image_processor(path: Path) -> Any:
    nested = read_json(path / "processor_config.json") if _has(path, "processor_config") else {}
    values = nested.get("image_processor")
    if values is None:
        values = read_json(path / "preprocessor_config.json")
    gaps = [name for name in _PROCESSOR_VALUES if name not in values]
    if gaps:
        message = f"{path}: its image processor's file does not say {', '.join(gaps)}"
        raise ModelFolderError(message)
    processor = processor_class().from_pretrained(path, local_files_only=True)
    used = json.loads(json.dumps(processor.to_dict(), default=dict))
    wrong = [name for name in _PROCESSOR_VALUES if used[name] != values[name]]
    if wrong:
        message = f"{path}: its image processor did not take {', '.join(wrong)} from its file"
        raise ModelFolderError(message)
    return processor


def processor_class() -> Any:
    """Give the image processor's class that this machine can run."""
    if is_torchvision_available():
        from transformers.models.llava_onevision import (  # noqa: PLC0415
            image_processing_llava_onevision as torchvision_backend,
        )

        return torchvision_backend.LlavaOnevisionImageProcessor
    # Without torchvision transformers 5.17 cannot even import its automatic class.
    from transformers.models.llava_onevision import (  # noqa: PLC0415
        image_processing_pil_llava_onevision as pil_backend,
    )

    return pil_backend.LlavaOnevisionImageProcessorPil


def _has(path: Path, stem: str) -> bool:
    return (path / f"{stem}.json").exists()
