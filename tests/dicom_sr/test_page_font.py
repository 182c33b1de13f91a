"""Letters of a page: which are drawn, which are shown as missing, and how lines are divided.

Not covered: what the letters look like.
"""

import importlib.resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from core.lettering import MISSING
from dicom_sr.page_font import PageFont, check_font

KHMER = importlib.resources.files("reportlab").joinpath("fonts/hb-test.ttf").read_bytes()
"""A font with a few letters of Khmer."""
PILLOWS = ImageFont.load_default(10).path.getvalue()  # type: ignore[union-attr]
"""Pillow's own font, which has one letter that the page's has not."""


def shown(text: str, font: bytes | None = None) -> str:
    return "".join(run for _, run in PageFont(font).runs(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller, Jürgen", "Müller, Jürgen"),
        ("Łukasz Žižek", "Łukasz Žižek"),
        ("Jose\u0301", "José"),
        ("Gałęzowski", f"Gał{MISSING}zowski"),
        ("山田", MISSING * 2),
        ("Доу", MISSING * 3),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_a_letter_that_is_not_there_is_shown_as_missing(text: str, expected: str) -> None:
    assert shown(text) == expected
    font = PageFont()
    font.runs(text)
    assert font.missing == (MISSING in expected)


@pytest.mark.parametrize("text", ["شعاع", "דוד", "नमस्ते", "a\u0327\u0301b\u20dd"])
def test_letters_that_would_be_out_of_order_are_never_drawn(text: str) -> None:
    assert MISSING in shown(text)


def test_the_sites_font_is_taken_for_what_the_other_lacks() -> None:
    assert shown("1\u20442") == f"1{MISSING}2"
    font = PageFont(PILLOWS)
    names = [name for name, _ in font.runs("1\u20442")]
    assert names[0] == names[2]
    assert names[1].startswith("FirstReadSite")
    assert not font.missing


def test_a_font_does_not_make_joined_letters_right() -> None:
    """The font has the letter, and the page could not write its word."""
    assert shown("ន", KHMER) == MISSING


@pytest.mark.parametrize("content", [b"", b"no font", KHMER[: len(KHMER) // 4]])
def test_what_is_no_font_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no TrueType font"):
        check_font(content)


@given(st.text(st.characters(codec="latin-1", categories=["L", "N", "Zs"]), max_size=200))
@settings(deadline=None, max_examples=30)
def test_lines_fit_and_lose_nothing(text: str) -> None:
    font = PageFont()
    lines = font.wrap(text, 90.0, 9.0)
    assert all(font.width(line, 9.0) <= 90.0 + 1e-6 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_script_without_spaces_is_divided() -> None:
    lines = PageFont().wrap("山" * 100, 60.0, 9.0)
    assert len(lines) > 10
    assert "".join(lines) == "山" * 100


def test_an_empty_text_is_an_empty_line() -> None:
    assert PageFont().wrap("", 60.0, 9.0) == [""]
