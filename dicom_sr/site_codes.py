"""What a site's own row may not say: anything that the built-in table says of another word.

A site may translate a meaning and put a code in the place of another, but "left" never gets the
code or the meaning of "right", however the file came about. Between languages nobody but the site
can tell: "Rechts" for "left" is not found out here, but shown by `firstread codes check`.
"""

import re
from collections.abc import Iterator
from typing import Final

from pydicom.sr.coding import Code

from dicom_sr.code_table import PRIVATE_SCHEME, CodeTable, Entry, Group

_CLOSED: Final = frozenset(
    {Group.SIDES, Group.PRESENCES, Group.NORMALITIES, Group.VIEWS, Group.MODALITIES}
)
"""Groups whose words exclude each other and have codes in the standard."""
_OPPOSITE: Final = re.compile(
    r"\b(?:no|not|non|without|absent|absence|negative|normal|left|right|bilateral)\b"
)
"""What a finding or a site never says of itself: presence and side have their own codes."""


def check_row(group: Group, word: str, row: Entry, base: CodeTable) -> None:
    """Refuse a site's row that could be taken for another word.

    Parameters
    ----------
    group, word
        Which row it is.
    row
        What the site's file makes of it.
    base
        The table that comes with FirstRead.

    Raises
    ------
    ValueError
        If code or meaning are another word's, or deny or side a finding; if a word that the
        standard codes has another value in the same scheme. The text names the row.
    """
    name, before = f"{group.value}.{word}", base.rows[group][word]
    for other_group, other_word, other in _others(group, word, base):
        where = f"{other_group.value}.{other_word}"
        # pydicom holds an old code of SNOMED RT equal to the one of SNOMED CT; that is wanted here.
        if any(one in (other.code, other.written) for one in (row.code, row.written)):
            message = f"{name}: {_shown(row.code)} is the code of {where}"
            raise ValueError(message)
        said = {_plain(other_word), _plain(other.code.meaning)} - _own(word, before)
        for text in (row.code.meaning, row.code.value, row.written.value):
            if _plain(text) in said or (
                group in _CLOSED and group is other_group and _holds(text, said)
            ):
                message = f"{name}: {text!r} says what {where} means"
                raise ValueError(message)
    opposite = None if group in _CLOSED else _OPPOSITE.search(_plain(row.code.meaning))
    if opposite is not None and row.code.meaning != before.code.meaning:
        message = (
            f"{name}: {row.code.meaning!r} holds {opposite.group()!r}; presence and side have "
            "codes of their own"
        )
        raise ValueError(message)
    _check_code(name, group, row, before)


def _check_code(name: str, group: Group, row: Entry, before: Entry) -> None:
    """Refuse values that only FirstRead or the standard could have given out."""
    if row.code in (before.code, before.written):
        return
    scheme = row.code.scheme_designator
    if scheme == PRIVATE_SCHEME:
        message = f"{name}: {scheme} is FirstRead's own; a private scheme of yours is 99 and a name"
        raise ValueError(message)
    if group in _CLOSED and scheme in {before.code.scheme_designator, "SCT", "SRT", "DCM"}:
        message = (
            f"{name}: its code in the standard is {_shown(before.code)}, not {_shown(row.code)}; "
            "its meaning may be translated"
        )
        raise ValueError(message)


def _others(group: Group, word: str, base: CodeTable) -> Iterator[tuple[Group, str, Entry]]:
    for other_group, rows in base.rows.items():
        for other_word, entry in rows.items():
            if (other_group, other_word) != (group, word):
                yield other_group, other_word, entry


def _own(word: str, before: Entry) -> set[str]:
    """What the row may say in any case, as two groups have an "undetermined"."""
    return {_plain(word), _plain(before.code.meaning)}


def _holds(text: str, phrases: set[str]) -> bool:
    return any(f" {phrase} " in f" {_plain(text)} " for phrase in phrases)


def _plain(text: str) -> str:
    """Give a text's words in lower case, with one blank between them."""
    return " ".join(re.findall(r"\w+", text.replace("_", " ").casefold()))


def _shown(code: Code) -> str:
    return f"{code.value} {code.scheme_designator}"
