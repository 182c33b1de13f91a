"""What the OHIF viewer makes of a structured report, step by step as its extension does.

After `extensions/cornerstone-dicom-sr/src` of OHIF/Viewers 3: `getSopClassHandlerModule.ts` (which
documents are taken, the image library, the measurement groups) and `utils/isRehydratable.ts`. Where
its versions differ, the strictest counts: older ones need the library, newer ones a name of the
coordinates. dcmjs gives a sequence as an array on which the fields of its
first item can be asked for, too; a field of what is missing is a TypeError, and the report is not
shown at all. Those are the errors raised here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

TITLE = "126000"
LIBRARY = "111028"
LIBRARY_GROUP = "126200"
MEASUREMENTS = "126010"
GROUP = "125007"
TRACKING_IDENTIFIER = "112039"
TRACKING_UID = "112040"
FINDING_SITE = "363698007"
_GRAPHICS = ("SCOORD", "SCOORD3D")
_OWN_TOOLS = ("Cornerstone3DTools@", "cornerstoneTools@")


class OhifError(Exception):
    """Where the viewer's own code ends with a TypeError."""


@dataclass(frozen=True)
class Coordinates:
    """What is drawn, and on which image."""

    graphic_type: str
    points: tuple[float, ...]
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True)
class Measurement:
    """An entry of the viewer's list."""

    tracking_uid: str
    tracking_identifier: str
    coordinates: tuple[Coordinates, ...]
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Loaded:
    """A document that the viewer took."""

    images: tuple[tuple[str, str], ...]
    measurements: tuple[Measurement, ...]

    @property
    def rehydratable(self) -> bool:
        """Whether the viewer would offer to turn it into measurements of its own."""
        return any(one.tracking_identifier.startswith(_OWN_TOOLS) for one in self.measurements)


def load(document: Dataset) -> Loaded | None:
    """Load a document; None where the viewer warns that it takes no such report.

    Raises
    ------
    OhifError
        Where the viewer breaks.
    """
    if _of(_of(document, "ConceptNameCodeSequence"), "CodeValue") != TITLE:
        return None
    content = _array(document.get("ContentSequence"))
    return Loaded(_images(content), _measurements(content))


def _images(content: list[Dataset]) -> tuple[tuple[str, str], ...]:
    library = _found(content, _named(LIBRARY))
    group = _found(_array(_of(library, "ContentSequence")), _named(LIBRARY_GROUP))
    return tuple(
        (reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID)
        for item in _array(_of(group, "ContentSequence"))
        for reference in _array(item.get("ReferencedSOPSequence"))
    )


def _measurements(content: list[Dataset]) -> tuple[Measurement, ...]:
    container = _found(content, _named(MEASUREMENTS))
    merged: dict[str, list[Dataset]] = {}
    for group in filter(_named(GROUP), _array(_of(container, "ContentSequence"))):
        items = _array(group.get("ContentSequence"))
        uid = str(_of(_found(items, _named(TRACKING_UID)), "UID"))
        if uid in merged:
            merged[uid] += [item for item in items if not _named(TRACKING_UID)(item)]
        else:
            merged[uid] = items
    return tuple(_measurement(items) for items in merged.values())


def _measurement(items: list[Dataset]) -> Measurement:
    placed = [item for item in items if item.ValueType in _GRAPHICS]
    numbers = [item for item in items if item.ValueType == "NUM"]
    if placed:
        _of(_of(placed[0], "ConceptNameCodeSequence"), "CodeValue")
        coordinates = [_coordinates(placed[0])]
    else:
        # Each number is taken to hang on coordinates of its own.
        coordinates = [_coordinates(_of(number, "ContentSequence")) for number in numbers]
    labels = [_label(number) for number in numbers if "MeasuredValueSequence" in number]
    sites = list(filter(_named(FINDING_SITE), items))
    if placed and sites:
        labels.append((FINDING_SITE, _of(_of(sites[0], "ConceptCodeSequence"), "CodeMeaning")))
    reference = _found(items, lambda item: item.ValueType == "UIDREF")
    name = _found(items, _named(TRACKING_IDENTIFIER))
    return Measurement(
        str(_of(reference, "UID")), str(_of(name, "TextValue")), tuple(coordinates), tuple(labels)
    )


def _coordinates(graphic: Any) -> Coordinates:
    if _of(graphic, "RelationshipType") not in {"INFERRED FROM", "CONTAINS"}:
        message = "the viewer drops the coordinates"
        raise OhifError(message)
    image = _of(_of(graphic, "ContentSequence"), "ReferencedSOPSequence")
    return Coordinates(
        _of(graphic, "GraphicType"),
        tuple(_of(graphic, "GraphicData")),
        _of(image, "ReferencedSOPClassUID"),
        _of(image, "ReferencedSOPInstanceUID"),
    )


def _label(number: Dataset) -> tuple[str, str]:
    measured = _of(number, "MeasuredValueSequence")
    unit = _of(_of(measured, "MeasurementUnitsCodeSequence"), "CodeValue")
    value = _of(measured, "NumericValue")
    name = _of(_of(number, "ConceptNameCodeSequence"), "CodeMeaning")
    return name, f"{float(value):.2f} {unit}"


def _named(value: str) -> Callable[[Dataset], bool]:
    def check(item: Dataset) -> bool:
        return bool(_of(_of(item, "ConceptNameCodeSequence"), "CodeValue") == value)

    return check


def _found(items: list[Dataset], wanted: Callable[[Dataset], bool]) -> Dataset | None:
    return next(filter(wanted, items), None)


def _array(sequence: Any) -> list[Dataset]:
    return list(sequence or ())


def _of(thing: Any, keyword: str) -> Any:
    """Give a field, of a sequence that of its first item."""
    if isinstance(thing, Dataset):
        return thing.get(keyword)
    items: Iterator[Dataset] = iter(thing if thing is not None else ())
    first = next(items, None)
    if first is None:
        message = f"{keyword} of undefined"
        raise OhifError(message)
    return first.get(keyword)
