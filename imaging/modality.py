"""From stored values to the modality's values (PS3.3 section C.11.1)."""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from core.grey_scale import Rescale as PlainRescale
from core.reading import Remark
from imaging.lut import LookupTable, Values, first_table
from imaging.numbers import first_number

_UNUSABLE: Final = Remark(
    "rescale_ignored",
    "The film's modality transformation cannot be used; stored values are shown.",
)


@dataclass(frozen=True, slots=True)
class Rescale:
    """A straight line from stored values to the modality's.

    Raises
    ------
    ValueError
        If the slope is 0: every pixel would be the same.
    """

    slope: float = 1.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        if self.slope == 0:
            message = f"no usable rescale: slope {self.slope}"
            raise ValueError(message)

    def __call__(self, values: Values) -> Values:
        """Apply the line; the shape stays."""
        return values * self.slope + self.intercept

    @property
    def plain(self) -> PlainRescale | None:
        """The same as a plain value; None where it changes nothing."""
        if (self.slope, self.intercept) == (1.0, 0.0):
            return None
        return PlainRescale(self.slope, self.intercept)


def modality_transform(
    header: Dataset, *, signed: bool
) -> tuple[Rescale | LookupTable, tuple[Remark, ...]]:
    """Choose the modality transformation of a header: its table, else its line, else none.

    Parameters
    ----------
    header
        The film's header.
    signed
        Whether stored values are signed.

    Returns
    -------
    tuple
        The transformation, and a remark where the header has one that cannot be used.
    """
    try:
        table = first_table(header, "ModalityLUTSequence", signed=signed)
        if table is not None:
            return table, ()
        if "RescaleSlope" not in header and "RescaleIntercept" not in header:
            return Rescale(), ()
        slope = first_number(header, "RescaleSlope")
        intercept = first_number(header, "RescaleIntercept")
        if slope is None or intercept is None:
            return Rescale(), (_UNUSABLE,)
        return Rescale(slope, intercept), ()
    except ValueError:
        return Rescale(), (_UNUSABLE,)
