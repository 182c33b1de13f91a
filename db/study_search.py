"""Finds a study by the beginning of a part of its patient's name, of the ID or of the number.

The words are kept in a column of the study, each behind a line break, in lower case by Unicode's
rules: databases differ in what they take for a letter.
"""

import re
from typing import Final

from sqlalchemy import ColumnElement

from db.models import Study

_BETWEEN: Final = re.compile(r"[\s^=,]+")
_MOST_WORDS: Final = 5


def search_words(*, name: str, patient_id: str, accession: str) -> str:
    """Give what a study is found by.

    Parameters
    ----------
    name, patient_id, accession
        As DICOM writes them.
    """
    words = [*_BETWEEN.split(name), *_BETWEEN.split(patient_id), *_BETWEEN.split(accession)]
    return "".join(f"\n{word.casefold()}" for word in dict.fromkeys(words) if word)


def note_search_words(study: Study) -> None:
    """Let a study be found by what is known of it now."""
    study.search_words = search_words(
        name=study.patient_name, patient_id=study.patient_id, accession=study.accession
    )


def found_by(text: str) -> list[ColumnElement[bool]]:
    """Give what holds for the studies that a person searches for: each word begins one of theirs.

    Only the first words count.
    """
    words = [word.casefold() for word in _BETWEEN.split(text) if word][:_MOST_WORDS]
    return [Study.search_words.contains(f"\n{word}", autoescape=True) for word in words]
