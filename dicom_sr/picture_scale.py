"""How large a pixel of a derived picture is: what the film's header states, in the new pixels.

Nothing is invented. What the header says in one sense (at the detector, calibrated, on scanned
film) is said in the same sense again; what no film can have is left out, since a wrong scale is
worse than none (PS3.3 sections 10.7 and C.8.6.2).
"""

from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from dicom_sr import values
from dicom_sr.elements import put
from dicom_sr.picture import Picture
from dicom_sr.source import Film
from dicom_sr.text import LONG_STRING, string_value

_SMALLEST, _LARGEST = 50.0, 1500.0
"""Millimetres of a film's side; 1 mm for a pixel, written where it is unknown, makes it larger."""
_SQUARE = 0.05
"""Share by which pixels of a picture may seem to be out of square; more is a wrong header."""
_CALIBRATIONS = frozenset({"GEOMETRY", "FIDUCIAL"})
Spacing = tuple[float, float]


def add_scale(dataset: Dataset, source: Dataset, film: Film, picture: Picture) -> None:
    """Add the spacing of a picture's pixels, as far as the film's header states one.

    Parameters
    ----------
    dataset
        The picture's; changed in place.
    source
        The film's header.
    film
        Its matrix.
    picture
        Where that lies.
    """
    stated = {
        keyword: _scaled(source, keyword, film, picture)
        for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    }
    pixel, imager = stated["PixelSpacing"], stated["ImagerPixelSpacing"]
    calibration = values.first_text(source, "PixelSpacingCalibrationType").upper()
    if pixel is not None and calibration in _CALIBRATIONS:
        words = string_value(values.text(source, "PixelSpacingCalibrationDescription"), LONG_STRING)
        put(dataset, "PixelSpacingCalibrationType", calibration)
        put(dataset, "PixelSpacingCalibrationDescription", words or "as the source image states")
    elif pixel is None or (imager is not None and imager != pixel):
        # Where both are there, differ and nobody says why, those of the detector are known.
        pixel = imager
    _put(dataset, "PixelSpacing", pixel)
    _put(dataset, "ImagerPixelSpacing", imager)
    _put(dataset, "NominalScannedPixelSpacing", stated["NominalScannedPixelSpacing"])


def _scaled(source: Dataset, keyword: str, film: Film, picture: Picture) -> Spacing | None:
    """Give a header's spacing in pixels of the picture, None where there is no usable one."""
    stated = values.numbers(source, keyword)
    if len(stated) != 2:  # noqa: PLR2004 - rows and columns
        return None
    high, wide = stated[0] * film.rows, stated[1] * film.columns
    if not (_SMALLEST <= high <= _LARGEST and _SMALLEST <= wide <= _LARGEST):
        return None
    down, across = high / picture.film_height, wide / picture.film_width
    return (down, across) if abs(down / across - 1.0) <= _SQUARE else None


def _put(dataset: Dataset, keyword: str, spacing: Spacing | None) -> None:
    if spacing is not None:
        put(dataset, keyword, [DSfloat(side, auto_format=True) for side in spacing])
