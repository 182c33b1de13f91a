"""Content items of a structured report, PS3.3 C.17.3 and C.18.

Plain data sets of values that were made sound before: what a document may hold is checked by the
builders' tests before every validator, and not once more for each of a document's items.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.valuerep import format_number_as_ds

from core.reading import Presence
from dicom_sr import concepts
from dicom_sr.elements import code_item, put, reference
from dicom_sr.source import Film


class Relationship(StrEnum):
    """How an item is related to the one above it."""

    CONTAINS = "CONTAINS"
    HAS_ACQ_CONTEXT = "HAS ACQ CONTEXT"
    HAS_CONCEPT_MOD = "HAS CONCEPT MOD"
    HAS_OBS_CONTEXT = "HAS OBS CONTEXT"
    HAS_PROPERTIES = "HAS PROPERTIES"
    INFERRED_FROM = "INFERRED FROM"
    SELECTED_FROM = "SELECTED FROM"


CONTAINS = Relationship.CONTAINS
HAS_ACQ_CONTEXT = Relationship.HAS_ACQ_CONTEXT
HAS_CONCEPT_MOD = Relationship.HAS_CONCEPT_MOD
HAS_OBS_CONTEXT = Relationship.HAS_OBS_CONTEXT
HAS_PROPERTIES = Relationship.HAS_PROPERTIES
INFERRED_FROM = Relationship.INFERRED_FROM
SELECTED_FROM = Relationship.SELECTED_FROM

_HUNDREDTHS = 2


def with_children(item: Dataset, children: Sequence[Dataset]) -> Dataset:
    """Hang children under an item, in their order; an item without children stays bare."""
    if children:
        put(item, "ContentSequence", list(children))
    return item


def container(
    name: Code,
    children: Sequence[Dataset],
    relationship: Relationship | None = CONTAINS,
    template: str | None = None,
) -> Dataset:
    """Make a container; the root of a document has no relationship."""
    item = _item("CONTAINER", name, relationship)
    put(item, "ContinuityOfContent", "SEPARATE")
    if template is not None:
        used = Dataset()
        put(used, "MappingResource", "DCMR")
        put(used, "TemplateIdentifier", template)
        put(item, "ContentTemplateSequence", [used])
    return with_children(item, children)


def text(name: Code, value: str, relationship: Relationship) -> Dataset:
    """Make a text; the value was cleaned by `dicom_sr.text`."""
    return _valued("TEXT", name, relationship, "TextValue", value)


def code(name: Code, value: Code, relationship: Relationship) -> Dataset:
    """Make a coded statement."""
    return _valued("CODE", name, relationship, "ConceptCodeSequence", [code_item(value)])


def person(name: Code, value: str, relationship: Relationship) -> Dataset:
    """Make a person's name; the value was cleaned by `dicom_sr.text.person_name`."""
    return _valued("PNAME", name, relationship, "PersonName", value)


def date(name: Code, value: str, relationship: Relationship) -> Dataset:
    """Make a date, of a value YYYYMMDD."""
    return _valued("DATE", name, relationship, "Date", value)


def uid(name: Code, value: str, relationship: Relationship) -> Dataset:
    """Make a reference to a UID."""
    return _valued("UIDREF", name, relationship, "UID", value)


def number(name: Code, value: float, unit: Code, relationship: Relationship) -> Dataset:
    """Make a number with its unit; where it is no whole one, the double stands beside it."""
    return _number(name, value, value, unit, relationship)


def percent(name: Code, score: float, relationship: Relationship) -> Dataset:
    """Make a probability in [0, 1] a percentage.

    Its decimal string is for persons, to hundredths; the double beside it (PS3.3 C.18.1, Floating
    Point Value) is the number itself.
    """
    exact = 100.0 * score
    return _number(name, round(exact, _HUNDREDTHS), exact, concepts.PERCENT, relationship)


def certainty(score: float, presence: Presence, relationship: Relationship) -> Dataset:
    """Make the score of a statement in percent, of a probability of presence in [0, 1].

    It is the certainty of the finding where that is stated to be present. Elsewhere it goes by its
    own name: "absent, certainty 2 %" would say the contrary of what is meant.
    """
    return percent(score_name(presence), score, relationship)


def score_name(presence: Presence) -> Code:
    """Give the concept name of the score of a statement."""
    stated = presence is Presence.PRESENT
    return concepts.CERTAINTY_OF_FINDING if stated else concepts.PROBABILITY


def image(film: Film, relationship: Relationship) -> Dataset:
    """Make a reference to the film; its UIDs are written as the film carries them."""
    referenced = reference(film.sop_class_uid, film.sop_instance_uid)
    return _valued("IMAGE", concepts.SOURCE, relationship, "ReferencedSOPSequence", [referenced])


def composite(sop_class_uid: str, sop_instance_uid: str, relationship: Relationship) -> Dataset:
    """Make a reference to an object that is no image."""
    referenced = reference(sop_class_uid, sop_instance_uid)
    name = concepts.SOURCE
    return _valued("COMPOSITE", name, relationship, "ReferencedSOPSequence", [referenced])


def polyline(
    name: Code, points: Sequence[tuple[float, float]], relationship: Relationship
) -> Dataset:
    """Make spatial coordinates of a polyline of (column, row) points."""
    data = [float(one) for point in points for one in point]
    item = _valued("SCOORD", name, relationship, "GraphicData", data)
    put(item, "GraphicType", "POLYLINE")
    return item


def _item(value_type: str, name: Code, relationship: Relationship | None) -> Dataset:
    item = Dataset()
    if relationship is not None:
        put(item, "RelationshipType", relationship.value)
    put(item, "ValueType", value_type)
    put(item, "ConceptNameCodeSequence", [code_item(name)])
    return item


def _valued(
    value_type: str, name: Code, relationship: Relationship, keyword: str, value: Any
) -> Dataset:
    item = _item(value_type, name, relationship)
    put(item, keyword, value)
    return item


def _number(
    name: Code, shown: float, exact: float, unit: Code, relationship: Relationship
) -> Dataset:
    """Make a number: a decimal string, and the double that is meant (PS3.3 C.18.1)."""
    measured = Dataset()
    put(measured, "MeasurementUnitsCodeSequence", [code_item(unit)])
    if float(shown).is_integer():
        put(measured, "NumericValue", str(int(shown)))
    else:
        put(measured, "NumericValue", format_number_as_ds(float(shown)))
    if not float(exact).is_integer():
        put(measured, "FloatingPointValue", float(exact))
    return _valued("NUM", name, relationship, "MeasuredValueSequence", [measured])
