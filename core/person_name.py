"""Names of persons as DICOM writes them (VR PN, PS3.5 section 6.2.1)."""

import unicodedata
from typing import Final

from core.errors import ReviewRefusedError

_LONGEST_GROUP: Final = 64
"""Characters of one component group."""
_MOST_GROUPS: Final = 3
"""Alphabetic, ideographic and phonetic."""
_MOST_COMPONENTS: Final = 5
"""Family name, given name, middle name, prefix, suffix."""


def person_name(text: str) -> str:
    """Check a person's name, and give it without spaces around it.

    Parameters
    ----------
    text
        Such as `Family^Given`.

    Raises
    ------
    ReviewRefusedError
        If it names nobody, or no object could hold it.
    """
    name = text.strip()
    groups = name.split("=")
    if "\\" in name or has_control_characters(name):
        message = f"a person's name has no backslash and no control character: {text!r}"
        raise ReviewRefusedError(message)
    if not name.strip("^= "):
        message = f"a person's name is wanted, such as Family^Given, not {text!r}"
        raise ReviewRefusedError(message)
    if (
        len(groups) > _MOST_GROUPS
        or max(map(len, groups)) > _LONGEST_GROUP
        or max(group.count("^") for group in groups) >= _MOST_COMPONENTS
    ):
        message = (
            f"a person's name has {_MOST_GROUPS} groups of {_LONGEST_GROUP} characters and "
            f"{_MOST_COMPONENTS} components at most: {text!r}"
        )
        raise ReviewRefusedError(message)
    return name


def has_control_characters(text: str) -> bool:
    """Tell whether a text holds what no script is written with: controls and lone surrogates.

    Joiners and marks of direction are part of scripts, so `str.isprintable` would refuse too much.
    """
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)
