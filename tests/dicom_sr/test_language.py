"""Every word of FirstRead's own in a site's language, on page, marks and key images.

Covers: a catalogue in which every entry is another, against each English one. What stays English
(a model's vocabulary, remarks, the page's foot) is named in docs/operations.md.
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

import dicom_sr
from core.reading import Flag, Presence, Reading
from core.report import ReportKind
from dicom_sr.context import BuildContext
from dicom_sr.gsps import build_gsps
from dicom_sr.key_objects import build_key_objects
from dicom_sr.pdf import build_pdf
from dicom_sr.wording_table import Word, built_in_wording, parse_wording
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.pictures import picture
from tests.dicom_sr.readings import (
    ABSENT_AND_UNCERTAIN,
    EVERY_LABEL,
    NO_FINDING,
    ORDINARY,
    PLACELESS,
    draft_of,
    reviewed,
)
from tests.dicom_sr.test_pdf import words as words_of_page

ENGLISH = tomllib.loads((Path(dicom_sr.__file__).parent / "wording" / "en.toml").read_text())
_FOREIGN = str.maketrans("aeiou", "äëïöü")


def foreign(text: str) -> str:
    """Give a text in other letters, its places as they are."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(part if part.startswith("{") else part.translate(_FOREIGN) for part in parts)


def _short(section: str, text: str) -> str:
    most = {"headings": 32, "notices": 9, "short_notices": 5}.get(section, 1000)
    return foreign(text)[:most].strip()


VALUES: dict[str, Any] = {
    section: {key: _short(section, text) for key, text in entries.items()}
    for section, entries in ENGLISH.items()
    if section != "language"
} | {"language": {"tag": "de", "name": "Deutsch"}}
for layer in (Word.LAYER_PRESENT, Word.LAYER_UNCERTAIN, Word.LAYER_SENTENCES):
    VALUES["words"][layer.value] = VALUES["words"][layer.value][:30]
CONTEXT = BuildContext(wording=parse_wording(VALUES))
FLAGGED = replace(
    ABSENT_AND_UNCERTAIN,
    flags=tuple(
        Flag(flag.label, presence, 0.5)
        for flag, presence in zip(ABSENT_AND_UNCERTAIN.flags, Presence, strict=False)
    ),
)


def english(text: str, *, but: tuple[Word, ...] = ()) -> list[str]:
    """Give the entries of the English catalogue that stand in a text."""
    said = []
    for word, words in built_in_wording().words.items():
        plain = re.escape(re.sub(r"\{.*?\}", "", words).strip(" :"))
        if word not in but and re.search(rf"(?<![\w]){plain}(?![\w])", text):
            said.append(words)
    return said


@pytest.mark.parametrize(
    "reading", [ORDINARY, FLAGGED, NO_FINDING, PLACELESS, EVERY_LABEL], ids=lambda one: one.id
)
@pytest.mark.parametrize("kind", [ReportKind.DRAFT, ReportKind.EDITED])
def test_the_page_has_no_english_words_of_ours(reading: Reading, kind: ReportKind) -> None:
    version = draft_of(reading) if kind is ReportKind.DRAFT else reviewed(reading, kind)
    header = film_header(PatientName="山^田", PatientBirthDate=None, StudyDescription="x" * 100)
    page = words_of_page(build_pdf(reading, version, header, CONTEXT, picture()))
    without_foot = page[: page.rindex("FirstRead ")]
    assert not english(without_foot)
    assert f"{foreign('Patient')}:" in page


@pytest.mark.parametrize("reading", [ORDINARY, FLAGGED, NO_FINDING, PLACELESS])
def test_marks_have_no_english_words_of_ours(reading: Reading) -> None:
    state = build_gsps(reading, draft_of(reading), film_header(), CONTEXT)
    said = [
        *(text.UnformattedTextValue for text in _texts(state)),
        *(layer.GraphicLayerDescription for layer in state.GraphicLayerSequence),
    ]
    assert not english("\n".join(said))
    assert re.search("[äëïöü]", "".join(said))


def test_key_images_have_no_english_words_of_ours() -> None:
    version = draft_of(FLAGGED)
    selection = build_key_objects(FLAGGED, version, film_header(), CONTEXT, {})
    said = "\n".join(item.get("TextValue", "") for item in selection.ContentSequence)
    assert not english(said)
    assert f"{foreign('Flagged')}: " in said
    assert f"{foreign('uncertain')}: " in said


def _texts(state: Dataset) -> list[Dataset]:
    return [
        text
        for annotation in state.GraphicAnnotationSequence
        for text in annotation.get("TextObjectSequence", ())
    ]
