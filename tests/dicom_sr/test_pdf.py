"""The Encapsulated PDF: one page, all that it must say, nothing lost in silence, the same bytes.

Covers: attributes, what the page's text says for drafts and reviewed versions, long and hostile
words, names in other scripts, validators, dcm2pdf. The text is read back by pypdf. What the page
looks like is judged by eye.
"""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from pydicom.dataset import Dataset
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from core.lettering import MISSING
from core.reading import Flag, Presence, Reading
from core.report import ReportKind, ReportVersion
from dicom_sr.build import encoded
from dicom_sr.context import BuildContext, FilmPlace
from dicom_sr.pdf import build_pdf
from tests.dicom_sr.headers import NASTY, film_header
from tests.dicom_sr.pictures import picture
from tests.dicom_sr.readings import (
    DEMO,
    EVERY_LABEL,
    HOSTILE,
    NO_FINDING,
    ORDINARY,
    PLACELESS,
    THIRTY,
    draft_of,
)
from tests.peers.dcmtk import dcm2pdf
from tests.peers.validators import complaints

CONTEXT = BuildContext(institution="General Hospital", timezone="Europe/Berlin")
CUT = "... continues in the report SR"


def built(
    reading: Reading = ORDINARY,
    version: ReportVersion | None = None,
    context: BuildContext = CONTEXT,
    **header: Any,
) -> Dataset:
    return build_pdf(
        reading, version or draft_of(reading), film_header(**header), context, picture()
    )


def content(dataset: Dataset) -> bytes:
    return bytes(dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength])


def words(dataset: Dataset) -> str:
    """Give the page's text with its lines joined."""
    (page,) = PdfReader(BytesIO(content(dataset))).pages
    return " ".join(page.extract_text().split())


def edited(reading: Reading, findings: str, **changes: Any) -> ReportVersion:
    return replace(
        draft_of(reading),
        id="version-2",
        number=2,
        kind=ReportKind.EDITED,
        findings=findings,
        author="Roe^Rita^^Dr.",
        **changes,
    )


def test_what_it_says_of_itself() -> None:
    page = built()
    assert page.Modality == "DOC"
    assert page.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert page.BurnedInAnnotation == "YES"
    assert page.ConversionType == "WSD"
    assert page.DocumentTitle == "AI draft, research use, not a medical device"
    assert page.ConceptNameCodeSequence[0].CodeValue == "18748-4"
    assert page.VerificationFlag == "UNVERIFIED"
    (source,) = page.SourceInstanceSequence
    assert source.ReferencedSOPInstanceUID == film_header().SOPInstanceUID


def test_it_is_one_page_of_a4_that_does_nothing() -> None:
    reader = PdfReader(BytesIO(content(built())))
    (page,) = reader.pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    assert len(page.images) == 1
    root = cast("DictionaryObject", reader.trailer["/Root"])
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(root)
    assert "/Annots" not in page


def test_the_same_content_gives_the_same_bytes() -> None:
    assert encoded(built()) == encoded(built())


def test_the_page_says_whose_film_it_is() -> None:
    text = words(built())
    for said in (
        "Patient: Doe, Jane",
        "Patient ID: PID-1 (SITE)",
        "Born: 1950-01-02; sex: F",
        "Study: 2026-03-28 22:15, Chest PA",
        "Accession Number: A123",
        "Film: CR, PA",
        "Referred by: Referrer, Rita",
        "General Hospital",
    ):
        assert said in text


def test_the_page_says_what_the_model_said() -> None:
    text = words(built())
    assert "AI draft, research use, not a medical device" in text
    assert "1. pleural effusion, left: present 88 % (Pleural effusion, SCT 60046008)" in text
    assert "consolidation, right, lower lung zone: present 88 %; place not given" in text
    assert "absent (probability of presence): atelectasis 3 %" in text
    assert "Findings Lungs are clear. Heart size is normal." in text
    assert "Impressions No acute finding." in text
    assert "History cough" in text
    assert "One box lay outside the picture." in text
    assert f"Weights (SHA-256): {'5e' * 8}" in text
    assert "Test model 1.2 (radvlm), prompts 3" in text
    assert CUT not in text
    assert MISSING not in text


@pytest.mark.parametrize("presence", [Presence.ABSENT, Presence.UNCERTAIN])
def test_the_score_of_what_is_not_stated_to_be_present_says_of_what_it_is(
    presence: Presence,
) -> None:
    finding = replace(ORDINARY.findings[0], presence=presence, score=0.02, boxes=())
    flag = Flag(finding.label, presence, 0.02)
    text = words(built(replace(ORDINARY, findings=(finding,), flags=(flag,), sentences=())))
    assert f"left: {presence.value}, probability of presence 2 %" in text
    assert f"{presence.value} (probability of presence): {finding.label.value} 2 %" in text
    assert f"{presence.value} 2 %" not in text


