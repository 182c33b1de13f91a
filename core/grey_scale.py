"""How stored values become grey levels: what a film was looked at through, and what is written.

The two steps of PS3.3 C.11.1 (modality) and C.11.2 (values of interest), as values that the side
which decodes films and the side which writes presentation states both know.
"""

from dataclasses import dataclass
from enum import StrEnum

_ENTRIES = 65536
_BITS = range(1, 17)


class WindowFunction(StrEnum):
    """VOI LUT Function (0028,1056)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Rescale:
    """Stored values to modality values: slope x value + intercept."""

    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A table of PS3.3 C.11.1.1.

    Parameters
    ----------
    first
        The input value of the first entry.
    bits
        Bits of an entry, 1 to 16.
    entries
        The table, 1 to 65536 values.
    explanation
        What the table is for, at most 64 characters; the Modality LUT Type of a modality table.

    Raises
    ------
    ValueError
        If there is no entry, or too many, or of a number of bits that none has.
    """

    first: int
    bits: int
    entries: tuple[int, ...]
    explanation: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.entries) <= _ENTRIES or self.bits not in _BITS:
            message = f"no lookup table: {len(self.entries)} entries of {self.bits} bits"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Window:
    """A window of PS3.3 C.11.2.1.2, in modality values."""

    center: float
    width: float
    function: str = WindowFunction.LINEAR


@dataclass(frozen=True, slots=True)
class GreyScale:
    """Both steps as they were used.

    Parameters
    ----------
    modality
        From stored to modality values; None leaves them as they are.
    voi
        From modality values to shares of the grey levels, before the inversion of MONOCHROME1.
    """

    modality: Rescale | LookupTable | None
    voi: Window | LookupTable
