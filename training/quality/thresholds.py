"""Fixing the gate's thresholds on chests that it was not fitted to, and measuring it there.

The rule, which was written before any film of a patient was shown to the gate:

- A film is read if `good` is at least `T`: the highest value that 99 % of held-out phantoms reach
  as they are (`training.phantom`, both difficulties) and 95 % of whole, upright frontals of a
  held-out series do that are distorted as hard as in training, beyond what a film reader would put
  up with; but never more than a half, since what is more likely good than not is not doubtful.
- A film is refused as mirrored above the value that at most one in a thousand of the same chests
  reaches with its heart on the left, and never below 0.98; it gets a remark above the value that
  at most one in fifty reaches, and never below 0.8.

And for films whose header does not say what they show, before the gate was asked about any:

- They are read only if, beside all that, `frontal` is at least the value that at most one in a
  thousand upright, whole laterals reaches and at most one in a thousand other pictures does, of
  the held-out series and distorted in the same way; and never below 0.8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import torch

from reader.quality.gate import decide
from reader.quality.guess import probabilities
from reader.quality.prepare import channels, small, without_border
from reader.quality.weights import Thresholds
from training.phantom import sample
from training.quality.samples import FRONTAL, LATERAL, OTHER, Mix, Store, draw_batch

Weights = dict[str, npt.NDArray[np.floating[Any]]]

if TYPE_CHECKING:
    from reader.quality.verdict import Probabilities
    from training.quality.samples import Batch

PASSING: Final = 0.99
PASSING_DISTORTED: Final = 0.95
_MOST_GOOD: Final = 0.5
_MIRRORED_ONE_IN: Final = 1000
_REMARK_ONE_IN: Final = 50
_LEAST_MIRRORED: Final = 0.98
_LEAST_REMARK: Final = 0.8
_CLEAR_ONE_IN: Final = 1000
_LEAST_CLEAR: Final = 0.8

_SOUND: Final = Mix(laterals=0, others=0, turned=0, cropped=0, inverted=0)
_NO_FRONTALS: Final = Mix(laterals=0.5, others=0.5, turned=0, cropped=0, inverted=0)
_MORE_WITHOUT_FRONTALS: Final = 4
"""Of those, so many times as many: there must be several thousand, for one in a thousand."""
_PART: Final = 250
_RENDERED: Final = 192


def fix(
    weights: Weights, store: Store, series: int, count: int, seed: int
) -> tuple[Thresholds, dict[str, Any]]:
    """Fix the thresholds by the rule above.

    Parameters
    ----------
    weights
        The classifier's, as they are saved.
    store
        Undistorted pictures of a series that was not fitted to.
    series
        Seed of the phantoms that are taken as they are.
    count
        Number of distorted chests, and of distorted pictures of all kinds; of phantoms as they
        are a tenth.
    seed
        Of the distortions.

    Returns
    -------
    tuple
        The thresholds, and what became of the same pictures under them.
    """
    generator = torch.Generator().manual_seed(seed)
    plain = _plain(weights, series, count // 10)
    sound, truths = _guesses(weights, store, count, generator, _SOUND)
    whole = truths["cut"] == 0
    good = np.array([one.good for one in sound])[whole]
    # The lower of the two films that a quantile falls between, and never rounded up.
    least = (
        np.quantile(plain, 1 - PASSING, method="lower"),
        np.quantile(good, 1 - PASSING_DISTORTED, method="lower"),
    )
    unturned = whole & (truths["mirrored"] == 0)
    mirrored = np.array([one.mirrored for one in sound])[unturned]
    mixed, kinds = _guesses(weights, store, count, generator, Mix())
    wrong, wrong_kinds = _guesses(
        weights, store, _MORE_WITHOUT_FRONTALS * count, generator, _NO_FRONTALS
    )
    frontal = np.array([one.frontal for one in wrong])
    thresholds = Thresholds(
        good=max(1e-4, int(min(_MOST_GOOD, *map(float, least)) * 10_000) / 10_000),
        mirrored=_above(mirrored, _MIRRORED_ONE_IN, _LEAST_MIRRORED),
        mirrored_remark=_above(mirrored, _REMARK_ONE_IN, _LEAST_REMARK),
        clear=max(
            _above(frontal[wrong_kinds["kind"] == kind], _CLEAR_ONE_IN, _LEAST_CLEAR)
            for kind in (LATERAL, OTHER)
        ),
    )
    clear = np.array([decide(one, thresholds, asked=True)[0] is None for one in sound])[whole]
    return thresholds, {
        "phantoms": len(plain),
        "phantoms_passed": int((plain >= thresholds.good).sum()),
        "distorted_frontals": len(good),
        "distorted_frontals_passed": int((good >= thresholds.good).sum()),
        "distorted_frontals_clear": int(clear.sum()),
        "refused": _refused(mixed, kinds, thresholds),
        "without_frontals_clear": [
            sum(decide(one, thresholds, asked=True)[0] is None for one in wrong),
            len(wrong),
        ],
    }


def _plain(weights: Weights, series: int, count: int) -> npt.NDArray[np.float64]:
    """Give `good` of phantoms as they are, every second one of the harder setting."""
    seen = []
    for index in range(count):
        phantom = sample(series, index, difficulty="hard" if index % 2 else "default")
        film = phantom.render(round(_RENDERED * phantom.aspect), _RENDERED)
        seen.append(small(without_border((film * 255).astype(np.uint8))))
    return np.array([one.good for one in probabilities(channels(np.stack(seen)), weights)])


def _above(values: npt.NDArray[np.float64], one_in: int, least: float) -> float:
    return round(max(least, float(np.quantile(values, 1 - 1 / one_in))) + 5e-5, 4)


def _guesses(
    weights: Weights,
    store: Store,
    count: int,
    generator: torch.Generator,
    mix: Mix,
) -> tuple[list[Probabilities], dict[str, npt.NDArray[np.int64]]]:
    guessed: list[Probabilities] = []
    batches: list[Batch] = []
    for _ in range(max(1, count // _PART)):
        batch = draw_batch(store, _PART, generator, mix)
        batches.append(batch)
        guessed += probabilities(batch.seen.numpy(), weights)
    names = batches[0].truths
    return guessed, {
        name: np.concatenate([batch.truths[name].numpy() for batch in batches]) for name in names
    }


def _refused(
    guessed: list[Probabilities], truths: dict[str, npt.NDArray[np.int64]], thresholds: Thresholds
) -> dict[str, list[int]]:
    """Count by defect, the others away, how many pictures were refused: [refused, all]."""
    refused = np.array([decide(one, thresholds)[0] is not None for one in guessed])
    frontal = truths["kind"] == FRONTAL
    upright, straight = truths["turn"] == 0, truths["inverted"] == 0
    defects = {
        "lateral": truths["kind"] == LATERAL,
        "not_chest": truths["kind"] == OTHER,
        "rotated": frontal & (truths["turn"] > 0) & straight & (truths["cut"] == 0),
        "inverted": frontal & upright & (truths["inverted"] == 1) & (truths["cut"] == 0),
        "cut": frontal & upright & straight & (truths["cut"] == 1),
    }
    return {
        name: [int((refused & those).sum()), int(those.sum())] for name, those in defects.items()
    }
