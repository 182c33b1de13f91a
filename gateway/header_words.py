"""The free texts of a header as plain words.

Texts are hints: they are written by hand, in any language, by anybody. Accents, case and dots are
taken off, and what is left is compared with short lists of whole words. Chinese, Japanese, Korean
and Thai are written without spaces, or with few: there every part of a run of letters counts as a
word.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from gateway.headers import text
from imaging.values import value_of

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
_STUDY_CODES: Final = ("ProcedureCodeSequence", "RequestedProcedureCodeSequence")
_REQUEST_TEXTS: Final = ("RequestedProcedureDescription", "ScheduledProcedureStepDescription")

_LONGEST: Final = 256
_MOST_ITEMS: Final = 8
_LONGEST_PART: Final = 6
"""Letters of the longest word that is looked for within a run without spaces."""
_INITIALS: Final = re.compile(r"(?<![a-z])([ap])[\s./\\>\u2192-]{1,3}([ap])(?![a-z])")
"""The two letters of a view as they are written: a.p., a-p, P/A, P->A."""
_SIDEWAYS: Final = re.compile(r"(?<![a-z])([lr])\s?[.>\u2192-]{1,2}\s?([lr])(?![a-z])")
"""Those of a lateral: L-L, R->L."""
_COMPOUND: Final = re.compile(r"(?<=o)[-_ ](?=(anterior|posterior|lateral))")
"""What stands between the parts of postero-anterior and its like."""
_POSTURE: Final = re.compile(r"\bhead[\s_-]+(?:of[\s_-]+(?:the[\s_-]+)?bed|up)\b")
"""How a patient lies, which names no part."""
_CAPITAL: Final = re.compile(
    r"(?<=[a-z\u00df-\u00f6\u00f8-\u00ff])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
)
"""Where a word begins within another: ChestLateral, LTLat."""
_JOINED: Final = re.compile(
    r"(chest|thorax|torax|thx|cxr)?"
    r"(?:(?:lt|rt|left|right|l|r)?(lateral|lat)|(pa|ap|ll|rl))"
    r"(chest|thorax|torax|thx|cxr)?"
)
"""Words of the chest and of a view that are written as one: LATCHEST, LTLAT."""
_BESIDE_CHEST: Final = re.compile(
    r"(?:chest|thorax|torax|thx|cxr)([^\W\d_]+)|([^\W\d_]+?)(?:chest|thorax|torax|thx|cxr)"
)
"""Another word joined with the chest's: THORAXSEITLICH; it alone counts, as of pneumothorax."""
_UNSPACED: Final = "\u0e00-\u0e7f\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
"""Thai, kana, Chinese characters, Hangul syllables."""
_WORD: Final = re.compile(rf"[{_UNSPACED}]+|\d+|[^\W\d_{_UNSPACED}]+")
_LETTERS: Final = str.maketrans(
    {
        # The Nordic word for "on" would else be a view.
        "å": "aa",
        "\u0131": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
"""Latin letters that are no other letter with a mark."""


def folded(phrase: str) -> str:
    """Take case, marks and odd forms of letters off a text; only its first 256 letters count."""
    plain = unicodedata.normalize("NFKC", phrase[:_LONGEST]).casefold()
    decomposed = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFC", plain).translate(_LETTERS)
    )
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare[: 4 * _LONGEST])


def words(phrase: str) -> frozenset[str]:
    """Split a text into its words: lower case, without marks, letters or digits alone.

    Only its first 256 characters count. Of a text in UTF-8 that was taken for Latin-1, a common
    slip of the field, the words that were meant count as well.
    """
    return _words(phrase[:_LONGEST])


@lru_cache(maxsize=4096)
def _words(phrase: str) -> frozenset[str]:
    """Split what counts of a text: a room writes the same few words into all of its films."""
    found = _split(phrase)
    meant = _as_utf8(phrase)
    return found if meant is None else found | _split(meant)


def _split(phrase: str) -> frozenset[str]:
    found: set[str] = set()
    for form in {phrase, _CAPITAL.sub(" ", phrase)}:
        for word in _WORD.findall(_joined(folded(form))):
            found.add(word)
            if _is_unspaced(word):
                found.update(_parts(word))
            elif parts := _JOINED.fullmatch(word) or _BESIDE_CHEST.fullmatch(word):
                found.update(part for part in parts.groups() if part)
    return frozenset(found)


def _joined(phrase: str) -> str:
    """Join what is one word, however it is written."""
    posed = _POSTURE.sub("hob", phrase)
    return _COMPOUND.sub("", _SIDEWAYS.sub(r"\1\2", _INITIALS.sub(r"\1\2", posed)))


def _as_utf8(phrase: str) -> str | None:
    if phrase.isascii():
        return None
    try:
        # The last letter of a text that was cut may be half there.
        return phrase.encode("latin-1").decode(
            "utf-8", "ignore" if len(phrase) == _LONGEST else "strict"
        )
    except UnicodeError:
        return None


@lru_cache(maxsize=4096)
def wanted(phrase: str) -> frozenset[str]:
    """Give the words that a text must have if it says a phrase, in whatever order."""
    needed: set[str] = set()
    for word in _WORD.findall(_POSTURE.sub("hob", folded(phrase))):
        if len(word) > _LONGEST_PART and _is_unspaced(word):
            needed.update(part for part in _parts(word) if len(part) == _LONGEST_PART)
        else:
            needed.add(word)
    # A phrase without a word is in no text; the empty set would be in each.
    return frozenset(needed) or frozenset({phrase})


def words_of(header: Dataset, keywords: tuple[str, ...]) -> frozenset[str]:
    """Give all words of several attributes."""
    return frozenset().union(*(words(text(header, keyword)) for keyword in keywords))


def film_words(header: Dataset) -> frozenset[str]:
    """Give the words that describe this one film."""
    return words_of(header, FILM_TEXTS)


def study_words(header: Dataset) -> frozenset[str]:
    """Give the words that describe its examination: texts, the request's, and codes' meanings."""
    found = words_of(header, STUDY_TEXTS)
    for keyword in _STUDY_CODES:
        item = first_item(header, keyword)
        if item is not None:
            found |= words(text(item, "CodeMeaning"))
    request = first_item(header, "RequestAttributesSequence")
    return found if request is None else found | words_of(request, _REQUEST_TEXTS)


def first_item(header: Dataset, keyword: str) -> Dataset | None:
    """Give the first item of a sequence; None where there is none, or it cannot be understood."""
    items = value_of(header, keyword)
    return items[0] if isinstance(items, Sequence) and len(items) else None


def items_of(header: Dataset, keyword: str) -> list[Dataset]:
    """Give the first items of a sequence, as far as it can be understood."""
    items = value_of(header, keyword)
    return list(items[:_MOST_ITEMS]) if isinstance(items, Sequence) else []


def _is_unspaced(word: str) -> bool:
    return re.fullmatch(rf"[{_UNSPACED}]+", word) is not None


def _parts(run: str) -> set[str]:
    """Give every part of two to six letters; a single one has too many meanings."""
    return {
        run[start : start + length]
        for start in range(len(run))
        for length in range(2, _LONGEST_PART + 1)
        if start + length <= len(run)
    }
