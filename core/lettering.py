"""Which font writes which letter of a text, and what stands for those that none can write.

Pages and pictures share the rule: the built-in font first, then the site's. A letter that neither
has, or that would have to be joined or written from right to left, which is not done here, is
shown as missing: an empty box tells nothing, and a name in the wrong letters or in the wrong
order is somebody else's.
"""

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

MISSING: Final = "[?]"
_MARKED: Final = re.compile("[A-Za-z][\u0300-\u036f]+")
"""A Latin letter with marks of its own, which the standard form puts into one letter."""
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_JOINED: Final = ((0x0700, 0x0E00), (0x0F00, 0x10A0), (0x1780, 0x18B0), (0x1A20, 0x1B80))
"""Scripts whose letters change with their neighbours: Syriac to Sinhala, Tibetan, Burmese, Khmer,
Mongolian, Tai Tham, Balinese."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text as fonts can write it.

    Parameters
    ----------
    runs
        Number of the font and what it writes, in the text's order.
    missing
        Whether a letter of the text is shown as missing.
    """

    runs: tuple[tuple[int, str], ...]
    missing: bool


def written(text: str, fonts: Sequence[Container[int]]) -> Written:
    """Divide a text into runs of one font.

    Parameters
    ----------
    text
        One line.
    fonts
        Of each font, the first preferred, the code points that it has. The first has the letters
        of `MISSING`.
    """
    runs: list[tuple[int, str]] = []
    missing = False
    for letter in _MARKED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text):
        known = () if _needs_shaping(letter) else fonts
        font = next((number for number, has in enumerate(known) if ord(letter) in has), None)
        missing = missing or font is None
        number, shown = (0, MISSING) if font is None else (font, letter)
        if runs and runs[-1][0] == number:
            runs[-1] = number, runs[-1][1] + shown
        else:
            runs.append((number, shown))
    return Written(tuple(runs), missing)


def _needs_shaping(letter: str) -> bool:
    return (
        unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT
        or unicodedata.category(letter) in {"Mn", "Mc", "Me"}
        or any(first <= ord(letter) < end for first, end in _JOINED)
    )
