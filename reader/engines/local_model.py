"""A loaded model, whatever its family, as the local engine needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image


def no_inputs(_ids: Sequence[int]) -> Mapping[str, torch.Tensor]:
    """Give the film's pass nothing but embeddings and positions."""
    return {}


@dataclass(frozen=True)
class LocalModel:
    """A loaded model with what it needs around it.

    Parameters
    ----------
    model
        A `...ForConditionalGeneration` of `transformers` in evaluation mode, on its device.
    tokenizer
        The folder's own.
    image_tensors
        From a picture in mode L or RGB to what `features` takes, on the CPU. Apart from it, so
        that the next film can be prepared while this one is decoded.
    features
        From the tensors to the film's embeddings, [tokens, hidden], in the model's arithmetic:
        they stand in the sequence where the image tokens stand.
    image_id
        The token that stands for a piece of the film.
    end_ids
        Tokens that end an answer.
    turn_end
        What ends an answer in the family's own turns; None where that is the end token alone.
    silent_ids
        Tokens that an answer may never hold, such as the image's own.
    marks
        The texts of all special tokens.
    repetition_penalty
        As the folder's generation file has it, 1 for none; every other choice is greedy.
    sliding_window
        Slots that some of its layers see back, the token's own included; None where all layers
        see everything.
    film_inputs
        From the tokens up to the film's end to what else the model wants on the pass that encodes
        the film (Gemma 3: which tokens are the picture's and see each other).
    """

    model: Any
    tokenizer: Any
    image_tensors: Callable[[Image.Image], Mapping[str, torch.Tensor]]
    features: Callable[[Mapping[str, torch.Tensor]], torch.Tensor]
    image_id: int
    end_ids: frozenset[int]
    marks: tuple[str, ...]
    turn_end: str | None = None
    silent_ids: tuple[int, ...] = ()
    repetition_penalty: float = 1.0
    sliding_window: int | None = None
    film_inputs: Callable[[Sequence[int]], Mapping[str, torch.Tensor]] = field(default=no_inputs)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        device: torch.device = self.model.device
        return device

    @property
    def dtype(self) -> torch.dtype:
        """Arithmetic of its weights."""
        dtype: torch.dtype = self.model.dtype
        return dtype

    @property
    def context(self) -> int:
        """Number of tokens that it has positions for."""
        return int(self.model.config.get_text_config().max_position_embeddings)
