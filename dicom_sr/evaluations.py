"""Qualitative evaluations of the whole film: flags, their scores, normality.

They lie under a container of their own at the root of TID 1500 (row 12), not in a measurement
group, where a score without coordinates breaks OHIF.
"""

from highdicom.sr import ContainerContentItem, ContentItem

from core.labels import Label
from core.reading import Flag, Presence, Reading
from dicom_sr import concepts, items
from dicom_sr.codes import (
    ABNORMAL,
    LABELS,
    NORMAL,
    NORMALITY_UNDETERMINED,
    PRESENCES,
    Entry,
)


def qualitative_evaluations(reading: Reading) -> ContainerContentItem:
    """Give the container of a reading's flags; the score hangs below its flag."""
    children: list[ContentItem] = [
        items.code(concepts.NORMALITY, normality(reading).code, items.CONTAINS),
        *(_flag(flag) for flag in reading.flags),
    ]
    return items.container(concepts.QUALITATIVE_EVALUATIONS, children)


def normality(reading: Reading) -> Entry:
    """Say whether the model took the film for normal.

    Abnormal as soon as anything is stated to be present. Normal only where every label there is
    was asked for and each answer was no: a model that knows fewer labels cannot say normal, and
    an uncertain answer is none.
    """
    answers = [flag.presence for flag in reading.flags] + [
        finding.presence for finding in reading.findings
    ]
    if Presence.PRESENT in answers:
        return ABNORMAL
    asked = {flag.label for flag in reading.flags} & set(reading.model.labels)
    if asked == set(Label) and Presence.UNCERTAIN not in answers:
        return NORMAL
    return NORMALITY_UNDETERMINED


def _flag(flag: Flag) -> ContentItem:
    item = items.code(LABELS[flag.label].code, PRESENCES[flag.presence].code, items.CONTAINS)
    below = [] if flag.score is None else [items.certainty(flag.score, items.HAS_PROPERTIES)]
    return items.with_children(item, below)
