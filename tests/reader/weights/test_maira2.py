"""MAIRA-2 as it is loaded: its grey values, and its embeddings against the published code's."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn import functional
from transformers import Dinov2Model

from reader.weights.maira2 import load_maira2, stretched
from tests.reader.weights.decoding import noise


def test_the_films_embeddings_are_those_of_the_published_code(
    family_folders: dict[str, Path],
) -> None:
    local = load_maira2(family_folders["maira2"], torch.device("cpu"), torch.float32)
    weights = load_file(family_folders["maira2"] / "model.safetensors")
    tower = {
        name.removeprefix("vision_tower."): weight
        for name, weight in weights.items()
        if name.startswith("vision_tower.")
    }
    plain = Dinov2Model.from_pretrained(
        None, config=local.model.config.vision_config, state_dict=tower
    ).eval()
    tensors = local.image_tensors(noise(70, 60))
    with torch.inference_mode():
        # Its last hidden state is the last layer's after the final norm.
        seen = plain(tensors["pixel_values"]).last_hidden_state[0, 1:]
        for place in (0, 2, 4, 6):
            seen = functional.gelu(seen) if place else seen
            at = f"multi_modal_projector.layers.{place}"
            seen = functional.linear(seen, weights[f"{at}.weight"], weights[f"{at}.bias"])
        assert torch.allclose(local.features(tensors), seen, atol=1e-5)


def test_grey_values_are_stretched_over_the_whole_range() -> None:
    grey = np.linspace(60, 180, 64 * 64).reshape(64, 64).astype(np.uint8)
    out = np.asarray(stretched(Image.fromarray(grey).convert("RGB")))
    assert (out.min(), out.max()) == (0, 255)
    expected = ((grey.astype(float) - 60) / 120 * 255).astype(np.uint8)
    assert np.array_equal(out[..., 0], expected)


def test_a_blank_film_stays_blank() -> None:
    out = np.asarray(stretched(Image.new("RGB", (8, 8), (128, 128, 128))))
    assert not out.any()


def test_the_film_may_have_any_grey_values() -> None:
    assert stretched(noise(20, 30)).size == (20, 30)
