"""Writing the demonstration model as a folder that `transformers` loads like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch
from transformers import (
    LlavaOnevisionForConditionalGeneration,
    PreTrainedTokenizerFast,
)
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)

from training.architecture import GRID, IMAGE_SIZE
from training.findings import LABELS
from training.tokenizer import IMAGE, VIDEO

VERSION: Final = "2"
# RadVLM's greedy decoding; the real model answers in up to 1500 tokens.
_LONGEST_ANSWER: Final = 400


def image_processor() -> LlavaOnevisionImageProcessorPil:
    """Give the processor of pictures that belongs to the encoder."""
    return LlavaOnevisionImageProcessorPil(
        size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
        image_grid_pinpoints=[[IMAGE_SIZE, IMAGE_SIZE]],
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )


def save_folder(
    model: LlavaOnevisionForConditionalGeneration,
    tokenizer: PreTrainedTokenizerFast,
    out: Path,
    trained_with: dict[str, Any],
) -> None:
    """Write weights in half precision, configurations, tokenizer and what the model says of itself.

    Parameters
    ----------
    model
        The trained model; its weights are halved in place.
    tokenizer
        Its tokenizer.
    out
        The folder; made if it is not there.
    trained_with
        Command and figures, kept beside the weights as `training.json`.
    """
    out.mkdir(parents=True, exist_ok=True)
    model.generation_config.update(
        do_sample=False,
        max_new_tokens=_LONGEST_ANSWER,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
    )
    model.to(torch.float16).save_pretrained(out)
    tokenizer.save_pretrained(out)
    _write_processor(out)
    declared = {
        "name": "firstread-demo",
        "version": VERSION,
        "family": "radvlm",
        "demo": True,
        "licence": "Apache-2.0",
        "intended_use": "Demonstration on synthetic phantoms only; not for any real film",
        "labels": list(LABELS),
    }
    _write(out / "firstread.json", declared)
    _write(out / "training.json", trained_with)


def _write_processor(out: Path) -> None:
    """Write the processor's files.

    By hand, since `LlavaOnevisionProcessor` demands a processor of videos too, and that one
    torchvision, without which everything else here works.
    """
    picture = {
        **image_processor().to_dict(),
        "image_processor_type": "LlavaOnevisionImageProcessor",
        "processor_class": "LlavaOnevisionProcessor",
    }
    _write(out / "preprocessor_config.json", picture)
    video = {
        "video_processor_type": "LlavaOnevisionVideoProcessor",
        "size": picture["size"],
        "image_mean": picture["image_mean"],
        "image_std": picture["image_std"],
    }
    processor = {
        "processor_class": "LlavaOnevisionProcessor",
        "num_image_tokens": GRID * GRID,
        "vision_feature_select_strategy": "full",
        "vision_aspect_ratio": "anyres_max_9",
        "image_token": IMAGE,
        "video_token": VIDEO,
        "image_processor": picture,
        "video_processor": video,
    }
    _write(out / "processor_config.json", processor)


def note_figures(out: Path, figures: dict[str, Any]) -> None:
    """Add measured figures to what the folder says of its training."""
    path = out / "training.json"
    _write(path, {**json.loads(path.read_text(encoding="utf-8")), "held_out_figures": figures})


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
