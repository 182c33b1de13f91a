"""The modality transformation of a header, and what is said of one that cannot be used."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from imaging.lut import LookupTable
from imaging.modality import Rescale, modality_transform


def test_line() -> None:
    header = Dataset()
    header.RescaleSlope, header.RescaleIntercept = "0.5", "-100"
    transform, remarks = modality_transform(header, signed=False)
    assert transform(np.array([0.0, 200.0])).tolist() == [-100.0, 0.0]
    assert remarks == ()


def test_table_wins_over_line() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [2, 0, 16])
    item.add_new("LUTData", "US", [7, 60000])
    header = Dataset()
    header.ModalityLUTSequence = [item]
    header.RescaleSlope, header.RescaleIntercept = "2", "0"
    transform, remarks = modality_transform(header, signed=False)
    assert isinstance(transform, LookupTable)
    assert transform(np.array([0.0, 1.0])).tolist() == [7, 60000]
    assert remarks == ()


def test_neither() -> None:
    assert modality_transform(Dataset(), signed=False) == (Rescale(1.0, 0.0), ())


@pytest.mark.parametrize(
    ("slope", "intercept"), [("0", "5"), ("", "5"), ("1", ""), (None, "5"), ("1", None)]
)
def test_unusable_line_is_remarked(slope: str | None, intercept: str | None) -> None:
    header = Dataset()
    if slope is not None:
        header.RescaleSlope = slope
    if intercept is not None:
        header.RescaleIntercept = intercept
    transform, remarks = modality_transform(header, signed=False)
    assert transform == Rescale()
    assert [remark.code for remark in remarks] == ["rescale_ignored"]


def test_slope_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"slope 0\.0"):
        Rescale(0.0, 3.0)
