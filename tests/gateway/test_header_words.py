"""Free texts as words: accents, case, the many ways to write two letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from gateway.header_words import first_item, words, words_of


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
        ("Chest PA/LAT", {"chest", "pa", "lat"}),
        ("map apparatus", {"map", "apparatus"}),
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
        assert word.isascii()
        assert word.isalnum()
        assert word == word.lower()


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
