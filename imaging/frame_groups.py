"""A film of a multi-frame class: its transformations stand in functional groups, not on top."""

from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.values import value_of

_GROUPS: Final = (
    # PS3.3 sections C.7.6.16.2.9, C.7.6.16.2.10 and C.7.6.16.2.1
    ("PixelValueTransformationSequence", ("RescaleSlope", "RescaleIntercept")),
    ("FrameVOILUTSequence", ("WindowCenter", "WindowWidth", "VOILUTFunction")),
    ("PixelMeasuresSequence", ("PixelSpacing",)),
)
_HOLDERS: Final = ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence")


def with_frame_groups(header: Dataset) -> Dataset:
    """Give a header with what the functional groups say of its only frame.

    Parameters
    ----------
    header
        Of a picture with one frame.

    Returns
    -------
    pydicom.dataset.Dataset
        The header itself where it has no functional groups; else a copy in which rescale, window
        and spacing of the first frame, or of all frames, stand where other pictures have them.
        What stands there already wins.
    """
    holders = [item for keyword in _HOLDERS for item in _first(header, keyword)]
    if not holders:
        return header
    found = Dataset()
    found.update(header)
    for keyword, names in _GROUPS:
        for group in (item for holder in holders for item in _first(holder, keyword)):
            if not any(name in found for name in names):
                for name in names:
                    if name in group:
                        found[name] = group[name]
    return found


def _first(header: Dataset, keyword: str) -> Iterator[Dataset]:
    items = value_of(header, keyword)
    if isinstance(items, Sequence) and len(items):
        yield items[0]