def test_a_demonstration_and_one_of_several_films_say_so() -> None:
    text = words(built(DEMO, context=replace(CONTEXT, place=FilmPlace(2, 2, "AP"))))
    assert "DEMO MODEL" in text
    assert "AP 2/2" in text
    assert "Draft of one of 2 frontal films" in text


def test_nothing_found_is_not_said_to_be_normal() -> None:
    assert "no statement that the film is normal" in words(built(NO_FINDING))


def test_what_is_not_known_is_said_to_be_so() -> None:
    text = words(built(**NASTY["nearly everything missing"]))
    assert "Patient: not stated Patient ID: not stated" in text
    assert "Accession Number: not stated" in text


@pytest.mark.parametrize("reading", [EVERY_LABEL, PLACELESS, THIRTY], ids=["13", "13 bare", "30"])
def test_every_finding_is_listed(reading: Reading) -> None:
    text = words(built(reading))
    for number, finding in enumerate(reading.findings, start=1):
        assert f" {number}. {finding.label.value}" in text


def test_a_persons_version_names_the_person() -> None:
    version = edited(ORDINARY, "The heart is large.")
    page = built(ORDINARY, version)
    assert page.VerificationFlag == "VERIFIED"
    text = words(page)
    assert "AI text edited, research use, not a medical device" in text
    assert "AI draft edited by Dr. Rita Roe on" in text
    assert "not the hospital's final report" in text
    assert "The heart is large." in text
    assert "The marks are the AI's, not the person's." in text
    assert "coded findings are not repeated beside a person's text" in text
    assert "1. pleural effusion" not in text
    assert "The remarks in this section are the AI's" in text
    assert "The patient is rotated" in text
    assert "One box lay outside" not in text, "it is on the model's answer"
    assert "Lungs are clear." not in text
    assert "atelectasis 3 %" not in text, "what the model said stands in its own report"


def test_a_long_text_goes_on_elsewhere_and_says_so() -> None:
    version = edited(ORDINARY, "The aorta is elongated. " * 100)
    assert CUT not in words(built(ORDINARY, version))
    longer = words(built(ORDINARY, edited(ORDINARY, "The aorta is elongated. " * 1500)))
    assert CUT in longer
    assert "Impressions No acute finding." in longer


def test_endless_identities_are_cut_and_say_so() -> None:
    endless: dict[str, Any] = {
        "PatientID": "9" * 3000,
        "IssuerOfPatientID": "i" * 3000,
        "AccessionNumber": "A" * 999,
    }
    text = words(built(**endless))
    assert text.count("(longer in the DICOM header)") == 3
    assert "Born: 1950-01-02" in text
    korean: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": f"{'홍' * 64}={'길' * 64}",
    }
    text = words(built(**korean, **endless))
    assert "Patient ID: 9999" in text
    assert "Born: 1950-01-02" in text
    assert "Referred by: Referrer, Rita" in text


def test_words_are_no_markup() -> None:
    version = edited(ORDINARY, "<b>bold</b> &amp; <font size=99>x</font> (\\) % endstream")
    assert "<b>bold</b> &amp; <font size=99>x</font> (\\) % endstream" in words(
        built(ORDINARY, version)
    )


def test_names_in_other_scripts_are_marked_and_noted() -> None:
    text = words(built(**NASTY["several character sets"]))
    assert f"Yamada, Tarou ({MISSING}{MISSING}, " in text
    assert f"{MISSING} stands for a letter that the font of this page does not have" in text
    assert "the patient is the one whose Patient ID is above" in text


@pytest.mark.parametrize(
    ("reading", "header"),
    [
        (ORDINARY, {}),
        (HOSTILE, NASTY["name of one group"]),
        (THIRTY, NASTY["nearly everything missing"]),
        (NO_FINDING, NASTY["korean"]),
    ],
    ids=["ordinary", "hostile", "thirty", "korean"],
)
def test_validators_and_the_way_back(
    reading: Reading, header: dict[str, Any], tmp_path: Path
) -> None:
    page = built(reading, **header)
    path = tmp_path / "page.dcm"
    path.write_bytes(encoded(page))
    assert complaints(path) == []
    assert dcm2pdf(path) == []
    assert len(PdfReader(BytesIO(content(page))).pages) == 1


def test_a_font_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no TrueType font"):
        built(context=replace(CONTEXT, font=b"no font"))
