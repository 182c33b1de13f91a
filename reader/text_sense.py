"""Tells words from noise: an answer that is empty, runs in circles or is no English fails.

Such an answer must fail its film. Taken for an answer that names nothing, it would pass for a
normal film.
"""

import re
from collections import Counter
from typing import Final

from core.errors import UnparseableAnswerError
from reader.report_text import sentences

_WORD: Final = re.compile(r"[^\W\d_]+")
_TOKEN: Final = re.compile(r"[\w.]+")
_PLAIN_WORD: Final = re.compile(r"\w+")
_LONGEST_WORD: Final = 45
"""The longest word of a report is far shorter; a longer one is one syllable over and over."""
_LONGEST_PERIOD: Final = 30
_REPEATS: Final = 4
"""The same words this often in a row, or the same sentence this often at all, are a circle."""
_LEAST_ENGLISH: Final = 0.3
_FEW_WORDS: Final = 3
_SHOWN: Final = 80
# Words that English reports are full of and that other languages' reports do not have: Latin
# names of findings, "no" and "normal" say nothing of the language.
_ENGLISH_WORDS: Final = """
the is are was were be been there this that these those which it its of on at to by for from with
without within and or not has have had can cannot may could please as seen noted shown appears
appear seems evidence identified located visible size sized limits clear left right both side
sided lung lungs heart chest image view upper lower mid middle lobe zone zones bases small large
mild mildly moderate severe enlarged widened unchanged stable increased blunting sharp intact bony
ray findings finding impression acute shows show suggests suggesting likely possible place tube
line tip rib ribs fracture unremarkable bilateral contours lesion lesions abnormality
abnormalities observed detected
process cardiopulmonary
"""
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())


def check_sense(text: str, what: str) -> None:
    """Refuse a report or a list that cannot be one.

    Parameters
    ----------
    text
        The model's words.
    what
        What was asked for, for the error's text.

    Raises
    ------
    UnparseableAnswerError
        If the answer has no words, repeats itself as a stuck model does, or is written in a
        language or a code that this reader does not know.
    """
    check_not_stuck(text, what)
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        raise _refused(what, "has no words", text)
    english = sum(word in _ENGLISH for word in words)
    if len(words) > _FEW_WORDS and english < _LEAST_ENGLISH * len(words):
        raise _refused(what, "is in no language that is known here", text)


def check_not_stuck(text: str, what: str) -> None:
    """Refuse an empty or circling answer, whatever its language.

    Raises
    ------
    UnparseableAnswerError
        If it is one.
    """
    tokens = _TOKEN.findall(text.lower())
    if not tokens:
        raise _refused(what, "is empty", text)
    if any(len(token) > _LONGEST_WORD for token in tokens) or _circles(tokens):
        raise _refused(what, "runs in circles", text)
    told = Counter(sentence.lower() for sentence in sentences(text))
    sentence, count = told.most_common(1)[0]
    if count >= _REPEATS and len(sentence.split()) > _FEW_WORDS:
        raise _refused(what, "runs in circles", text)


def repeats(text: str) -> bool:
    """Tell whether some words come three times in a row: a loop short of what fails a film."""
    return _circles(_PLAIN_WORD.findall(text.lower()), _REPEATS - 1)


def _circles(tokens: list[str], times: int = _REPEATS) -> bool:
    """Tell whether some words follow each other again and again."""
    for period in range(1, min(_LONGEST_PERIOD, len(tokens) // times) + 1):
        run = 0
        for place in range(period, len(tokens)):
            run = run + 1 if tokens[place] == tokens[place - period] else 0
            if run >= period * (times - 1):
                return True
    return False


def _refused(what: str, why: str, text: str) -> UnparseableAnswerError:
    return UnparseableAnswerError(f"the {what} {why}: {' '.join(text.split())[:_SHOWN]!r}")
