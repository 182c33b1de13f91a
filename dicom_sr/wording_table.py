"""What FirstRead itself says in results, in the institution's language.

The words stand in `wording/en.toml`, or in a site's file of the same form; what a model or a
person says is never translated.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from pydicom.sr.coding import Code

from dicom_sr.text import LONG_STRING

NOTICE_LIMIT: Final = 52
"""Bytes of a notice: a Series Description holds it with the one on the demonstration model."""
SHORT_NOTICE_LIMIT: Final = 34
"""Bytes of a short one: beside it there is room for what the series holds."""
_DEMO_LIMIT: Final = 10
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BRACES: Final = re.compile(r"\{[^{}]*\}")


class Heading(StrEnum):
    """Headings of the report."""

    TITLE = "title"
    NOTICE = "notice"
    HISTORY = "history"
    TECHNIQUE = "technique"
    COMPARISON = "comparison"
    FINDINGS = "findings"
    IMPRESSIONS = "impressions"
    STATEMENTS = "statements"
    SENTENCES = "sentences"
    QUALITY = "quality"


class Notice(StrEnum):
    """What a result is, in few words."""

    DRAFT = "draft"
    ACCEPTED = "accepted"
    EDITED = "edited"
    DRAFT_AUTHORISED = "draft_authorised"
    ACCEPTED_AUTHORISED = "accepted_authorised"
    EDITED_AUTHORISED = "edited_authorised"
    ACCEPTED_FINAL = "accepted_final"
    EDITED_FINAL = "edited_final"
    DEMO = "demo"


class Phrase(StrEnum):
    """Sentences, some with places for what is told."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    ACCEPTED_EDIT = "accepted_edit"
    NOT_FINAL = "not_final"
    FINAL = "final"
    RESEARCH = "research"
    UNREVIEWED = "unreviewed"
    PLACE = "place"
    PLACE_REVIEWED = "place_reviewed"
    NUMBER = "number"
    PREFERRED = "preferred"
    NOT_REPEATED = "not_repeated"
    REMARKS = "remarks"
    FROM_LABEL = "from_label"


class Word(StrEnum):
    """Words of pages, pictures, presentation states and key images."""

    PATIENT = "patient"
    PATIENT_ID = "patient_id"
    BORN = "born"
    SEX = "sex"
    STUDY = "study"
    ACCESSION = "accession"
    FILM = "film"
    REFERRED_BY = "referred_by"
    NOT_STATED = "not_stated"
    LONGER = "longer"
    NOTHING = "nothing"
    WHOLE_FILM = "whole_film"
    PRESENT = "present"
    UNCERTAIN = "uncertain"
    ABSENT = "absent"
    PROBABILITY = "probability"
    PLACE_NOT_GIVEN = "place_not_given"
    WHOSE_MARKS = "whose_marks"
    GOES_ON_CODED = "goes_on_coded"
    GOES_ON_REPORT = "goes_on_report"
    GOES_ON_HEADER = "goes_on_header"
    MISSING_LETTERS = "missing_letters"
    NOTHING_MARKED = "nothing_marked"
    PLACELESS = "placeless"
    MORE = "more"
    LEGEND_PRESENT = "legend_present"
    LEGEND_SENTENCE = "legend_sentence"
    LEGEND_SCORES = "legend_scores"
    LAYER_PRESENT = "layer_present"
    LAYER_UNCERTAIN = "layer_uncertain"
    LAYER_SENTENCES = "layer_sentences"
    FLAGGED = "flagged"


_LAYERS: Final = (Word.LAYER_PRESENT, Word.LAYER_UNCERTAIN, Word.LAYER_SENTENCES)
_PLACES: Final[Mapping[StrEnum, frozenset[str]]] = {
    Phrase.ACCEPTED: frozenset({"person", "time"}),
    Phrase.EDITED: frozenset({"person", "time"}),
    Phrase.ACCEPTED_EDIT: frozenset({"person", "time"}),
    Phrase.PLACE: frozenset({"of", "film"}),
    Phrase.PLACE_REVIEWED: frozenset({"of", "film"}),
    Phrase.NUMBER: frozenset({"number"}),
    Word.MISSING_LETTERS: frozenset({"sign"}),
    Word.MORE: frozenset({"count"}),
}
_SECTIONS: Final[Mapping[str, type[StrEnum]]] = {
    "headings": Heading,
    "notices": Notice,
    "short_notices": Notice,
    "sentences": Phrase,
    "words": Word,
}


