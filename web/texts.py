"""The words of the pages, from one catalogue (gettext); English is the language of the source."""

import gettext
from pathlib import Path
from typing import Final

LOCALES: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "firstread"


def texts(language: str) -> gettext.NullTranslations:
    """Give the words of a language (RFC 5646); the source's own where there are none of it."""
    return gettext.translation(
        DOMAIN, LOCALES, languages=[language.replace("-", "_")], fallback=True
    )


def mark(words: str) -> str:
    """Give words as they are; they stand in the catalogue, and a template translates them."""
    return words
