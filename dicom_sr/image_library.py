"""The image library of TID 1600: which film was looked at, and what is known of it.

Built by hand: highdicom's own raises where a header is silent on modality, orientation or
spacing, as those of computed radiography often are. What is not stated is left out.
"""

from pydicom.dataset import Dataset

from dicom_sr import concepts, items
from dicom_sr.code_table import CodeTable
from dicom_sr.source import Source


def image_library(source: Source, codes: CodeTable) -> Dataset:
    """Give the library of one film with its descriptors (TID 1601 to 1603)."""
    entry = items.with_children(
        items.image(source.film, items.CONTAINS), _descriptors(source, codes)
    )
    group = items.container(concepts.IMAGE_LIBRARY_GROUP, [entry])
    return items.container(concepts.IMAGE_LIBRARY, [group], template="1600")


def _descriptors(source: Source, codes: CodeTable) -> list[Dataset]:
    film = source.film
    relationship = items.HAS_ACQ_CONTEXT
    found: list[Dataset] = []
    modality = codes.modality(film.modality)
    if modality is not None:
        found.append(items.code(concepts.MODALITY, modality, relationship))
    if source.study.date:
        found.append(items.date(concepts.STUDY_DATE, source.study.date, relationship))
    found.append(items.code(concepts.TARGET_REGION, codes.chest, relationship))
    view = codes.view(film.view)
    if view is not None:
        found.append(items.code(concepts.IMAGE_VIEW, view, relationship))
    if film.orientation is not None:
        row, column = film.orientation
        found.append(items.text(concepts.PATIENT_ORIENTATION_ROW, row, relationship))
        found.append(items.text(concepts.PATIENT_ORIENTATION_COLUMN, column, relationship))
    if film.imager_spacing is not None:
        between_rows, between_columns = film.imager_spacing
        spacings = (
            (concepts.HORIZONTAL_PIXEL_SPACING, between_columns),
            (concepts.VERTICAL_PIXEL_SPACING, between_rows),
        )
        found += [
            items.number(name, value, concepts.MILLIMETER, relationship) for name, value in spacings
        ]
    sides = ((concepts.PIXEL_DATA_ROWS, film.rows), (concepts.PIXEL_DATA_COLUMNS, film.columns))
    found += [items.number(name, value, concepts.PIXELS, relationship) for name, value in sides]
    return found
