"""Words of headers and of models, made fit for DICOM values.

All of them are untrusted. Nothing here judges their meaning: control characters and characters
that change the direction or the look of what follows are taken out, lengths are held, and
markup stays what it is, plain text.
"""

import re
import unicodedata

SHORT_STRING = 16
"""Characters of SH, PS3.5 section 6.2; also those of CS."""
LONG_STRING = 64
"""Characters of LO, and of each component group of PN."""
SHORT_TEXT = 1024
"""Characters of ST."""
_CUT = "..."
_BLANK = " \0\t\r\n"
_PERSON_GROUPS = 3
_PERSON_COMPONENTS = 5
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of controls, formats (bidirectional overrides among them), lone
surrogates, private code points, line and paragraph separators."""
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that Arabic and Indic names need."""


def _visible(text: str) -> str:
    # Without normalisation: it would put other ideographs into Japanese names.
    return "".join(
        character
        for character in text
        if unicodedata.category(character) not in _INVISIBLE or character in _JOINERS
    )


def paragraphs(text: str) -> str:
    """Clean a text of several lines (VR UT or ST), its lines ended by CR LF.

    Blank lines at the ends are dropped, runs of more than one inside become one.
    """
    lines = [
        " ".join(_visible(re.sub(r"[\t\v\f]", " ", line)).split())
        for line in re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text)
    ]
    return re.sub(r"(\r\n){3,}", "\r\n\r\n", "\r\n".join(lines)).strip()


def one_line(text: str) -> str:
    """Clean a text that has to stay on one line."""
    return " ".join(paragraphs(text).split())


def cut(text: str, limit: int) -> str:
    """Hold a text to a length, showing by an ellipsis that it was cut.

    The standard counts characters, yet archives and validators in use count the bytes of UTF-8,
    so that `limit` is held in bytes; no character is divided.
    """
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    return encoded[: limit - len(_CUT)].decode(errors="ignore").rstrip() + _CUT


def string_value(text: str, limit: int) -> str:
    """Make a value of VR LO or SH: one line, no backslash (it divides values), held in length."""
    return cut(one_line(text).replace("\\", "/"), limit)


def identity_value(text: str) -> str:
    """Clean an identity such as a patient's, of which nothing visible may be lost.

    It is neither cut nor altered: an identity of which a part is missing may be somebody
    else's, and the archive holds the film under the very value that the film carries. One with a
    control character within it is none that can be written (PS3.5 section 6.1.3), and empty: what
    stands on both of its sides would, put together, be another one.
    """
    ends = text.strip(_BLANK)
    if any(unicodedata.category(character) == "Cc" for character in ends):
        return ""
    return _visible(ends).strip(" ")


def person_name(text: str) -> str:
    """Make a value of VR PN, PS3.5 section 6.2.1.

    At most three groups of at most five components and 64 characters each.
    """
    groups = []
    for group in one_line(text.replace("\\", " ")).split("=")[:_PERSON_GROUPS]:
        components = [component.strip() for component in group.split("^")][:_PERSON_COMPONENTS]
        groups.append("^".join(components)[:LONG_STRING].rstrip("^ "))
    return "=".join(groups).rstrip("=")


def spoken_name(name: str) -> str:
    """Give a person's name as it is said: "Dr. Jane Doe" of "Doe^Jane^^Dr.".

    Parameters
    ----------
    name
        VR PN; its first group that holds something counts.
    """
    group = next((group for group in name.split("=") if group.strip("^ ")), "")
    parts = [*(part.strip() for part in group.split("^")), *[""] * _PERSON_COMPONENTS]
    family, given, middle, prefix, suffix = parts[:_PERSON_COMPONENTS]
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part)
