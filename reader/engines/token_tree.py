"""Many continuations of one prompt as a tree of tokens, for one pass through a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

_PORTION: Final = 64


@dataclass(frozen=True)
class TokenTree:
    """Continuations that share their common beginnings.

    Parameters
    ----------
    tokens
        The tree's tokens, a parent before its children; the root, which is the prompt's last
        token, is not among them.
    parents
        For each token the place of its parent, 0 for the root, else 1 + its place in `tokens`.
    ends
        For each continuation the place of its last token, counted the same way.
    """

    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, continuations: Sequence[Sequence[int]]) -> "TokenTree":
        """Build the tree of some continuations, each of at least one token."""
        tokens: list[int] = []
        parents: list[int] = []
        places: dict[tuple[int, int], int] = {}
        ends: list[int] = []
        for continuation in continuations:
            place = 0
            for token in continuation:
                if (place, token) not in places:
                    tokens.append(token)
                    parents.append(place)
                    places[place, token] = len(tokens)
                place = places[place, token]
            ends.append(place)
        return cls(tuple(tokens), tuple(parents), tuple(ends))

    @property
    def depths(self) -> torch.Tensor:
        """Depth of the root, which is 0, and of each token; int64 [1 + tokens]."""
        depths = [0]
        for parent in self.parents:
            depths.append(depths[parent] + 1)
        return torch.tensor(depths)

    def mask(self, past: int, dtype: torch.dtype) -> torch.Tensor:
        """Give the additive attention mask behind a cache of `past` tokens.

        Returns
        -------
        torch.Tensor
            [1, 1, 1 + tokens, past + 1 + tokens]; 0 where a token may look: the whole past, its
            ancestors and itself; the type's least number elsewhere.
        """
        count = 1 + len(self.tokens)
        sees = torch.eye(count, dtype=torch.bool)
        for place, parent in enumerate(self.parents, start=1):
            sees[place] |= sees[parent]
        full = torch.cat([torch.ones(count, past, dtype=torch.bool), sees], dim=1)
        mask = torch.zeros(full.shape, dtype=dtype).masked_fill(~full, torch.finfo(dtype).min)
        return mask[None, None]

    def log_probabilities(self, logits: torch.Tensor) -> list[float]:
        """Add up each continuation's own log-probabilities.

        Parameters
        ----------
        logits
            [1 + tokens, vocabulary], of the root and each token.

        Returns
        -------
        list of float
            Natural logarithms, one per continuation.
        """
        # In portions: a vocabulary of 150,000 in single precision for all tokens is a gigabyte.
        starts = range(0, len(logits), _PORTION)
        normal = torch.cat([logits[a : a + _PORTION].float().logsumexp(-1) for a in starts])
        parents = torch.tensor(self.parents, device=logits.device)
        tokens = torch.tensor(self.tokens, device=logits.device)
        steps = (logits[parents, tokens].float() - normal[parents]).tolist()
        totals = [0.0]
        for parent, step in zip(self.parents, steps, strict=True):
            totals.append(totals[parent] + step)
        return [totals[end] for end in self.ends]
