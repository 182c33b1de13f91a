"""What the header says of how the picture lies in its matrix."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from core.reading import Remark
from imaging.values import value_of

_MIRRORED: Final = Remark(
    "mirrored",
    "By its Patient Orientation the film is stored mirrored: left and right of the draft may be"
    " exchanged.",
)


def orientation_remarks(header: Dataset) -> tuple[Remark, ...]:
    r"""Remark on a picture that is stored with the patient's right on its right.

    Readers look at a film as if they faced the patient, which is a Patient Orientation of `L\F`
    (PS3.3 section C.7.6.1.1.1). The picture is not turned: boxes lie in the stored matrix.

    Returns
    -------
    tuple of Remark
        Empty where the film lies as expected, or the header does not say.
    """
    axes = value_of(header, "PatientOrientation")
    rows = str(axes[0]) if isinstance(axes, MultiValue) and len(axes) else ""
    return (_MIRRORED,) if rows.strip().upper() == "R" else ()
