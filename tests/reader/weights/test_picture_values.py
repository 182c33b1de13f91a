"""The pixels are those of the processors of `transformers`, in their PIL backends."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.gemma3.image_processing_pil_gemma3 import Gemma3ImageProcessorPil

from reader.weights.picture_values import picture_values
from tests.reader.weights import small_maira2, small_medgemma
from tests.reader.weights.decoding import noise

SIZES = [(90, 130), (131, 90), (56, 56), (57, 200), (40, 33)]


def _theirs(processor: Any, film: Any) -> torch.Tensor:
    pixels: torch.Tensor = processor(images=film, return_tensors="pt")["pixel_values"]
    return pixels


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["BitImageProcessor", "CLIPImageProcessor"])
def test_a_centre_crop(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    values = small_maira2.image_values() | {"image_processor_type": kind}
    values["image_mean"], values["image_std"] = [0.48, 0.45, 0.41], [0.27, 0.26, 0.28]
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    film = noise(*size)
    backend = {"Bit": BitImageProcessorPil, "CLIP": CLIPImageProcessorPil}
    processor = backend[kind.removesuffix("ImageProcessor")].from_pretrained(tmp_path)
    ours = picture_values(tmp_path, kind, small_maira2.SIDE).pixels(film)
    assert ours.dtype == torch.float32
    assert torch.allclose(ours, _theirs(processor, film), atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_a_square(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(small_medgemma.image_values()))
    film = noise(*size)
    ours = picture_values(tmp_path, "Gemma3ImageProcessor", small_medgemma.SIDE).pixels(film)
    theirs = _theirs(Gemma3ImageProcessorPil.from_pretrained(tmp_path), film)
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_values_may_stand_in_the_processors_new_file(tmp_path: Path) -> None:
    nested = {"image_processor": small_maira2.image_values(), "processor_class": "Maira2Processor"}
    (tmp_path / "processor_config.json").write_text(json.dumps(nested))
    values = picture_values(tmp_path, "BitImageProcessor", small_maira2.SIDE)
    assert (values.shortest, values.mean) == (small_maira2.SIDE, (0.5307,) * 3)
