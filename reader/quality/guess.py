"""What the classifier guesses of a picture, asked sixteen times.

Each picture is shown in its eight turns and mirrorings, with both polarities, and the answers are
turned back and averaged. So what is guessed of a picture and of the same picture turned agree by
construction, and no leaning of the network towards one side survives.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reader.quality.network import logits
from reader.quality.prepare import Grey, channels, small
from reader.quality.verdict import Probabilities
from reader.quality.weights import Gate

Array = npt.NDArray[np.floating[Any]]

_TURNS: Final = 4


def guess(inside: Grey, gate: Gate) -> Probabilities:
    """Guess what is on a picture and how it lies.

    Parameters
    ----------
    inside
        uint8 [rows, columns], bone white if all is well, without borders.
    gate
        The classifier.
    """
    return probabilities(channels(small(inside)[None]), gate.weights)[0]


def probabilities(seen: Array, weights: dict[str, Array]) -> list[Probabilities]:
    """Give what is guessed of each of some pictures.

    Parameters
    ----------
    seen
        float32 [n, 2, SIDE, SIDE], as `reader.quality.prepare.channels` gives it.
    weights
        The classifier's.
    """
    count = len(seen)
    sums = {"kind": np.zeros((count, 3)), "turn": np.zeros((count, _TURNS))}
    lone = {name: np.zeros(count) for name in ("inverted", "cut", "mirrored")}
    for flipped in (False, True):
        flat = seen[..., ::-1] if flipped else seen
        for turn in range(_TURNS):
            turned = np.rot90(flat, turn, axes=(2, 3))
            for sign in (1.0, -1.0):
                # Ranks and their contrasts change sign when a picture is inverted.
                said = logits(weights, np.ascontiguousarray(sign * turned))
                sums["kind"] += _log_softmax(said["kind"])
                sums["turn"] += _turned_back(_log_softmax(said["turn"]), turn, flipped=flipped)
                lone["inverted"] += sign * said["inverted"][:, 0]
                lone["cut"] += said["cut"][:, 0]
                lone["mirrored"] += (-1.0 if flipped else 1.0) * said["mirrored"][:, 0]
    views = 4 * _TURNS
    kind, turn_ = (np.exp(_log_softmax(total / views)) for total in sums.values())
    yes = {name: 1 / (1 + np.exp(-total / views)) for name, total in lone.items()}
    return [
        Probabilities(
            frontal=float(kind[index, 0]),
            lateral=float(kind[index, 1]),
            other=float(kind[index, 2]),
            upright=float(turn_[index, 0]),
            turned=(float(turn_[index, 1]), float(turn_[index, 2]), float(turn_[index, 3])),
            inverted=float(yes["inverted"][index]),
            cut=float(yes["cut"][index]),
            mirrored=float(yes["mirrored"][index]),
        )
        for index in range(count)
    ]


def _turned_back(turns: Array, turn: int, *, flipped: bool) -> Array:
    """Put the turns that were seen in a view in terms of the picture itself.

    A mirrored picture's turns run the other way round.
    """
    shown = [((-k if flipped else k) + turn) % _TURNS for k in range(_TURNS)]
    return turns[:, shown]


def _log_softmax(values: Array) -> Array:
    moved = values - values.max(axis=1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=1, keepdims=True)))
