"""How RadVLM's published inference asks: one whole `generate`, film and all, for each question."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from reader.engines.attention import GROUPED
from reader.engines.film import Asked
from reader.engines.local_model import LocalModel
from reader.picture import rgb


@dataclass(frozen=True)
class PublishedWay:
    """Asks a model as its publishers do.

    Parameters
    ----------
    model
        The loaded model.
    longest
        Most tokens of an answer; every answer has as many where the model ends none.
    """

    model: LocalModel
    longest: int

    @torch.inference_mode()
    def answer(self, film: npt.NDArray[np.uint8], asked: Asked) -> str:
        """Prepare the film, encode it and let the model speak."""
        model = self.model
        model.model.set_attn_implementation("sdpa")
        try:
            return self._generate(film, asked)
        finally:
            model.model.set_attn_implementation(GROUPED)

    def _generate(self, film: npt.NDArray[np.uint8], asked: Asked) -> str:
        model = self.model
        seen = model.image_tensors(rgb(film))
        count = self._count(seen)
        before = self._tokens(asked.prompt.before)
        ids = [*before, *[model.image_id] * count, *self._tokens(asked.prompt.after)]
        tokens = torch.tensor([ids], device=model.device)
        output = model.model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            pixel_values=seen["pixel_values"].to(model.device, model.dtype),
            image_sizes=seen["image_sizes"].to(model.device),
            max_new_tokens=self.longest,
            do_sample=False,
            repetition_penalty=model.repetition_penalty,
            eos_token_id=sorted(model.end_ids) or None,
            pad_token_id=0,
        )
        text: str = model.tokenizer.decode(output[0, len(ids) :], skip_special_tokens=True)
        return text.strip()

    def _count(self, seen: Any) -> int:
        """Give the number of tokens of a film, by shapes alone."""
        inner = self.model.model.model
        config = inner.config
        side = config.vision_config.image_size // config.vision_config.patch_size
        tiles = seen["pixel_values"].shape[1]
        with torch.device("meta"):
            blank = torch.empty(tiles, side * side, 1)
            newline = torch.empty(1)
        packed, _ = inner.pack_image_features(
            [blank],
            seen["image_sizes"],
            image_newline=newline,
            vision_aspect_ratio=config.vision_aspect_ratio,
        )
        return int(packed[0].shape[0])

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self.model.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids
