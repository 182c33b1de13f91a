"""What the gate says of a picture."""

from dataclasses import dataclass
from enum import StrEnum

from core.reading import Remark


class Reason(StrEnum):
    """Why a picture should not be read."""

    TOO_SMALL = "too_small"
    CONSTANT = "constant"
    NOISE = "noise"
    COLOUR = "colour"
    STRIP = "strip"
    NOT_CHEST = "not_chest"
    LATERAL = "lateral"
    ROTATED = "rotated"
    INVERTED = "inverted"
    CUT = "cut"
    MIRRORED = "mirrored"
    DOUBTFUL = "doubtful"
    UNCLEAR = "unclear"
    """A frontal chest film by all appearance, but not so clearly that nobody need have said so."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of a picture before anything is guessed.

    Parameters
    ----------
    rows, columns
        Size in pixels.
    spread
        Grey levels between the darkest and the brightest hundredth, borders left out, 0 to 255.
    smoothness
        Correlation of neighbouring pixels after shrinking, -1 to 1; noise has none.
    colour
        Share of pixels that are plainly no grey.
    aspect
        Width over height of what lies within the borders.
    """

    rows: int
    columns: int
    spread: float
    smoothness: float
    colour: float
    aspect: float


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the classifier guesses; each in [0, 1], learnt from phantoms, not calibrated on films.

    Parameters
    ----------
    frontal, lateral, other
        What is on the picture; they add up to 1.
    upright
        That it stands as it should, if it is a frontal chest film. The others likewise:
    turned
        That it is turned by 90, 180 and 270 degrees counter-clockwise.
    inverted
        That bone is black.
    cut
        That a large part of the lungs is missing.
    mirrored
        That left and right are exchanged, or the heart lies on the right.
    """

    frontal: float
    lateral: float
    other: float
    upright: float
    turned: tuple[float, float, float]
    inverted: float
    cut: float
    mirrored: float

    @property
    def good(self) -> float:
        """That it is a frontal chest film, upright, bone white and whole."""
        return self.frontal * self.upright * (1 - self.inverted) * (1 - self.cut)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a picture should be read.

    Parameters
    ----------
    reason
        Why not; None where it should.
    text
        The reason in a sentence for people; empty where there is none.
    remarks
        What a reader of the draft should know although the picture is read.
    measures
        What was measured.
    probabilities
        What was guessed; None where the measures alone decided.
    """

    reason: Reason | None
    text: str
    remarks: tuple[Remark, ...]
    measures: Measures
    probabilities: Probabilities | None = None
