"""Which part of the body a header speaks of: the chest, another, or it does not say."""

import re
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from core.film_facts import Part, Source
from gateway.header_words import film_words, first_item, study_words, words
from gateway.headers import text
from gateway.lexicon import Lexicon, lexicon
from gateway.vocabulary import FIXED_PARTS


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
    doubted_by
        The coded or fixed attribute whose value is not known, beside one that says chest.
    """

    part: Part
    rule: Source
    contradicted_by: Source | None = None
    doubted_by: Source | None = None

    @property
    def judged(self) -> Part:
        """The verdict, where nothing contradicts it."""
        if self.contradicted_by:
            return Part.CONTRADICTED
        return Part.UNKNOWN if self.doubted_by else self.part


_SILENT: Final = words(
    "unknown other none na n a unspecified undefined default misc null empty not specified given"
    " body part general various"
)
_STEM: Final = re.compile(
    "abd|spine|pelv|neck|skull|femur|knee|ankle|shoulder|elbow|wrist|finger|joint|breast|vertebr"
    "|arter|vein"
)
"""Beginnings of other parts that stand within longer words, such as CHESTABDPELVIS."""
_CHEST_CODES: Final = frozenset(
    {"51185008", "816094009", "43799004", "39607008", "T-D3000", "T-D3200", "T-28000"}
)
"""Thorax, intra-thoracic, lung: SNOMED CT, and the retired SRT codes (CID 4031, CID 4)."""


def body_part(header: Dataset, names: Lexicon | None = None) -> PartEvidence:
    """Judge the body part: coded and fixed attributes first, then texts.

    Parameters
    ----------
    header
        Untrusted.
    names
        What parts are called; None takes the built-in words.

    Returns
    -------
    PartEvidence
        Body Part Examined speaks before Anatomic Region, then the texts on the film, then those
        on the examination, which contradict nothing since they may name several parts. A fixed
        value that is not known says nothing itself, and leaves open what others call the chest;
        an unknown text says nothing.
    """
    names = names or lexicon()
    spoken = [
        (rule, part)
        for rule, part in (
            (Source.BODY_PART, _fixed(text(header, "BodyPartExamined"), names)),
            (Source.REGION, _region(header, names)),
            (Source.FILM_TEXTS, _texts(film_words(header), names)),
        )
        if part is not Part.UNKNOWN
    ]
    if not spoken:
        part = _texts(study_words(header), names)
        rule = Source.NONE if part is Part.UNKNOWN else Source.STUDY_TEXTS
        return PartEvidence(part, rule, None, _doubt(header, names, part))
    rule, part = spoken[0]
    against = [other for other, said in spoken if said is not part]
    if against:
        return PartEvidence(part, rule, against[0])
    return PartEvidence(part, rule, None, _doubt(header, names, part))


def _doubt(header: Dataset, names: Lexicon, part: Part) -> Source | None:
    """Give the coded or fixed attribute whose value leaves open whether it is the chest."""
    if part is not Part.CHEST:
        return None
    if _is_unknown(text(header, "BodyPartExamined"), names):
        return Source.BODY_PART
    item = first_item(header, "AnatomicRegionSequence")
    if item is None or _region(header, names) is not Part.UNKNOWN:
        return None
    meaning = text(item, "CodeMeaning")
    coded = bool(text(item, "CodeValue")) and not words(meaning)
    return Source.REGION if coded or _is_unknown(meaning, names) else None


def _texts(found: frozenset[str], names: Lexicon) -> Part:
    if names.other_parts.named_in(found):
        return Part.OTHER
    return Part.CHEST if names.chest.named_in(found) else Part.UNKNOWN


def _fixed(value: str, names: Lexicon) -> Part:
    found = words(value)
    if not found or found <= _SILENT:
        return Part.UNKNOWN
    if found & FIXED_PARTS or any(_STEM.search(word) for word in found):
        return Part.OTHER
    return _texts(found, names)


def _is_unknown(value: str, names: Lexicon) -> bool:
    return not words(value) <= _SILENT and _fixed(value, names) is Part.UNKNOWN


def _region(header: Dataset, names: Lexicon) -> Part:
    item = first_item(header, "AnatomicRegionSequence")
    if item is None:
        return Part.UNKNOWN
    if text(item, "CodeValue") in _CHEST_CODES:
        return Part.CHEST
    return _fixed(text(item, "CodeMeaning"), names)
