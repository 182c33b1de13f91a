"""The small convolutional network of the gate, run by NumPy alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """The shape of one convolution; its padding keeps the size at stride 1."""

    inputs: int
    outputs: int
    kernel: int
    stride: int


LAYERS: Final = (
    Layer(2, 16, 5, 2),
    Layer(16, 32, 3, 2),
    Layer(32, 48, 3, 2),
    Layer(48, 64, 3, 2),
)

HEADS: Final = {"kind": 3, "turn": 4, "inverted": 1, "cut": 1, "mirrored": 1}
"""Logits by question, in their order. Kinds: frontal chest, lateral chest, anything else. Turns:
quarter turns counter-clockwise away from upright. The others: yes."""


def logits(weights: Mapping[str, Array], seen: Array) -> dict[str, Array]:
    """Answer the gate's questions.

    Parameters
    ----------
    weights
        By name: `conv0.weight` [outputs, inputs, kernel, kernel], `conv0.bias` and so on;
        `hidden.*` and `answers.*` [outputs, inputs].
    seen
        float32 [n, 2, SIDE, SIDE], as `reader.quality.prepare.channels` gives it.

    Returns
    -------
    dict
        For each head float32 [n, its size].
    """
    for index, layer in enumerate(LAYERS):
        seen = np.maximum(
            _convolved(seen, weights[f"conv{index}.weight"], layer)
            + weights[f"conv{index}.bias"][:, None, None],
            0,
        )
    flat = seen.reshape(len(seen), -1)
    hidden = np.maximum(flat @ weights["hidden.weight"].T + weights["hidden.bias"], 0)
    answers = hidden @ weights["answers.weight"].T + weights["answers.bias"]
    ends = np.cumsum(list(HEADS.values()))
    return dict(zip(HEADS, np.split(answers, ends[:-1], axis=1), strict=True))


def _convolved(seen: Array, kernel: Array, layer: Layer) -> Array:
    edge = layer.kernel // 2
    padded = np.pad(seen, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (layer.kernel, layer.kernel), axis=(2, 3)
    )[:, :, :: layer.stride, :: layer.stride]
    n, _, rows, columns = windows.shape[:4]
    columns_of = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * columns, -1)
    answer = columns_of @ kernel.reshape(layer.outputs, -1).T
    return answer.reshape(n, rows, columns, layer.outputs).transpose(0, 3, 1, 2)
