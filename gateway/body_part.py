"""Which part of the body a header speaks of: the chest, another, or it does not say."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydicom.dataset import Dataset

from gateway.header_words import FILM_TEXTS, STUDY_TEXTS, first_item, words, words_of
from gateway.headers import text
from gateway.vocabulary import CHEST, OTHER_PARTS


class Part(StrEnum):
    """What is on the film."""

    CHEST = "chest"
    OTHER = "other"
    """Another part, or the chest together with another part."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PartEvidence:
    """What a header says of the body part.

    Parameters
    ----------
    part
        The verdict.
    rule
        Which attribute gave it.
    contradicted_by
        The attribute that says otherwise; empty where none does.
    """

    part: Part
    rule: str
    contradicted_by: str = ""


_SILENT: Final = frozenset({"unknown", "other", "none", "na"})
_CHEST_CODES: Final = frozenset(
    {"51185008", "816094009", "43799004", "39607008", "T-D3000", "T-D3200", "T-28000"}
)
"""Thorax, intra-thoracic, lung: SNOMED CT, and the retired SRT codes (CID 4031, CID 4)."""


def body_part(header: Dataset) -> PartEvidence:
    """Judge the body part: coded and fixed attributes first, then texts.

    Returns
    -------
    PartEvidence
        Body Part Examined speaks before Anatomic Region, then the texts on the film, then those
        on the examination, which contradict nothing since they may name several parts. A fixed
        value that is not known as the chest is another part; an unknown text says nothing.
    """
    spoken = [
        (rule, part)
        for rule, part in (
            ("BodyPartExamined", _fixed(text(header, "BodyPartExamined"))),
            ("AnatomicRegionSequence", _region(header)),
            ("film texts", _texts(words_of(header, FILM_TEXTS))),
        )
        if part is not Part.UNKNOWN
    ]
    if not spoken:
        return PartEvidence(_texts(words_of(header, STUDY_TEXTS)), "study texts")
    rule, part = spoken[0]
    against = [other for other, said in spoken if said is not part]
    return PartEvidence(part, rule, against[0] if against else "")


def _texts(found: frozenset[str]) -> Part:
    if found & OTHER_PARTS:
        return Part.OTHER
    return Part.CHEST if found & CHEST else Part.UNKNOWN


def _fixed(value: str) -> Part:
    found = words(value)
    if not found or found <= _SILENT:
        return Part.UNKNOWN
    return Part.CHEST if _texts(found) is Part.CHEST else Part.OTHER


def _region(header: Dataset) -> Part:
    item = first_item(header, "AnatomicRegionSequence")
    if item is None:
        return Part.UNKNOWN
    if text(item, "CodeValue") in _CHEST_CODES:
        return Part.CHEST
    return _fixed(text(item, "CodeMeaning"))
