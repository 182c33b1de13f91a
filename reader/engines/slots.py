"""Keys and values of several answers in buffers of fixed shape, one row each.

A row begins with its film, whose keys and values were computed once, and goes on with its own
question and answer; rows of different lengths lie in one buffer without padding between, since a
mask tells each token which slots are its own. Fixed shapes are what CUDA graphs want.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import torch
from transformers import Cache, DynamicCache

Layer = tuple[torch.Tensor, torch.Tensor]
"""Keys and values, each [batch, groups, slots, width]."""


@dataclass(frozen=True)
class Prefix:
    """A film in a model's memory, never written again.

    Parameters
    ----------
    ids
        Its tokens, with those before it.
    layers
        Keys and values of each layer, [1, groups, tokens, width].
    """

    ids: tuple[int, ...]
    layers: tuple[Layer, ...]

    @classmethod
    def of(cls, ids: Sequence[int], cache: DynamicCache) -> Self:
        """Take a film's pass out of the library's cache."""
        return cls(tuple(ids), tuple((layer.keys, layer.values) for layer in cache.layers))

    def __len__(self) -> int:
        return len(self.ids)


class Slots(Cache):  # type: ignore[misc]  # the library is untyped here
    """Buffers of some rows, in the form in which a model asks for its cache.

    Parameters
    ----------
    like
        A film of the same model, for the shapes.
    rows, length
        Number of answers, and of slots for each.
    """

    def __init__(self, like: Prefix, rows: int, length: int) -> None:
        super().__init__(layers=[])
        self.buffers: list[Layer] = [
            tuple(  # type: ignore[misc]  # two of them
                torch.zeros(
                    rows, part.shape[1], length, part.shape[3], dtype=part.dtype, device=part.device
                )
                for part in layer
            )
            for layer in like.layers
        ]
        self._places: torch.Tensor | None = None

    @property
    def rows(self) -> int:
        """Number of answers."""
        return int(self.buffers[0][0].shape[0])

    @property
    def length(self) -> int:
        """Number of slots of each."""
        return int(self.buffers[0][0].shape[2])

    def load(self, row: int, prefix: Prefix) -> None:
        """Let a row begin with a film."""
        for mine, given in zip(self.buffers, prefix.layers, strict=True):
            for buffer, part in zip(mine, given, strict=True):
                buffer[row, :, : part.shape[2]] = part[0]

    def take(self, rows: Sequence[int], source: "Slots") -> None:
        """Copy some rows of other buffers, as far as they reach, into the first rows of these.

        The others may be these same ones, if the rows are in rising order.
        """
        length = min(self.length, source.length)
        for mine, theirs in zip(self.buffers, source.buffers, strict=True):
            for buffer, other in zip(mine, theirs, strict=True):
                for place, row in enumerate(rows):
                    buffer[place, :, :length] = other[row, :, :length]

    @contextmanager
    def writing(self, places: torch.Tensor) -> Iterator[None]:
        """Say where the next pass' tokens go.

        Parameters
        ----------
        places
            int64 [rows, tokens], the slot of each.
        """
        self._places = places
        try:
            yield
        finally:
            self._places = None

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *_: Any,
        **__: Any,
    ) -> Layer:
        """Write a layer's new keys and values, and give all of its slots."""
        if self._places is None:
            message = "nothing was said of where new keys and values go"
            raise RuntimeError(message)
        where = self._places[:, None, :, None]
        for buffer, new in zip(self.buffers[layer_idx], (key_states, value_states), strict=True):
            buffer.scatter_(2, where.expand(-1, new.shape[1], -1, new.shape[3]), new)
        return self.buffers[layer_idx]

    def get_seq_length(self, layer_idx: int = 0) -> int:  # noqa: ARG002 - the library's interface
        """Give the number of slots; every pass names its own positions."""
        return self.length


def causal_mask(places: torch.Tensor, length: int, window: int | None = None) -> torch.Tensor:
    """Let each token see its own row up to itself.

    Parameters
    ----------
    places
        int64 [rows, tokens], the slot of each token.
    length
        Number of slots.
    window
        How many slots back a token sees, itself included; None for all.

    Returns
    -------
    torch.Tensor
        float32 [rows, 1, tokens, length]: 0 where it may look, else the least number.
    """
    slots = torch.arange(length, device=places.device)
    hidden = slots > places[..., None]
    if window is not None:
        hidden |= slots <= places[..., None] - window
    least = torch.finfo(torch.float32).min
    return torch.zeros(hidden.shape, device=places.device).masked_fill(hidden, least)[:, None]
