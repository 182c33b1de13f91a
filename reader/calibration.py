"""A site's calibration of a model's scores.

A model's own score ranks films; how often a score of 0.8 is right, only a site's own films tell.
Per label, Platt scaling on the logit: ``calibrated = sigmoid(a * logit(own) + b)`` with a > 0, so
no film comes before one that was before it (Platt, "Probabilistic outputs for support vector
machines", 1999). Own scores nearer than a millionth to 0 or 1 count as that near, and come out
equal.

A calibration belongs to one model: other weights, prompts or arithmetic make other scores, so its
file names them and is refused beside another model. Labels that it does not name keep their own
scores.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from core.errors import SettingsError
from core.labels import Label
from core.reading import Flag, ModelIdentity

VERSION: Final = 1
"""Of the file's format."""
LEAST_FILMS: Final = 10
"""Films of each kind, with the label and without it, that a fit needs at least."""
_EDGE: Final = 1e-6
"""Scores nearer to 0 or 1 count as this near: their logits would be without bound."""
_STEPS: Final = 100
_SMALL: Final = 1e-9
_HASH: Final = 16


@dataclass(frozen=True, slots=True)
class Platt:
    """One label's curve.

    Parameters
    ----------
    a, b
        Slope and offset on the logit; the slope is positive.
    films
        Number of films it was fitted on.

    Raises
    ------
    ValueError
        If a number is not finite, the slope not positive, or there are no films.
    """

    a: float
    b: float
    films: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.a) and math.isfinite(self.b) and self.a > 0):
            message = f"a calibration's slope must be positive, and both finite: {self.a}, {self.b}"
            raise ValueError(message)
        if self.films < 1:
            message = f"a calibration needs films: {self.films}"
            raise ValueError(message)

    def __call__(self, own: float) -> float:
        """Calibrate a score in [0, 1]."""
        return _sigmoid(self.a * float(_logits([own])[0]) + self.b)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The curves of one model's scores at one site.

    Parameters
    ----------
    weights_sha256, prompt_version, dtype
        The model, as its identity says.
    made
        Day of the fit, such as `2026-11-22`.
    curves
        By label.
    """

    weights_sha256: str
    prompt_version: str
    dtype: str
    made: str
    curves: Mapping[Label, Platt]

    @property
    def sha256(self) -> str:
        """The first 16 hexadecimal digits of the content's hash."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_HASH]

    def check_model(self, model: ModelIdentity) -> None:
        """Refuse another model than the one that the curves were fitted to.

        Raises
        ------
        SettingsError
            If weights, prompts or arithmetic differ.
        """
        for name in ("weights_sha256", "prompt_version", "dtype"):
            mine, its = getattr(self, name), getattr(model, name)
            if mine != its:
                message = f"the calibration was made for {name} {mine!r}, the model has {its!r}"
                raise SettingsError(message)

    def identity(self, model: ModelIdentity) -> ModelIdentity:
        """Give the identity of the model with this calibration.

        Raises
        ------
        SettingsError
            If the calibration was made for another model.
        """
        self.check_model(model)
        return replace(model, calibration=self.sha256)

    def flags(self, own: Iterable[Flag]) -> tuple[Flag, ...]:
        """Calibrate flags; the model's own score stays beside the calibrated one."""
        return tuple(self._flag(flag) for flag in own)

    def _flag(self, flag: Flag) -> Flag:
        curve = self.curves.get(flag.label)
        if curve is None or flag.score is None:
            return flag
        return replace(flag, score=curve(flag.score), own_score=flag.score)

    def to_json(self) -> dict[str, Any]:
        """Give the file's content."""
        return {
            "version": VERSION,
            "model": {
                "weights_sha256": self.weights_sha256,
                "prompt_version": self.prompt_version,
                "dtype": self.dtype,
            },
            "made": self.made,
            "labels": {
                label.value: {"a": curve.a, "b": curve.b, "films": curve.films}
                for label, curve in self.curves.items()
            },
        }

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Build a calibration from its file's content.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is none.
        """
        if values["version"] != VERSION:
            message = f"format version {values['version']!r} is not known here"
            raise ValueError(message)
        model = values["model"]
        curves = {
            Label(name): Platt(float(curve["a"]), float(curve["b"]), int(curve["films"]))
            for name, curve in values["labels"].items()
        }
        return cls(
            weights_sha256=str(model["weights_sha256"]),
            prompt_version=str(model["prompt_version"]),
            dtype=str(model["dtype"]),
            made=str(values["made"]),
            curves=curves,
        )


def load_calibration(path: Path, model: ModelIdentity) -> Calibration:
    """Load a site's calibration for a model.

    Raises
    ------
    SettingsError
        If the file cannot be read, is no calibration, or is another model's.
    """
    try:
        calibration = Calibration.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (
        OSError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        message = f"{path} is no usable calibration: {type(error).__name__}: {error}"
        raise SettingsError(message) from error
    calibration.check_model(model)
    return calibration


def fit(scores: Sequence[float], truths: Sequence[bool], least: int = LEAST_FILMS) -> Platt:
    """Fit a label's curve by maximum likelihood with Platt's targets.

    The targets are (P + 1) / (P + 2) and 1 / (N + 2) for P films with the label and N without it,
    which keeps the curve from certainty. Newton's method with a halving line search, as Lin, Lin
    and Weng ("A note on Platt's probabilistic outputs", 2007) put it.

    Parameters
    ----------
    scores
        The model's own, in [0, 1], one per film.
    truths
        Whether the label is truly there, in the same order.
    least
        Films of each kind that are needed.

    Raises
    ------
    ValueError
        If there are fewer than `least` films of a kind, a score is out of range, or the
        scores are not higher where the label is there.
    """
    x, true = _logits(scores), np.asarray(truths, dtype=bool)
    if x.shape != true.shape:
        message = f"{x.size} scores for {true.size} truths"
        raise ValueError(message)
    present, absent = int(true.sum()), int((~true).sum())
    if min(present, absent) < least:
        message = f"too few films: {present} with it, {absent} without it, {least} needed"
        raise ValueError(message)
    target = np.where(true, (present + 1) / (present + 2), 1 / (absent + 2))
    at = np.array([0.0, math.log((present + 1) / (absent + 1))])
    for _ in range(_STEPS):
        following = _newton_step(at, x, target)
        if np.abs(following - at).max() < _SMALL:
            break
        at = following
    a, b = (float(value) for value in at)
    if a <= 0:
        message = f"the scores are not higher where it is there: slope {a:.3g}"
        raise ValueError(message)
    return Platt(a, b, x.size)


_Array = npt.NDArray[np.float64]


def _newton_step(at: _Array, x: _Array, target: _Array) -> _Array:
    """Give the next slope and offset; never a worse one."""
    columns = np.stack([x, np.ones_like(x)])
    chance = 1 / (1 + np.exp(-np.clip(at @ columns, -500, 500)))
    gradient = columns @ (chance - target)
    curvature = (columns * (chance * (1 - chance))) @ columns.T + _SMALL * np.eye(2)
    step = np.linalg.solve(curvature, gradient)
    before = _loss(at, columns, target)
    for halved in range(40):
        following: _Array = at - step / 2**halved
        if _loss(following, columns, target) <= before:
            return following
    return at


def _loss(at: _Array, columns: _Array, target: _Array) -> float:
    z = at @ columns
    return float((np.logaddexp(0, z) - target * z).sum())


def _logits(scores: Sequence[float]) -> _Array:
    own = np.asarray(scores, dtype=np.float64)
    if not (np.isfinite(own) & (own >= 0) & (own <= 1)).all():
        message = "scores must lie in [0, 1]"
        raise ValueError(message)
    kept = np.clip(own, _EDGE, 1 - _EDGE)
    logits: _Array = np.log(kept) - np.log1p(-kept)
    return logits


def _sigmoid(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-min(value, 700)))
    raised = math.exp(max(value, -700))
    return raised / (1 + raised)
