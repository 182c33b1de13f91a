"""The step that writes one token of each row, on CUDA as a recorded graph.

A decoding step of a 7B model is hundreds of small kernels, and launching them takes longer than
running them. A CUDA graph launches them all at once, if shapes and addresses never change: so
there is one graph, with buffers of its own, for each number of rows and each length that is
rounded up to a bucket, recorded when it is first needed and kept. Elsewhere the step is a plain
pass.
"""

from dataclasses import dataclass, field
from typing import Final

import torch

from reader.engines.local_model import LocalModel
from reader.engines.passes import Pass, run
from reader.engines.slots import Prefix, Slots

CUDA_BUCKET: Final = 1024
"""Slots by which buffers grow on CUDA: few graphs serve all lengths."""
CPU_BUCKET: Final = 128
_WARM_UPS: Final = 3
_ROWS: Final = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Step:
    """Buffers for some rows and the step upon them."""

    slots: Slots
    run: Pass


@dataclass
class Steps:
    """Gives buffers of a wanted size with their step; keeps them on CUDA.

    Parameters
    ----------
    model
        The loaded model.
    """

    model: LocalModel
    _kept: dict[tuple[int, int], Step] = field(default_factory=dict)

    def of(self, like: Prefix, rows: int, length: int) -> Step:
        """Give buffers of at least this size.

        Raises
        ------
        torch.OutOfMemoryError
            If they find no room, after all that is kept was given up.
        """
        graphs = self.model.device.type == "cuda"
        bucket = CUDA_BUCKET if graphs else CPU_BUCKET
        length = -(-length // bucket) * bucket
        if not graphs:
            return self._plain(Slots(like, rows, length))
        rows = next((size for size in _ROWS if size >= rows), rows)
        if (rows, length) not in self._kept:
            try:
                self._kept[rows, length] = self._recorded(like, rows, length)
            except torch.OutOfMemoryError:
                self.forget()
                torch.cuda.empty_cache()
                self._kept[rows, length] = self._recorded(like, rows, length)
        return self._kept[rows, length]

    def forget(self) -> None:
        """Give up all that is kept."""
        self._kept.clear()

    def _plain(self, slots: Slots) -> Step:
        def step(tokens: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
            return run(self.model, slots, tokens, places)

        return Step(slots, step)

    def _recorded(self, like: Prefix, rows: int, length: int) -> Step:
        slots = Slots(like, rows, length)
        tokens = torch.zeros(rows, 1, dtype=torch.int64, device=self.model.device)
        places = torch.zeros_like(tokens)
        # Recording demands that every kernel ran before, on a stream that is not the default one.
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch does not type it
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UPS):
                run(self.model, slots, tokens, places)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            logits = run(self.model, slots, tokens, places)

        def step(new: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
            tokens.copy_(new)
            places.copy_(where)
            graph.replay()
            return logits

        return Step(slots, step)
