# ruff: noqa: RUF001 - other scripts have letters that look like Latin ones
"""Free texts as words: accents, case, the many ways to write two letters."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from gateway.header_words import film_words, first_item, study_words, wanted, words, words_of
from gateway.vocabulary import (
    ANIMALS,
    AP,
    CHEST,
    DECUBITUS,
    FRONTAL,
    LATERAL,
    LORDOTIC,
    OBLIQUE,
    OTHER_PARTS,
    OTHER_VIEWS,
    PA,
    PORTABLE,
    VETERINARY,
)


@pytest.mark.parametrize("written", ["ap", "AP", "a.p.", "A.P", "a-p", "a/p", "A. P.", "a p"])
def test_initials_of_a_view(written: str) -> None:
    assert words(f"Thorax {written} liegend") == {"thorax", "ap", "liegend"}


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("Schädel/Wirbelsäule", {"schadel", "wirbelsaule"}),
        ("TÓRAX_PA", {"torax", "pa"}),
        ("[LOWER LEG         ]", {"lower", "leg"}),
        ("postero-anterior", {"posteroanterior"}),
        ("POSTERO_ANTERIOR", {"posteroanterior"}),
        ("L-L", {"ll"}),
        ("胸R→L", {"胸", "rl"}),
        ("L/R", {"l", "r"}),
        ("LtLat", {"ltlat", "lt", "lat"}),
        ("LATCHEST", {"latchest", "lat", "chest"}),
        ("RTLAT", {"rtlat", "lat"}),
        ("CHESTABD flat", {"chestabd", "abd", "flat"}),
        ("pneumothorax", {"pneumothorax", "pneumo"}),
        ("THORAXSEITLICH", {"thoraxseitlich", "seitlich"}),
        ("head of the bed", {"hob"}),
        ("Chest PA/LAT", {"chest", "pa", "lat"}),
        ("map apparatus", {"map", "apparatus"}),
        ("CHEST1V", {"chest", "1", "v"}),
        ("P->A", {"pa"}),
        ("ＣＨＥＳＴ　ＰＡ", {"chest", "pa"}),
        ("på sal", {"paa", "sal"}),
        ("p\u0061\u030a", {"paa"}),
        ("t\u00c3\u00b3rax", {"ta", "3", "rax", "torax"}),
        ("płuca KARIN kar\u0131n", {"pluca", "karin"}),
        ("лёгких", {"легких"}),
        ("胸部正面", {"胸部", "部正", "正面", "胸部正", "部正面", "胸部正面"}),
        ("胸PA", {"胸", "pa"}),
        ("", set()),
    ],
)
def test_phrases(phrase: str, expected: set[str]) -> None:
    assert words(phrase) == expected


def test_long_texts_are_cut() -> None:
    assert words("x " * 128 + "chest") == {"x"}


@given(st.text())
def test_any_text_gives_plain_words(phrase: str) -> None:
    for word in words(phrase):
        assert word == word.casefold()
        assert not any(letter.isspace() or letter in "_-./," for letter in word)


def test_words_of_several_attributes() -> None:
    header = Dataset()
    header.SeriesDescription = "Thorax ap"
    header.ProtocolName = None
    assert words_of(header, ("SeriesDescription", "ProtocolName", "ViewName")) == {"thorax", "ap"}


def test_first_item() -> None:
    header = Dataset()
    assert first_item(header, "ViewCodeSequence") is None
    header.ViewCodeSequence = []
    assert first_item(header, "ViewCodeSequence") is None
    item = Dataset()
    header.ViewCodeSequence = [item, Dataset()]
    assert first_item(header, "ViewCodeSequence") == item
    header.SeriesDescription = "no sequence"
    assert first_item(header, "SeriesDescription") is None


@pytest.mark.parametrize("vocabulary", [CHEST, OTHER_PARTS, PA, LATERAL, PORTABLE, ANIMALS])
def test_every_word_of_the_vocabulary_is_found_as_people_write_it(
    vocabulary: frozenset[str],
) -> None:
    for word in vocabulary:
        assert word in words(word)
        assert word in words(f"Rx {word.upper()} 1")


@pytest.mark.parametrize("phrase", ["Follow up", "胸部", "仰臥位正面ポータブル撮影", "THX-1"])
def test_a_phrase_is_wanted_as_a_text_gives_it(phrase: str) -> None:
    assert wanted(phrase) <= words(f"a {phrase} b")
    assert not wanted(phrase) <= words("follow the 肺野")


@given(st.sampled_from(["SQ", "UI", "DS", "AT", "OW", "UN"]), st.binary(max_size=40))
def test_raw_values_of_any_bytes_say_nothing_or_something(vr: str, value: bytes) -> None:
    header = Dataset()
    for keyword in ("ViewCodeSequence", "ProcedureCodeSequence", "SeriesDescription"):
        tag = Tag(keyword)
        header[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)  # noqa: FBT003 - pydicom's own
    item = first_item(header, "ViewCodeSequence")
    assert item is None or isinstance(item, Dataset)
    assert all(word == word.casefold() for word in film_words(header) | study_words(header))


def test_no_word_means_two_things() -> None:
    assert not CHEST & OTHER_PARTS
    views = (PA, AP, FRONTAL, LATERAL, OBLIQUE, DECUBITUS, LORDOTIC, OTHER_VIEWS)
    both = {word for one, other in combinations(views, 2) for word in one & other}
    # Chinese and Japanese for "frontal and lateral".
    assert both == {"正侧", "正側"}
    assert not (CHEST | OTHER_PARTS) & (ANIMALS | VETERINARY)


@given(st.text(min_size=1, max_size=20))
def test_a_phrase_wants_something_so_that_not_every_text_has_it(phrase: str) -> None:
    assert wanted(phrase)
    if not set(phrase) & set("zqxv"):
        assert not wanted(phrase) <= words("zqxv")
