"""The free texts of a header as plain words.

Texts are hints: they are written by hand, in any language, by anybody. Accents, case and dots are
taken off, and what is left is compared with short lists of whole words.
"""

import re
import unicodedata
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from gateway.headers import text

FILM_TEXTS: Final = (
    "SeriesDescription",
    "ProtocolName",
    "AcquisitionDeviceProcessingDescription",
    "AcquisitionDeviceProcessingCode",
    "ViewName",
)
"""Attributes that describe this one film."""
STUDY_TEXTS: Final = (
    "PerformedProcedureStepDescription",
    "RequestedProcedureDescription",
    "StudyDescription",
)
"""Attributes that describe an examination, which may hold films of other views and parts."""
_LONGEST: Final = 256
_INITIALS: Final = re.compile(r"(?<![a-z])([ap])[\s./\\-]{1,3}([ap])(?![a-z])")
"""The two letters of a view as they are written: a.p., a-p, P/A."""
_COMPOUND: Final = re.compile(r"(?<=o)-(?=(anterior|posterior|lateral))")
"""The hyphen of postero-anterior and its like."""
_WORD: Final = re.compile(r"[a-z0-9]+")


def words(phrase: str) -> frozenset[str]:
    """Split a text into its words: ASCII, lower case, without marks.

    Only its first 256 characters count.
    """
    decomposed = unicodedata.normalize("NFKD", phrase[:_LONGEST].casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    joined = _COMPOUND.sub("", _INITIALS.sub(r"\1\2", plain))
    return frozenset(_WORD.findall(joined))


def words_of(header: Dataset, keywords: tuple[str, ...]) -> frozenset[str]:
    """Give all words of several attributes."""
    return frozenset().union(*(words(text(header, keyword)) for keyword in keywords))


def first_item(header: Dataset, keyword: str) -> Dataset | None:
    """Give the first item of a sequence; None where there is none."""
    items = header.get(keyword)
    if isinstance(items, Sequence) and len(items):
        return items[0]
    return None
