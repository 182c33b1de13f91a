"""How what a model may say is coded: one table, which a site's own file may change by the row.

The rows stand in `codes.toml` beside this module, which tells their form. A code that nobody
could check is written in our private scheme; what was read may have either form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pydicom.sr.coding import Code

from core.labels import Label, Side, Site
from core.reading import Presence

PRIVATE_SCHEME = "99FIRSTREAD"
"""PS3.3 section 8.2: private coding schemes begin with 99."""
PRIVATE_SCHEME_NAME = "FirstRead private codes"
_PRIVATE = "99"


class Trust(StrEnum):
    """How well a code is known."""

    DICTIONARY = "dictionary"
    """In pydicom's copy of the standard's dictionaries, with this meaning."""
    SEEN = "seen"
    """In one other public source at least."""
    NONE = "none"
    """Nowhere that could be checked."""
    SITE = "site"
    """Verified by the site, in its own file."""


class Normality(StrEnum):
    """What is said of a film as a whole; CID 222 of PS3.16 has a code for each."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    UNDETERMINED = "undetermined"


class Group(StrEnum):
    """The parts of the table."""

    LABELS = "labels"
    SITES = "sites"
    REGIONS = "regions"
    SIDES = "sides"
    PRESENCES = "presences"
    NORMALITIES = "normalities"
    VIEWS = "views"
    MODALITIES = "modalities"


_CHEST = "chest"
WORDS: Mapping[Group, tuple[str, ...]] = MappingProxyType(
    {
        Group.LABELS: tuple(Label),
        Group.SITES: tuple(Site),
        Group.REGIONS: (_CHEST,),
        Group.SIDES: tuple(Side),
        Group.PRESENCES: tuple(Presence),
        Group.NORMALITIES: tuple(Normality),
        Group.VIEWS: ("PA", "AP"),
        Group.MODALITIES: ("CR", "DX"),
    }
)
"""The words of each group; a table has a row for each of them, and no other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table.

    Parameters
    ----------
    code
        Value, scheme and meaning.
    trust
        How well it is known.
    source
        Where it was looked up.
    private
        Its value in our private scheme; empty where the code is written as it is.
    """

    code: Code
    trust: Trust
    source: str
    private: str = ""

    @property
    def written(self) -> Code:
        """The code as results have it: a private one unless the row's was verified."""
        verified = self.trust in {Trust.DICTIONARY, Trust.SITE}
        if verified or self.code.scheme_designator.startswith(_PRIVATE):
            return self.code
        return Code(self.private, PRIVATE_SCHEME, self.code.meaning)


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The table in force.

    Parameters
    ----------
    rows
        By group and word, complete.
    unmapped
        By kind (findings, regions): words of families that map to no row, with the reason.

    Raises
    ------
    ValueError
        If a word has no row, or two words of one group have one code or, but for capitals, one
        meaning: nobody could tell them apart.
    """

    rows: Mapping[Group, Mapping[str, Entry]]
    unmapped: Mapping[str, Mapping[str, str]]

    def __post_init__(self) -> None:
        for group, words in WORDS.items():
            missing = [word for word in words if word not in self.rows[group]]
            if missing:
                message = f"no code of {group.value}: {', '.join(missing)}"
                raise ValueError(message)
            by_code: dict[tuple[str, str], str] = {}
            by_meaning: dict[str, str] = {}
            for word, entry in self.rows[group].items():
                for code in (entry.written, entry.code):
                    same = by_code.setdefault(_key(code), word)
                    if same != word:
                        message = f"{group.value}: {same!r} and {word!r} have the same code"
                        raise ValueError(message)
                same = by_meaning.setdefault(entry.code.meaning.casefold(), word)
                if same != word:
                    message = f"{group.value}: {same!r} and {word!r} have the same meaning"
                    raise ValueError(message)

    def label(self, label: Label) -> Code:
        """Give the code of a label."""
        return self._code(Group.LABELS, label)

    def site(self, site: Site) -> Code:
        """Give the code of a site."""
        return self._code(Group.SITES, site)

    def side(self, side: Side) -> Code:
        """Give the code of a side."""
        return self._code(Group.SIDES, side)

    def presence(self, presence: Presence) -> Code:
        """Give the code of a presence."""
        return self._code(Group.PRESENCES, presence)

    def normality(self, normality: Normality) -> Code:
        """Give the code of what is said of the whole film."""
        return self._code(Group.NORMALITIES, normality)

    def view(self, position: str) -> Code | None:
        """Give the code of a value of View Position, None where there is none."""
        return self._code(Group.VIEWS, position) if position in self.rows[Group.VIEWS] else None

    def modality(self, modality: str) -> Code | None:
        """Give the code of a value of Modality, None where there is none."""
        known = modality in self.rows[Group.MODALITIES]
        return self._code(Group.MODALITIES, modality) if known else None

    @property
    def chest(self) -> Code:
        """The region of every film, and the site of a finding of which only the side is known."""
        return self._code(Group.REGIONS, _CHEST)

    def word_of(self, group: Group, value: str, scheme: str) -> str | None:
        """Give the word that a code stands for, None where it stands for none.

        Parameters
        ----------
        group
            Where to look.
        value, scheme
            The code, as results have it or as the row has it.
        """
        for word, entry in self.rows[group].items():
            if (value, scheme) in {_key(entry.written), _key(entry.code)}:
                return word
        return None

    @property
    def private_schemes(self) -> tuple[str, ...]:
        """The private coding schemes that results may use, ours first."""
        used = {
            entry.written.scheme_designator
            for rows in self.rows.values()
            for entry in rows.values()
            if entry.written.scheme_designator.startswith(_PRIVATE)
        }
        return (PRIVATE_SCHEME, *sorted(used - {PRIVATE_SCHEME}))

    def _code(self, group: Group, word: str) -> Code:
        return self.rows[group][word].written


def _key(code: Code) -> tuple[str, str]:
    return code.value, code.scheme_designator
