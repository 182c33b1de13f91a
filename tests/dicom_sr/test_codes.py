"""The built-in table of codes, and the names of the templates.

Covers: every word of the shared vocabulary has a code that is as well known as it says; what is not
verified is private; every label and name of every model family maps, or the table says that it does
not. Concept names are held against the dictionaries in the same way. Not covered: what SNOMED CT
itself says, which no test can ask.
"""

import pytest
from pydicom.sr import _concepts_dict
from pydicom.sr.coding import Code

from core.labels import Label, Side, Site
from core.reading import Presence
from dicom_sr import concepts
from dicom_sr.code_table import PRIVATE_SCHEME, WORDS, Entry, Group, Normality, Trust
from dicom_sr.codes_toml import built_in_codes
from reader.families.family import Family
from reader.label_names import label_called
from reader.registry import FAMILIES

_TABLE = {
    f"{group.value} {word}": entry
    for group, rows in built_in_codes().rows.items()
    for word, entry in rows.items()
}
_NAMES = {name: value for name, value in vars(concepts).items() if isinstance(value, Code)}
_NOT_IN_THE_DICTIONARY = {"ENGLISH", "QUALITATIVE_EVALUATIONS", "PIXELS", "MILLIMETER", "SOURCE"}
_VINDR = (
    *("pleural thickening", "aortic enlargement", "pulmonary fibrosis", "cardiomegaly"),
    *("nodule/mass", "lung opacity", "other lesion", "pleural effusion", "ILD", "infiltration"),
    *("calcification", "consolidation", "atelectasis", "rib fracture", "mediastinal shift"),
    *("enlarged PA", "pneumothorax", "emphysema", "lung cavity", "lung cyst"),
    *("clavicle fracture", "edema", "no finding"),
)
"""The names that RadVLM was taught to ground, beside its labels."""
_REGIONS = (
    *("lung", "upper lung zone", "mid lung zone", "lower lung zone", "apical zone"),
    *("hilar structures", "costophrenic angle", "hemidiaphragm", "clavicle", "spine", "carina"),
    *("cardiac silhouette", "mediastinum", "upper mediastinum", "aortic arch", "trachea", "svc"),
    *("right atrium", "cavoatrial junction", "abdomen"),
)
"""The regions of Chest ImaGenome that it was taught, without their sides."""


def meanings(code: Code) -> set[str]:
    """Give what pydicom's dictionaries call a code."""
    scheme: dict[str, dict[str, tuple[str, list[int]]]]
    scheme = _concepts_dict.concepts[code.scheme_designator]  # type: ignore[assignment]
    return {words[code.value][0].casefold() for words in scheme.values() if code.value in words}


def test_every_word_has_a_code() -> None:
    rows = built_in_codes().rows
    for group, words in (
        (Group.LABELS, Label),
        (Group.SITES, Site),
        (Group.SIDES, Side),
        (Group.PRESENCES, Presence),
        (Group.NORMALITIES, Normality),
    ):
        assert set(rows[group]) == {word.value for word in words}


@pytest.mark.parametrize("entry", _TABLE.values(), ids=_TABLE)
def test_each_code_is_as_well_known_as_it_says(entry: Entry) -> None:
    assert entry.source
    if entry.trust is Trust.DICTIONARY:
        assert entry.code.meaning.casefold() in meanings(entry.code)
        assert entry.written == entry.code
        return
    assert entry.trust in {Trust.SEEN, Trust.NONE}
    if entry.trust is Trust.SEEN:
        assert not meanings(entry.code)
    assert entry.written.scheme_designator == PRIVATE_SCHEME
    assert entry.written.meaning == entry.code.meaning
    assert entry.written.value


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.key)
def test_every_label_of_every_family_has_a_code(family: Family) -> None:
    for label in family.labels:
        assert built_in_codes().label(label).value


@pytest.mark.parametrize("name", _VINDR)
def test_every_name_that_a_family_was_taught_maps_or_is_said_not_to(name: str) -> None:
    unmapped = built_in_codes().unmapped["findings"]
    assert (label_called(name) is None) == (name.lower() in unmapped)


@pytest.mark.parametrize("region", _REGIONS)
def test_every_region_that_a_family_was_taught_maps_or_is_said_not_to(region: str) -> None:
    table = built_in_codes()
    assert (region in table.rows[Group.SITES]) != (region in table.unmapped["regions"])


@pytest.mark.parametrize(
    ("group", "word"), [(group, word) for group, words in WORDS.items() for word in words]
)
def test_a_code_is_read_back_in_both_of_its_forms(group: Group, word: str) -> None:
    table = built_in_codes()
    entry = table.rows[group][word]
    for code in (entry.code, entry.written):
        assert table.word_of(group, code.value, code.scheme_designator) == word
    assert table.word_of(group, "1", "SCT") is None


@pytest.mark.parametrize("name", sorted(set(_NAMES) - _NOT_IN_THE_DICTIONARY))
def test_concept_names_are_spelt_as_the_standard_does(name: str) -> None:
    code = _NAMES[name]
    assert len(code.value) <= 16
    assert len(code.meaning) <= 64
    if code.scheme_designator == PRIVATE_SCHEME:
        assert code.value.replace("-", "").isupper()
    else:
        assert code.meaning.casefold() in meanings(code)
