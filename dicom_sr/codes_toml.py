"""Tables of codes from the values of a TOML file; each refusal says which row, and why."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from pydicom.sr.coding import Code

from dicom_sr.code_table import PRIVATE_SCHEME, WORDS, CodeTable, Entry, Group, Trust
from dicom_sr.site_codes import check_row
from dicom_sr.snomed import is_concept
from dicom_sr.text import LONG_STRING, SHORT_STRING

_KEYS: Final = frozenset({"scheme", "value", "meaning", "source", "verified", "private"})
_UNMAPPED: Final = "unmapped"
_BY_SITE: Final = "the site's file"
_SCHEMES: Final = frozenset(
    {
        *("DCM", "SCT", "LN", "UMLS", "RADLEX", "RADELEMENT", "FMA", "NCIt", "MSH", "MDC"),
        *("I9C", "I10", "I10P", "I11", "ICDO3", "CD2", "C4", "UCUM", "SRT", "SNM3", "BI"),
    }
)
"""Coding Scheme Designators of PS3.16 table 8-1 that may code a finding, a site or a view."""


_SNOMED: Final = "SCT"


@cache
def built_in_codes() -> CodeTable:
    """Give the table that comes with FirstRead."""
    text = files("dicom_sr").joinpath("codes.toml").read_text(encoding="utf-8")
    return parse_codes(tomllib.loads(text))


def parse_codes(values: Mapping[str, Any], base: CodeTable | None = None) -> CodeTable:
    """Make a table.

    Parameters
    ----------
    values
        What the file holds; `codes.toml` tells the form.
    base
        The table whose rows it changes, for a site's own file; None where it must hold all.

    Raises
    ------
    ValueError
        If something in it is unknown, missing, cannot be written in DICOM, or would make two words
        alike. The text names the row.
    """
    groups = {group.value for group in Group}
    unknown = [name for name in values if name not in groups | {_UNMAPPED}]
    if unknown or (base is not None and _UNMAPPED in values):
        message = f"no group of codes: {', '.join(unknown or [_UNMAPPED])}"
        raise ValueError(message)
    rows = {
        group: MappingProxyType(_rows(group, values.get(group.value, {}), base)) for group in Group
    }
    unmapped = values.get(_UNMAPPED, {}) if base is None else base.unmapped
    return CodeTable(MappingProxyType(rows), MappingProxyType(unmapped))


def _rows(group: Group, written: Any, base: CodeTable | None) -> dict[str, Entry]:
    if not isinstance(written, Mapping):
        message = f"{group.value} must be a table, not {written!r}"
        raise ValueError(message)  # noqa: TRY004 - all that is wrong with a file is one error
    rows = {} if base is None else dict(base.rows[group])
    for word, values in written.items():
        name = f"{group.value}.{word}"
        if word not in WORDS[group]:
            message = f"{name}: no such word; known are {', '.join(WORDS[group])}"
            raise ValueError(message)
        rows[word] = _entry(name, values, rows.get(word))
        if base is not None:
            check_row(group, word, rows[word], base)
    return rows


def _entry(name: str, values: Any, before: Entry | None) -> Entry:
    """Make a row; what a site's file leaves out of one is as it was."""
    if not isinstance(values, Mapping) or not _KEYS.issuperset(values):
        unknown = sorted(set(values) - _KEYS) if isinstance(values, Mapping) else [repr(values)]
        message = f"{name}: known are {', '.join(sorted(_KEYS))}, not {', '.join(unknown)}"
        raise ValueError(message)
    wrong = [key for key, value in values.items() if not isinstance(value, str)]
    if wrong:
        message = f"{name}: {wrong[0]} must be text, not {values[wrong[0]]!r}"
        raise ValueError(message)
    if before is not None and values.get("verified") == Trust.DICTIONARY.value:
        message = f'{name}: a site\'s file can say that the "site" verified it, not a dictionary'
        raise ValueError(message)
    recoded = not {"scheme", "value"}.isdisjoint(values)
    if before is not None and recoded and not {"scheme", "value", "meaning"} <= set(values):
        # Half of a code with half of another would mean neither.
        message = f"{name}: another code needs scheme, value and meaning"
        raise ValueError(message)
    given = _stated(before) | dict(values)
    if before is not None:
        given = given | _claimed(before, values) | dict(values)
    return _checked(name, given)


def _claimed(before: Entry, values: Mapping[str, str]) -> dict[str, str]:
    """Give how well a site's row is known where the file does not say so itself."""
    if not {"scheme", "value"}.isdisjoint(values):
        return {"verified": Trust.NONE.value, "source": _BY_SITE}
    if not _stated(before).items() >= values.items() and before.trust is Trust.DICTIONARY:
        # No dictionary has the code with the site's words.
        return {"verified": Trust.SITE.value, "source": _BY_SITE}
    return {}


def _stated(entry: Entry | None) -> dict[str, str]:
    if entry is None:
        return {}
    return {
        "scheme": entry.code.scheme_designator,
        "value": entry.code.value,
        "meaning": entry.code.meaning,
        "source": entry.source,
        "verified": entry.trust.value,
        "private": entry.private,
    }


def _checked(name: str, given: Mapping[str, str]) -> Entry:
    missing = [key for key in ("scheme", "value", "meaning", "verified") if not given.get(key)]
    if missing:
        message = f"{name}: {missing[0]} is missing"
        raise ValueError(message)
    for key, limit in (
        ("scheme", SHORT_STRING),
        ("value", SHORT_STRING),
        ("private", SHORT_STRING),
    ):
        _check_text(name, key, given.get(key, ""), limit)
        if not given.get(key, "").isascii():
            message = f"{name}: {key} must be ASCII, not {given[key]!r}"
            raise ValueError(message)
    _check_text(name, "meaning", given["meaning"], LONG_STRING)
    scheme = given["scheme"]
    private = scheme.startswith("99")
    if scheme not in _SCHEMES and not private:
        message = (
            f"{name}: no coding scheme {scheme!r}; known are {', '.join(sorted(_SCHEMES))}, and "
            "private ones, which begin with 99"
        )
        raise ValueError(message)
    if given["verified"] not in {trust.value for trust in Trust}:
        message = f"{name}: verified is dictionary, seen, none or site, not {given['verified']!r}"
        raise ValueError(message)
    trust = Trust(given["verified"])
    written_privately = trust in {Trust.SEEN, Trust.NONE} and not private
    if written_privately and not given.get("private"):
        message = (
            f'{name}: what is not verified ("site") needs a value in {PRIVATE_SCHEME}: private'
        )
        raise ValueError(message)
    if scheme == _SNOMED and not is_concept(given["value"]):
        message = (
            f"{name}: no concept of SNOMED CT has the identifier {given['value']!r}: 6 to 18 "
            "digits, the last of which checks the others"
        )
        raise ValueError(message)
    code = Code(given["value"], scheme, given["meaning"])
    return Entry(code, trust, given.get("source", ""), given.get("private", ""))


def _check_text(name: str, key: str, text: str, limit: int) -> None:
    if len(text.encode()) > limit or "\\" in text or not text.isprintable() or text != text.strip():
        message = f"{name}: {key} has at most {limit} bytes and no backslash: {text!r}"
        raise ValueError(message)
