"""The table of codes.

Covers: every word of the shared vocabulary has a code; what is said to be in the dictionaries is
there with that meaning; what is not checked is private; no two labels share a code. Concept
names are held against the dictionaries in the same way.
"""

import pytest
from pydicom.sr import _concepts_dict
from pydicom.sr.coding import Code

from core.labels import Label, Side, Site
from core.reading import Presence
from dicom_sr import codes, concepts
from dicom_sr.codes import Entry, Trust

_TABLE: dict[str, Entry] = (
    {
        str(key): entry
        for table in (codes.LABELS, codes.SITES, codes.SIDES, codes.PRESENCES)
        for key, entry in table.items()
    }
    | {"PA": codes.VIEWS["PA"], "AP": codes.VIEWS["AP"]}
    | {
        entry.code.meaning: entry
        for entry in (
            *(codes.CHEST, codes.NORMAL, codes.ABNORMAL, codes.NORMALITY_UNDETERMINED),
            *codes.MODALITIES.values(),
        )
    }
)
_NAMES = {name: value for name, value in vars(concepts).items() if isinstance(value, Code)}
_NOT_IN_THE_DICTIONARY = {"ENGLISH", "QUALITATIVE_EVALUATIONS", "PIXELS", "MILLIMETER", "SOURCE"}


def meanings(code: Code) -> set[str]:
    """Give what pydicom's dictionaries call a code."""
    scheme: dict[str, dict[str, tuple[str, list[int]]]]
    scheme = _concepts_dict.concepts[code.scheme_designator]  # type: ignore[assignment]
    return {words[code.value][0].casefold() for words in scheme.values() if code.value in words}


def test_every_word_has_a_code() -> None:
    assert set(codes.LABELS) == set(Label)
    assert set(codes.SITES) == set(Site)
    assert set(codes.SIDES) == set(Side)
    assert set(codes.PRESENCES) == set(Presence)


@pytest.mark.parametrize("entry", _TABLE.values(), ids=_TABLE)
def test_each_code_is_as_well_known_as_it_says(entry: Entry) -> None:
    if entry.trust is Trust.PRIVATE:
        assert entry.code.scheme_designator == codes.PRIVATE_SCHEME
        assert codes.PRIVATE_SCHEME.startswith("99")
    elif entry.trust is Trust.DICTIONARY:
        assert entry.code.meaning.casefold() in meanings(entry.code)
    else:
        assert entry.code.scheme_designator == "SCT"
        assert not meanings(entry.code)
    assert len(entry.code.value) <= 16
    assert len(entry.code.meaning) <= 64


def test_no_two_labels_share_a_code() -> None:
    assert len({entry.code[:2] for entry in codes.LABELS.values()}) == len(Label)


@pytest.mark.parametrize("name", sorted(set(_NAMES) - _NOT_IN_THE_DICTIONARY))
def test_concept_names_are_spelt_as_the_standard_does(name: str) -> None:
    assert _NAMES[name].meaning.casefold() in meanings(_NAMES[name])
