"""The draft's sentences, each with the findings that it states and where it was placed."""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from core.reading import ReportSentence
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.graphics import closed_polyline, pixel_rectangle
from dicom_sr.observers import in_own_language
from dicom_sr.source import Film
from dicom_sr.text import paragraphs


def sentence_items(
    sentences: Sequence[ReportSentence], film: Film, context: BuildContext
) -> list[Dataset]:
    """Give one text for each sentence, in their order; one without words is left out.

    The tracking UIDs of the findings that it states, denies or doubts are its properties; it is
    inferred from the regions where the model placed it.

    Parameters
    ----------
    sentences
        Of a reading.
    film
        Where the regions lie.
    context
        The site.
    """
    return [_item(one, film, context) for one in sentences if paragraphs(one.text)]


def _item(sentence: ReportSentence, film: Film, context: BuildContext) -> Dataset:
    links = [
        items.uid(concepts.TRACKING_UID, finding_id, items.HAS_PROPERTIES)
        for finding_id in sentence.finding_ids
    ]
    regions = [
        items.with_children(
            items.polyline(
                concepts.IMAGE_REGION,
                closed_polyline(pixel_rectangle(box, film.rows, film.columns)),
                items.INFERRED_FROM,
            ),
            [items.image(film, items.SELECTED_FROM)],
        )
        for box in sentence.boxes
    ]
    item = items.text(concepts.FINDING, paragraphs(sentence.text), items.CONTAINS)
    return in_own_language(items.with_children(item, [*links, *regions]), context)