@dataclass(frozen=True, slots=True)
class Wording:
    """Headings, notices, sentences and words in one language.

    Parameters
    ----------
    language
        Its RFC 5646 tag as a code, with its name.
    headings, notices, short_notices, phrases, words
        Complete.
    """

    language: Code
    headings: Mapping[Heading, str]
    notices: Mapping[Notice, str]
    short_notices: Mapping[Notice, str]
    phrases: Mapping[Phrase, str]
    words: Mapping[Word, str]

    def heading(self, heading: Heading, code: Code) -> Code:
        """Give a heading's code with its meaning in this language (PS3.3 section 8.3)."""
        return Code(code.value, code.scheme_designator, self.headings[heading])

    def phrase(self, phrase: Phrase, **told: str) -> str:
        """Give a sentence with what is told in its places; nothing else in braces is looked at."""
        return _told(self.phrases[phrase], told)

    def word(self, word: Word, **told: str) -> str:
        """Give a word as `phrase` gives a sentence."""
        return _told(self.words[word], told)


@cache
def built_in_wording() -> Wording:
    """Give the English words that come with FirstRead."""
    text = files("dicom_sr").joinpath("wording/en.toml").read_text(encoding="utf-8")
    return parse_wording(tomllib.loads(text))


def parse_wording(values: Mapping[str, Any]) -> Wording:
    """Make a catalogue of what a file holds; `wording/en.toml` tells the form.

    Raises
    ------
    ValueError
        If an entry is unknown, missing, empty, too long or without its places.
    """
    _refuse_unknown("", values, {"language", *_SECTIONS})
    language = _texts("language", values.get("language"), {"tag", "name"})
    if _TAG.fullmatch(language["tag"]) is None:
        message = f"language.tag: no RFC 5646 tag: {language['tag']!r}"
        raise ValueError(message)
    _check("language.name", language["name"], LONG_STRING)
    found = {
        section: _texts(section, values.get(section), {word.value for word in words})
        for section, words in _SECTIONS.items()
    }
    for word, text in found["headings"].items():
        _check(f"headings.{word}", text, LONG_STRING)
    for section, limit in (("notices", NOTICE_LIMIT), ("short_notices", SHORT_NOTICE_LIMIT)):
        for word, text in found[section].items():
            _check(f"{section}.{word}", text, _DEMO_LIMIT if word == Notice.DEMO else limit)
    for layer in _LAYERS:
        _check(f"words.{layer.value}", found["words"][layer], LONG_STRING)
    for section in ("sentences", "words"):
        for word in _SECTIONS[section]:
            _check_places(f"{section}.{word.value}", found[section][word], _PLACES.get(word))
    return Wording(
        Code(language["tag"], "RFC5646", language["name"]),
        MappingProxyType({Heading(word): text for word, text in found["headings"].items()}),
        MappingProxyType({Notice(word): text for word, text in found["notices"].items()}),
        MappingProxyType({Notice(word): text for word, text in found["short_notices"].items()}),
        MappingProxyType({Phrase(word): text for word, text in found["sentences"].items()}),
        MappingProxyType({Word(word): text for word, text in found["words"].items()}),
    )


def _told(words: str, told: Mapping[str, str]) -> str:
    return _BRACES.sub(lambda found: told.get(found.group()[1:-1], found.group()), words)


def _texts(section: str, values: Any, words: set[str]) -> dict[str, str]:
    if not isinstance(values, Mapping):
        message = f"{section} is missing"
        raise ValueError(message)  # noqa: TRY004 - all that is wrong with a file is one error
    _refuse_unknown(f"{section}.", values, words)
    for word in sorted(words):
        text = values.get(word)
        if not isinstance(text, str) or not text.strip() or not text.isprintable():
            message = f"{section}.{word}: a line of text is wanted, not {text!r}"
            raise ValueError(message)
    return dict(values)


def _refuse_unknown(prefix: str, values: Mapping[str, Any], words: set[str]) -> None:
    unknown = sorted(set(values) - words)
    if unknown:
        message = f"{prefix}{unknown[0]}: no such entry; known are {', '.join(sorted(words))}"
        raise ValueError(message)


def _check(name: str, text: str, limit: int) -> None:
    if len(text.encode()) > limit or "\\" in text:
        message = f"{name}: at most {limit} bytes and no backslash: {text!r}"
        raise ValueError(message)


def _check_places(name: str, text: str, wanted: frozenset[str] | None) -> None:
    places = {place[1:-1] for place in _BRACES.findall(text)}
    if places != (wanted or frozenset()):
        named = ", ".join(f"{{{place}}}" for place in sorted(wanted or ())) or "none"
        message = f"{name}: its places are {named}: {text!r}"
        raise ValueError(message)
