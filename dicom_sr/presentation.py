"""How the film is shown below the marks: grey scale and displayed area, PS3.3 C.11 and C.10.4."""

import struct

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.valuerep import DSfloat

from core.grey_scale import GreyScale, LookupTable, Window, WindowFunction
from dicom_sr.composition import composed, full_range
from dicom_sr.context import PresentationLutShape
from dicom_sr.elements import put
from dicom_sr.source import Film

_ENTRIES = 65536
_LUT_DESCRIPTOR = Tag("LUTDescriptor")
_LUT_DATA = Tag("LUTData")
_SIGNED_ENTRIES = 32767


def add_grayscale(
    dataset: Dataset, film: Film, shape: PresentationLutShape, used: GreyScale | None = None
) -> None:
    """Add rescale, one softcopy VOI transformation and the shape of the presentation LUT.

    A presentation state takes the place of the image's own pipeline, the inversion that
    MONOCHROME1 stands for included: the shape says it, once.

    Parameters
    ----------
    dataset
        Changed in place.
    film
        Whose grey scale it is.
    shape
        "auto" is INVERSE for MONOCHROME1 and IDENTITY else.
    used
        The grey scale to write; None is the one of the film's header.
    """
    modality, voi = film.modality_transformation, film.voi
    if used is not None:
        modality, voi = used.modality, used.voi
    if isinstance(modality, LookupTable):
        voi = composed(modality, voi)
    elif modality is not None:
        put(dataset, "RescaleIntercept", _decimal(modality.intercept))
        put(dataset, "RescaleSlope", _decimal(modality.slope))
        put(dataset, "RescaleType", "US")
    if voi is not None:
        put(dataset, "SoftcopyVOILUTSequence", [_voi(voi)])
    if shape == "auto":
        shape = "INVERSE" if film.inverted else "IDENTITY"
    put(dataset, "PresentationLUTShape", shape)


def add_displayed_area(dataset: Dataset, film: Film) -> None:
    """Show the whole film, scaled to fit, in the shape of its pixels.

    The corners are counted from 1. Only the shape of a pixel is stated and never a size, which
    a film's header does not know in the plane of the patient.
    """
    area = Dataset()
    put(area, "DisplayedAreaTopLeftHandCorner", [1, 1])
    put(area, "DisplayedAreaBottomRightHandCorner", [film.columns, film.rows])
    put(area, "PresentationSizeMode", "SCALE TO FIT")
    put(area, "PresentationPixelAspectRatio", list(film.aspect_ratio))
    put(dataset, "DisplayedAreaSelectionSequence", [area])


def _voi(voi: Window | LookupTable) -> Dataset:
    item = Dataset()
    if isinstance(voi, LookupTable):
        put(item, "VOILUTSequence", [_table(full_range(voi))])
        return item
    center, width = voi.center, voi.width
    if voi.function == WindowFunction.LINEAR_EXACT:
        # The same line as LINEAR writes it (C.11.2.1.2.1 and C.11.2.1.3.2): viewers that do not
        # know the function show it, too.
        center, width = center + 0.5, width + 1.0
    put(item, "WindowCenter", _decimal(center))
    put(item, "WindowWidth", _decimal(width))
    if voi.function == WindowFunction.SIGMOID:
        put(item, "VOILUTFunction", "SIGMOID")
    return item


def _table(table: LookupTable) -> Dataset:
    item = Dataset()
    count = len(table.entries) % _ENTRIES
    signed = table.first < 0
    if signed and count > _SIGNED_ENTRIES:
        count -= _ENTRIES
    descriptor = [count, table.first, table.bits]
    item[_LUT_DESCRIPTOR] = DataElement(_LUT_DESCRIPTOR, "SS" if signed else "US", descriptor)
    data = struct.pack(f"<{len(table.entries)}H", *table.entries)
    item[_LUT_DATA] = DataElement(_LUT_DATA, "OW", data)
    if table.explanation:
        put(item, "LUTExplanation", table.explanation)
    return item


def _decimal(value: float) -> DSfloat:
    return DSfloat(value, auto_format=True)
