"""From fractions of what is displayed to pixels of the film (PS3.3 C.10.4 and C.10.6)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from core.marks import Point
from dicom_sr import values
from dicom_sr.content_tree import items_of
from dicom_sr.content_values import pairs

_QUARTERS = frozenset({0, 90, 180, 270})


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """The part of a film that a presentation state shows, and how it is turned.

    Parameters
    ----------
    left, top, right, bottom
        In pixels of the stored matrix.
    rotation
        Degrees clockwise, 0, 90, 180 or 270.
    flipped
        Whether left and right are exchanged after the rotation.
    """

    left: float
    top: float
    right: float
    bottom: float
    rotation: int = 0
    flipped: bool = False

    def pixel(self, point: Point) -> Point:
        """Give the pixel coordinates of a point in DISPLAY units."""
        across, down = point
        if self.flipped:
            across = 1.0 - across
        along, deep = {
            0: (across, down),
            90: (down, 1.0 - across),
            180: (1.0 - across, 1.0 - down),
            270: (1.0 - down, across),
        }[self.rotation]
        return (
            self.left + along * (self.right - self.left),
            self.top + deep * (self.bottom - self.top),
        )


def displayed_area(state: Dataset, film_uid: str, rows: int, columns: int) -> DisplayedArea:
    """Read what a presentation state shows of a film; the whole film where it does not say."""
    degrees = values.integer(state, "ImageRotation") or 0
    rotation = degrees if degrees in _QUARTERS else 0
    flipped = values.first_text(state, "ImageHorizontalFlip").upper() == "Y"
    for item in items_of(state, "DisplayedAreaSelectionSequence"):
        images = items_of(item, "ReferencedImageSequence")
        named = {values.text(image, "ReferencedSOPInstanceUID").strip(" \0") for image in images}
        corners = [
            pairs(values.raw_value(item, f"DisplayedArea{corner}HandCorner"))
            for corner in ("TopLeft", "BottomRight")
        ]
        if (named and film_uid not in named) or not all(len(corner) == 1 for corner in corners):
            continue
        # The corners are pixels, counted from 1, as they lie after the turn.
        (x1, y1), (x2, y2) = corners[0][0], corners[1][0]
        return DisplayedArea(
            min(x1, x2) - 1.0, min(y1, y2) - 1.0, max(x1, x2), max(y1, y2), rotation, flipped
        )
    return DisplayedArea(0.0, 0.0, float(columns), float(rows), rotation, flipped)
