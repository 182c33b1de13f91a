"""Texts for DICOM values.

Covers: lengths, control characters, direction overrides, line ends, backslashes, and that names
keep their letters; arbitrary text (hypothesis).
"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_sr.text import cut, identity_value, one_line, paragraphs, person_name, string_value

_ANY = st.text() | st.text(alphabet=st.characters(min_codepoint=0, max_codepoint=0xFFFF))


def harmful(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} | (
        set(text) & set("\u202a\u202e\u2066\u200b\ufeff")
    )


@given(_ANY)
def test_paragraphs(text: str) -> None:
    cleaned = paragraphs(text)
    assert harmful(cleaned) <= {"\r", "\n"}
    assert all(line == line.strip() for line in cleaned.split("\r\n"))
    assert "\n" not in cleaned.replace("\r\n", "")
    assert paragraphs(cleaned) == cleaned


@given(_ANY, st.sampled_from([16, 64, 1024]))
def test_string_value(text: str, limit: int) -> None:
    value = string_value(text, limit)
    assert len(value.encode()) <= limit
    assert "\\" not in value
    assert not harmful(value)


@given(_ANY)
def test_person_name(text: str) -> None:
    groups = person_name(text).split("=")
    assert len(groups) <= 3
    assert all(len(group) <= 64 and group.count("^") <= 4 for group in groups)
    assert "\\" not in person_name(text)
    assert not harmful(person_name(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a\r\nb"),
        ("a\r\nb\rc\u2028d", "a\r\nb\r\nc\r\nd"),
        ("a\n\n\n\n\nb", "a\r\n\r\nb"),
        ("  a \t b  ", "a b"),
        ("\x00\x07a\x1b[2J", "a[2J"),
        ("a\u202eb", "ab"),
        ("<b>a</b>", "<b>a</b>"),
    ],
)
def test_what_becomes_of_lines_and_controls(text: str, expected: str) -> None:
    assert paragraphs(text) == expected


def test_markup_is_no_business_of_one_line() -> None:
    assert one_line("<script>\nx</script>") == "<script> x</script>"


def test_what_is_cut_says_so() -> None:
    assert cut("abcdefgh", 8) == "abcdefgh"
    assert cut("abcdefghi", 8) == "abcde..."
    assert cut("ééééé", 8) == "éé..."


def test_an_identity_is_never_cut() -> None:
    assert identity_value(" " + "7" * 100 + "\x00 ") == "7" * 100
    assert identity_value("A\u0301-Å") == "A\u0301-Å"


@pytest.mark.parametrize("text", ["12\r34", "77\t88", "P\nPID|9", "1\x002", "a\x85b"])
def test_an_identity_that_cannot_be_written_is_none_instead_of_another(text: str) -> None:
    assert identity_value(text) == ""


def test_joiners_that_names_need_stay() -> None:
    name = "نی\u200cم^یو"
    assert person_name(name) == name
