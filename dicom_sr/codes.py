"""The former tables of codes, while their users move to `dicom_sr.code_table`."""

from typing import Any

from core.labels import Label, Side, Site
from core.reading import Presence
from dicom_sr.code_table import (
    PRIVATE_SCHEME,
    PRIVATE_SCHEME_NAME,
    WORDS,
    Entry,
    Group,
)
from dicom_sr.codes_toml import built_in_codes

__all__ = ["PRIVATE_SCHEME", "PRIVATE_SCHEME_NAME", "Entry"]
_CHEST = "chest"


def __getattr__(name: str) -> Any:
    """Give the former tables while their users move to `CodeTable`."""
    if name.startswith("_"):
        raise AttributeError(name)
    table = built_in_codes()

    def rows(group: Group, words: Any) -> dict[Any, Entry]:
        entries = table.rows[group]
        return {w: Entry(entries[w].written, entries[w].trust, entries[w].source) for w in words}

    match name:
        case "LABELS":
            return rows(Group.LABELS, Label)
        case "SITES":
            return rows(Group.SITES, Site)
        case "SIDES":
            return rows(Group.SIDES, Side)
        case "PRESENCES":
            return rows(Group.PRESENCES, Presence)
        case "CHEST":
            return rows(Group.REGIONS, (_CHEST,))[_CHEST]
        case "NORMAL":
            return rows(Group.NORMALITIES, ("normal",))["normal"]
        case "ABNORMAL":
            return rows(Group.NORMALITIES, ("abnormal",))["abnormal"]
        case "NORMALITY_UNDETERMINED":
            return rows(Group.NORMALITIES, ("undetermined",))["undetermined"]
        case "VIEWS":
            return rows(Group.VIEWS, WORDS[Group.VIEWS])
        case "MODALITIES":
            return rows(Group.MODALITIES, WORDS[Group.MODALITIES])
    raise AttributeError(name)
