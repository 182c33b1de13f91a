"""Qualitative evaluations of the whole film: flags, their scores, normality.

They lie under a container of their own at the root of TID 1500 (row 12), not in a measurement
group, where a score without coordinates breaks OHIF.
"""

from pydicom.dataset import Dataset

from core.labels import Label
from core.reading import Flag, Presence, Reading
from dicom_sr import concepts, items
from dicom_sr.code_table import Normality
from dicom_sr.context import BuildContext


def qualitative_evaluations(reading: Reading, context: BuildContext) -> Dataset:
    """Give the container of a reading's flags; the scores hang below their flag."""
    verdict = context.codes.normality(normality(reading))
    children: list[Dataset] = [
        items.code(concepts.NORMALITY, verdict, items.CONTAINS),
        *(_flag(flag, context) for flag in reading.flags),
    ]
    return items.container(concepts.QUALITATIVE_EVALUATIONS, children)


def normality(reading: Reading) -> Normality:
    """Say whether the model took the film for normal.

    Abnormal as soon as anything is stated to be present. Normal only where every label there is
    was asked for and each answer was no: a model that knows fewer labels cannot say normal, and
    an uncertain answer is none.
    """
    answers = [flag.presence for flag in reading.flags] + [
        finding.presence for finding in reading.findings
    ]
    if Presence.PRESENT in answers:
        return Normality.ABNORMAL
    asked = {flag.label for flag in reading.flags} & set(reading.model.labels)
    if asked == set(Label) and Presence.UNCERTAIN not in answers:
        return Normality.NORMAL
    return Normality.UNDETERMINED


def _flag(flag: Flag, context: BuildContext) -> Dataset:
    label, presence = context.codes.label(flag.label), context.codes.presence(flag.presence)
    below = (
        []
        if flag.score is None
        else [items.certainty(flag.score, flag.presence, items.HAS_PROPERTIES)]
    )
    if flag.own_score is not None:
        below.append(items.percent(concepts.OWN_SCORE, flag.own_score, items.HAS_PROPERTIES))
    return items.with_children(items.code(label, presence, items.CONTAINS), below)
