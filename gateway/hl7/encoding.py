"""Values to fields and segments of HL7 v2 (section 2.5 and 2.7), with nothing left unescaped.

What is fit to stand in a field has the type `Encoded`, which only these functions make: a word of
a header or of a model cannot end a field, a segment or a message.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NewType

Encoded = NewType("Encoded", str)

ENCODING_CHARACTERS = "^~\\&"
"""MSH-2: component, repetition, escape, subcomponent."""
NULL = Encoded('""')
"""Section 2.5.3: what is there is to be deleted."""
_END = "\r"
_MSH_2 = Encoded(ENCODING_CHARACTERS)
_ESCAPES = str.maketrans({"|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "\\": "\\E\\", "&": "\\T\\"})
"""Section 2.7.1."""


def value(text: str) -> Encoded:
    """Encode one value; control characters, lone surrogates and the like become blanks."""
    return Encoded(_one_line(text).translate(_ESCAPES))


def components(*parts: str | Sequence[str]) -> Encoded:
    """Encode a field of several components, of which a sequence is one of subcomponents."""
    encoded = (
        value(part) if isinstance(part, str) else "&".join(map(value, part)).rstrip("&")
        for part in parts
    )
    return Encoded("^".join(encoded).rstrip("^"))


def repetitions(fields: Iterable[Encoded]) -> Encoded:
    """Put fields into one that repeats."""
    return Encoded("~".join(fields))


def segment(name: str, fields: Mapping[int, Encoded]) -> Encoded:
    """Put fields, by their numbers from 1, into a segment; not for MSH."""
    last = max((number for number, text in fields.items() if text), default=0)
    parts = [fields.get(number, Encoded("")) for number in range(1, last + 1)]
    return Encoded("|".join([name, *parts]))


def header(fields: Mapping[int, Encoded]) -> Encoded:
    """Make MSH, whose first field is the separator itself: fields are given from MSH-3."""
    return segment("MSH", {number - 1: text for number, text in fields.items()} | {1: _MSH_2})


def encoded_message(segments: Iterable[Encoded]) -> bytes:
    """Put segments into a message, each ended by CR (section 2.5.2), in UTF-8."""
    return "".join(part + _END for part in segments).encode()


def _one_line(text: str) -> str:
    return "".join(
        " " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character
        for character in text
    )
