"""Content items of a structured report, PS3.3 C.17.3, over highdicom's checked classes."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from highdicom.sr import (
    CodeContentItem,
    CompositeContentItem,
    ContainerContentItem,
    ContentItem,
    ContentSequence,
    DateContentItem,
    ImageContentItem,
    NumContentItem,
    PnameContentItem,
    RelationshipTypeValues,
    ScoordContentItem,
    TextContentItem,
    UIDRefContentItem,
)
from pydicom.sr.coding import Code

from core.reading import Presence
from dicom_sr import concepts
from dicom_sr.elements import put
from dicom_sr.source import Film

Item = TypeVar("Item", bound=ContentItem)

CONTAINS = RelationshipTypeValues.CONTAINS
HAS_ACQ_CONTEXT = RelationshipTypeValues.HAS_ACQ_CONTEXT
HAS_CONCEPT_MOD = RelationshipTypeValues.HAS_CONCEPT_MOD
HAS_OBS_CONTEXT = RelationshipTypeValues.HAS_OBS_CONTEXT
HAS_PROPERTIES = RelationshipTypeValues.HAS_PROPERTIES
INFERRED_FROM = RelationshipTypeValues.INFERRED_FROM
SELECTED_FROM = RelationshipTypeValues.SELECTED_FROM

_PLACEHOLDER_UID = "2.25.1"
_PLACEHOLDER_NAME = "A^B"
_HUNDREDTHS = 2


def with_children(item: Item, children: Sequence[ContentItem]) -> Item:
    """Hang children under an item, in their order; an item without children stays bare."""
    if children:
        item.ContentSequence = ContentSequence(list(children))
    return item


def container(
    name: Code,
    children: Sequence[ContentItem],
    relationship: RelationshipTypeValues | None = CONTAINS,
    template: str | None = None,
) -> ContainerContentItem:
    """Make a container; the root of a document has no relationship."""
    item = ContainerContentItem(
        name, is_content_continuous=False, template_id=template, relationship_type=relationship
    )
    return with_children(item, children)


def text(name: Code, value: str, relationship: RelationshipTypeValues) -> TextContentItem:
    """Make a text; the value was cleaned by `dicom_sr.text`."""
    return TextContentItem(name, value, relationship)


def code(name: Code, value: Code, relationship: RelationshipTypeValues) -> CodeContentItem:
    """Make a coded statement."""
    return CodeContentItem(name, value, relationship)


def person(name: Code, value: str, relationship: RelationshipTypeValues) -> PnameContentItem:
    """Make a person's name; the value was cleaned by `dicom_sr.text.person_name`."""
    item = PnameContentItem(name, _PLACEHOLDER_NAME, relationship)
    put(item, "PersonName", value)
    return item


def date(name: Code, value: str, relationship: RelationshipTypeValues) -> DateContentItem:
    """Make a date, of a value YYYYMMDD."""
    return DateContentItem(name, value, relationship)


def uid(name: Code, value: str, relationship: RelationshipTypeValues) -> UIDRefContentItem:
    """Make a reference to a UID."""
    item = UIDRefContentItem(name, _PLACEHOLDER_UID, relationship)
    put(item, "UID", value)
    return item


def number(
    name: Code, value: float, unit: Code, relationship: RelationshipTypeValues
) -> NumContentItem:
    """Make a number with its unit; a whole number is written without a point."""
    exact = int(value) if float(value).is_integer() else value
    return NumContentItem(name, exact, unit, relationship_type=relationship)


def percent(name: Code, score: float, relationship: RelationshipTypeValues) -> NumContentItem:
    """Make a probability in [0, 1] a percentage.

    Its decimal string is for persons, to hundredths; the double beside it (PS3.3 C.18.1, Floating
    Point Value) is the number itself.
    """
    exact = 100.0 * score
    shown = round(exact, _HUNDREDTHS)
    item = number(name, shown, concepts.PERCENT, relationship)
    if shown != exact:
        put(item.MeasuredValueSequence[0], "FloatingPointValue", exact)
    return item


def certainty(
    score: float, presence: Presence, relationship: RelationshipTypeValues
) -> NumContentItem:
    """Make the score of a statement in percent, of a probability of presence in [0, 1].

    It is the certainty of the finding where that is stated to be present. Elsewhere it goes by its
    own name: "absent, certainty 2 %" would say the contrary of what is meant.
    """
    return percent(score_name(presence), score, relationship)


def score_name(presence: Presence) -> Code:
    """Give the concept name of the score of a statement."""
    stated = presence is Presence.PRESENT
    return concepts.CERTAINTY_OF_FINDING if stated else concepts.PROBABILITY


def image(film: Film, relationship: RelationshipTypeValues) -> ImageContentItem:
    """Make a reference to the film; its UIDs are written as the film carries them."""
    item = ImageContentItem(
        concepts.SOURCE, _PLACEHOLDER_UID, _PLACEHOLDER_UID, relationship_type=relationship
    )
    referenced = item.ReferencedSOPSequence[0]
    put(referenced, "ReferencedSOPClassUID", film.sop_class_uid)
    put(referenced, "ReferencedSOPInstanceUID", film.sop_instance_uid)
    return item


def composite(
    sop_class_uid: str, sop_instance_uid: str, relationship: RelationshipTypeValues
) -> CompositeContentItem:
    """Make a reference to an object that is no image."""
    item = CompositeContentItem(
        concepts.SOURCE, _PLACEHOLDER_UID, _PLACEHOLDER_UID, relationship_type=relationship
    )
    referenced = item.ReferencedSOPSequence[0]
    put(referenced, "ReferencedSOPClassUID", sop_class_uid)
    put(referenced, "ReferencedSOPInstanceUID", sop_instance_uid)
    return item


def polyline(
    name: Code, points: Sequence[tuple[float, float]], relationship: RelationshipTypeValues
) -> ScoordContentItem:
    """Make spatial coordinates of a polyline of (column, row) points."""
    return ScoordContentItem(
        name, "POLYLINE", np.array(points, dtype=np.float64), relationship_type=relationship
    )
