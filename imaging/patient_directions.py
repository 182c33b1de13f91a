"""Where the patient's sides are on a film (Patient Orientation, PS3.3 section C.7.6.1.1.1)."""

import re
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from imaging.values import value_of

_LETTERS: Final = re.compile(r"[APLRHF]{1,3}")


@dataclass(frozen=True, slots=True)
class Directions:
    """Towards which side of the patient a row and a column run.

    Parameters
    ----------
    right, down
        Letters of the side that lies at the right end of a row and at the lower end of a column:
        A anterior, P posterior, L left, R right, H head, F foot; a few of them where oblique.
    """

    right: str
    down: str


def patient_directions(header: Dataset) -> Directions | None:
    """Give the directions that a header states; None where it states none that can be used."""
    found = value_of(header, "PatientOrientation")
    if not isinstance(found, MultiValue | list) or len(found) != 2:  # noqa: PLR2004 - row, column
        return None
    right, down = (str(one).strip().upper() for one in found)
    if not _LETTERS.fullmatch(right) or not _LETTERS.fullmatch(down):
        return None
    return Directions(right, down)
