"""Our presentation state read back: which findings are marked, and where."""

from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.marks import Layer
from core.reading import Finding, Presence
from core.uids import is_uid
from dicom_sr import values
from dicom_sr.content_tree import items_of
from dicom_sr.content_values import pairs
from dicom_sr.display_units import displayed_area
from dicom_sr.presentation_marks import films_of
from dicom_sr.read_back_items import box_of
from dicom_sr.read_back_part import ReadBack, Size, label_in
from dicom_sr.text import one_line

OF_THE_MARKS = "all but the places of marked findings: only the presentation state is there"
_PRESENCES = {Layer.FINDINGS: Presence.PRESENT, Layer.UNCERTAIN: Presence.UNCERTAIN}


def displayed_size(state: Dataset) -> Size | None:
    """Give rows and columns of the film: ours show all of it."""
    films = films_of(state)
    if not films:
        return None
    area = displayed_area(state, films[0], 0, 0)
    rows, columns = int(area.bottom), int(area.right)
    return (rows, columns) if rows > 0 and columns > 0 else None


def marks_part(state: Dataset, size: Size | None) -> ReadBack:
    """Read the presentation state.

    Parameters
    ----------
    state
        One of ours.
    size
        Rows and columns of the film.

    Raises
    ------
    UnreadableObjectError
        If it is not as ours are.
    """
    films = films_of(state)
    if len(films) != 1 or size is None:
        message = f"a presentation state of ours is of one film, not of {len(films)}"
        raise UnreadableObjectError(message)
    graphics: dict[tuple[str, str, str], list[Dataset]] = {}
    for annotation in items_of(state, "GraphicAnnotationSequence"):
        layer = values.first_text(annotation, "GraphicLayer")
        for graphic in items_of(annotation, "GraphicObjectSequence"):
            uid = values.text(graphic, "TrackingUID").strip(" \0")
            if is_uid(uid):
                identifier = one_line(values.text(graphic, "TrackingID"))
                graphics.setdefault((uid, identifier, layer), []).append(graphic)
    findings = (_finding(*key, some, size) for key, some in graphics.items())
    return ReadBack(film_uid=films[0], findings=tuple(findings), missing=(OF_THE_MARKS,))


def _finding(uid: str, identifier: str, layer: str, graphics: list[Dataset], size: Size) -> Finding:
    label = label_in(identifier)
    presence = {key.value: presence for key, presence in _PRESENCES.items()}.get(layer)
    if label is None or presence is None:
        message = f"a mark of no finding of ours: {identifier[:64]!r} in layer {layer[:16]!r}"
        raise UnreadableObjectError(message)
    boxes = (box_of(pairs(values.raw_value(one, "GraphicData")), size) for one in graphics)
    return Finding(uid, label, presence, boxes=tuple(boxes))
