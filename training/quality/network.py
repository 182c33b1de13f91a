"""The classifier as torch trains it; `reader.quality.network` runs the same without torch."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from reader.quality.network import HEADS, LAYERS

_HIDDEN: Final = 48
_EPSILON: Final = 1e-5


class Classifier(nn.Module):
    """A few convolutions and one hidden layer, with a group of logits for each question."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for layer in LAYERS:
            layers += [
                nn.Conv2d(
                    layer.inputs,
                    layer.outputs,
                    layer.kernel,
                    stride=layer.stride,
                    padding=layer.kernel // 2,
                    bias=False,
                ),
                nn.BatchNorm2d(layer.outputs, eps=_EPSILON),
                nn.ReLU(),
            ]
        self.looks = nn.Sequential(*layers)
        self.loose = nn.Dropout(0.2)
        self.hidden = nn.Linear(LAYERS[-1].outputs * 9, _HIDDEN)
        self.answers = nn.Linear(_HIDDEN, sum(HEADS.values()))

    def forward(self, seen: Tensor) -> Tensor:
        """Give the logits of all heads, (n, sum of HEADS), for (n, 2, SIDE, SIDE)."""
        flat = self.loose(self.looks(seen).flatten(1))
        answers: Tensor = self.answers(torch.relu(self.hidden(flat)))
        return answers

    def weights(self) -> dict[str, npt.NDArray[np.float16]]:
        """Give the weights under the reader's names, each batch norm folded into its layer."""
        found: dict[str, Tensor] = {}
        parts = list(self.looks)
        for index in range(len(LAYERS)):
            layer, norm = parts[3 * index], parts[3 * index + 1]
            assert isinstance(layer, nn.Conv2d)  # noqa: S101 - for the type checker
            assert isinstance(norm, nn.BatchNorm2d)  # noqa: S101
            assert norm.running_mean is not None  # noqa: S101
            assert norm.running_var is not None  # noqa: S101
            gain = norm.weight / torch.sqrt(norm.running_var + _EPSILON)
            found[f"conv{index}.weight"] = layer.weight * gain.view(-1, 1, 1, 1)
            found[f"conv{index}.bias"] = norm.bias - norm.running_mean * gain
        for name, dense in (("hidden", self.hidden), ("answers", self.answers)):
            found[f"{name}.weight"], found[f"{name}.bias"] = dense.weight, dense.bias
        return {name: value.detach().numpy().astype(np.float16) for name, value in found.items()}
