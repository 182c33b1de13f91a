"""Which font writes which letter of a text, and what stands for those that none writes.

Not covered: fonts themselves; tests/dicom_sr/test_page_font.py and tests/imaging/test_lettering.py
have them.
"""

import pytest

from core.lettering import MISSING, written

LATIN = frozenset(range(0x20, 0x100))
GREEK = frozenset(range(0x370, 0x400))
HEBREW = frozenset(range(0x590, 0x600))


@pytest.mark.parametrize(
    ("text", "fonts", "expected"),
    [
        ("Entwurf für Ärzte", [LATIN], [(0, "Entwurf für Ärzte")]),
        ("AI Σχέδιο 1", [LATIN, GREEK], [(0, "AI "), (1, "Σχέδιο"), (0, " 1")]),
        ("AI Σ", [LATIN], [(0, f"AI {MISSING}")]),
        ("e\u0301", [LATIN], [(0, "é")]),
        ("a\u20dd", [LATIN, frozenset({0x20DD})], [(0, f"a{MISSING}")]),
        ("ד", [LATIN, HEBREW], [(0, MISSING)]),
        ("a\u200b\x1b", [LATIN], [(0, f"a{MISSING}{MISSING}")]),
        ("", [LATIN], []),
    ],
)
def test_each_letter_has_its_font_or_is_shown_as_missing(
    text: str, fonts: list[frozenset[int]], expected: list[tuple[int, str]]
) -> None:
    found = written(text, fonts)
    assert list(found.runs) == expected
    assert found.missing == (MISSING in "".join(run for _, run in expected))
