"""Letters on pictures: each is drawn by a font that has it, or as [?]; never as an empty box.

Covers: the built-in font's letters, a site's font without Latin ones, letters that no font has,
files that are no fonts. What the letters look like is judged by eye.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from core.lettering import MISSING
from imaging.lettering import Lettering, check_font

KHMER = Path(str(files("reportlab").joinpath("fonts/hb-test.ttf")))
"""A font with a few letters of Khmer and none of Latin."""
WESTERN = "ÄÖÜäöüßéèêëàâçîïôùûñ¿¡ÅåØøÆæŒœŠšŽžŁł"
NOTICE = "AI draft, research use"


def drawn(words: str, font: Path | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = Image.new("RGB", (400, 40))
    Lettering(font, 20).write(image, (2, 20), words, (255, 255, 255))
    return np.asarray(image)


@pytest.mark.parametrize("letter", WESTERN)
def test_letters_of_western_europe_are_drawn(letter: str) -> None:
    assert drawn(letter).any()
    assert (drawn(letter) != drawn(MISSING)).any()
    assert (drawn(letter) != drawn("\ufffd")).any()


@pytest.mark.parametrize("words", [NOTICE, "KI-Entwurf, ungeprüft", "fracture 88 %"])
def test_a_sites_font_without_latin_letters_changes_no_word(words: str) -> None:
    assert (drawn(words, KHMER) == drawn(words)).all()
    assert Lettering(KHMER, 20).width(words) == Lettering(None, 20).width(words)


def test_a_sites_font_writes_what_the_built_in_one_lacks(tmp_path: Path) -> None:
    path = tmp_path / "pillow.ttf"
    path.write_bytes(pillows())
    assert (drawn("1\u20442") == drawn(f"1{MISSING}2")).all()
    assert (drawn("1\u20442", path) != drawn(f"1{MISSING}2")).any()
    assert (drawn(NOTICE, path) == drawn(NOTICE)).all()


@pytest.mark.parametrize("letter", ["山", "Д", "ő", "\x1b", "ד", "\U0010ffff"])
def test_a_letter_that_no_font_has_is_shown_as_missing(letter: str) -> None:
    assert (drawn(f"a{letter}b") == drawn(f"a{MISSING}b")).all()


def test_words_are_as_wide_as_they_are_drawn() -> None:
    found = np.flatnonzero(drawn(NOTICE).max(axis=(0, 2)))
    width = Lettering(None, 20).width(NOTICE)
    assert abs(found.max() - 2 - width) < 4
    assert found.min() >= 2


@pytest.mark.parametrize("content", [b"", b"no font", KHMER.read_bytes()[:500]])
def test_what_is_no_font_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "site.ttf"
    path.write_bytes(content)
    with pytest.raises(OSError, match="no TrueType font"):
        check_font(path)


def test_a_font_that_can_be_drawn_is_accepted() -> None:
    check_font(KHMER)


def pillows() -> bytes:
    """Give Pillow's own font, which has one letter that the built-in one has not."""
    content: bytes = ImageFont.load_default(10).path.getvalue()  # type: ignore[union-attr]
    return content
