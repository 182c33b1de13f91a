"""Checks of the report's words: each wording that must be remarked, and its harmless neighbours.

Each row gives all codes of its text, so that an unwanted remark fails, too.
"""

import pytest

from core.reading import DraftReport, Given
from reader.check_codes import Code
from reader.check_words import repetition, words_of_report

COMPARISON, ADVICE = Code.COMPARISON_NOT_GIVEN, Code.RECOMMENDATION
PERSON, TIME, IDENTIFIER = Code.NAMES_PERSON, Code.NAMES_TIME, Code.NAMES_IDENTIFIER
PATIENT, CONTACT, BLANK = Code.DESCRIBES_PATIENT, Code.TELLS_OF_CONTACT, Code.BLANK_IN_TEXT

TABLE: list[tuple[str, set[Code]]] = [
    ("The lungs are clear. No effusion.", set()),
    # Comparison.
    ("The effusion is unchanged.", {COMPARISON}),
    ("Stable cardiomegaly.", {COMPARISON}),
    ("Compared to prior, the effusion is larger.", {COMPARISON}),
    ("Interval removal of the tube.", {COMPARISON}),
    ("There is a new opacity.", {COMPARISON}),
    ("No new opacity.", {COMPARISON}),
    ("Edema has improved.", {COMPARISON}),
    ("The opacity has increased.", {COMPARISON}),
    ("No significant interval change.", {COMPARISON}),
    ("Cardiomegaly is again seen.", {COMPARISON}),
    ("The heart remains enlarged.", {COMPARISON}),
    ("The pneumothorax has resolved.", {COMPARISON}),
    ("The tube has been removed.", {COMPARISON}),
    ("Comparison: None.", set()),
    ("No prior films are available.", set()),
    ("No previous study was available for comparison.", set()),
    ("The right hilum is dense compared to the left.", set()),
    ("The patient is hemodynamically stable.", set()),
    ("Status post prior sternotomy.", set()),
    ("Increased interstitial markings.", set()),
    ("Decreased lung volumes.", set()),
    ("Pneumonia.", set()),
    # Advice.
    ("Recommend CT of the chest.", {ADVICE}),
    ("Follow-up is advised.", {ADVICE}),
    ("Clinical correlation.", {ADVICE}),
    ("Please correlate clinically.", {ADVICE}),
    ("Consider chest CT.", {ADVICE}),
    ("A repeat film may be helpful.", {ADVICE}),
    ("Further evaluation with CT is needed.", {ADVICE}),
    ("The tube should be advanced by 2 cm.", {ADVICE}),
    ("Attention on follow up.", {ADVICE}),
    ("The opacity is considered benign.", set()),
    ("Findings suggest pneumonia.", set()),
    ("The tip should be noted.", set()),
    # Persons.
    ("Seen by Dr. Smith.", {PERSON}),
    ("Mr. X has edema.", {PERSON}),
    ("Mrs Miller was rotated.", {PERSON}),
    ("Discussed with Dr Jones.", {PERSON, CONTACT}),
    ("Reported to Jane Doe.", {PERSON}),
    ("Read by J Smith, M.D.", {PERSON}),
    ("Patient name: Doe", {PERSON}),
    ("Telling DR. SMITH of it.", {PERSON}),
    ("A Swan-Ganz catheter ends in the right pulmonary artery.", set()),
    ("Kerley B lines.", set()),
    ("The Port-a-Cath is in place.", set()),
    ("A Hickman line and a Dobhoff tube.", set()),
    ("A Monteggia fracture.", set()),
    ("An ICD of Boston Scientific is seen.", set()),
    ("Sequelae of Hodgkin Lymphoma.", set()),
    ("View of Left Lung.", set()),
    # Talks and signatures.
    ("Findings were communicated to the team.", {CONTACT}),
    ("The nurse was notified by telephone.", {CONTACT}),
    ("Electronically signed by the attending radiologist.", {CONTACT}),
    # Dates and times.
    ("Film of 03/12/2019.", {TIME}),
    ("Film of 2019-03-12.", {TIME}),
    ("On March 12, 2019 a tube.", {TIME}),
    ("A tube on the 12th of March.", {TIME}),
    ("At 10:30 a tube.", {TIME}),
    ("At 4 pm a tube.", {TIME}),
    ("Placed yesterday.", {TIME}),
    ("Placed two days ago.", {TIME}),
    ("A nodule of 2.5 x 3.1 cm.", set()),
    ("The tip is 4.5 cm above the carina.", set()),
    ("Edema may be seen.", set()),
    ("Ribs 3-5 are broken.", set()),
    ("A ratio of 1:2 is seen.", set()),
    # Numbers and addresses.
    ("MRN 12345.", {IDENTIFIER}),
    ("Accession number 77.", {IDENTIFIER}),
    ("DOB unknown.", {IDENTIFIER}),
    ("Call (617) 555-1234.", {IDENTIFIER}),
    ("Pager: 4711.", {IDENTIFIER}),
    ("Number 12345678.", {IDENTIFIER}),
    ("Write to a.b@example.org.", {IDENTIFIER}),
    # The patient.
    ("A 72-year-old with edema.", {PATIENT}),
    ("This woman has edema.", {PATIENT}),
    # What is left of a training report.
    ("Film of ___ is clear.", {BLANK}),
    ("As told by [**Name**].", {BLANK}),
]


def codes(text: str, given: Given | None = None) -> set[str]:
    return {item.code for item in words_of_report(DraftReport(text), given or Given())}


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_words_are_remarked(text: str, expected: set[Code]) -> None:
    assert codes(text) == expected


def test_a_given_comparison_allows_comparing() -> None:
    text = "The effusion is unchanged. Follow-up is advised."
    assert codes(text, Given(comparison="Film of the same day")) == {ADVICE}
    assert codes(text, Given(indication="Dyspnea")) == {ADVICE, COMPARISON}


def test_the_impression_is_looked_at_too() -> None:
    (found,) = words_of_report(DraftReport("Clear.", "Unchanged."), Given())
    assert found.code == COMPARISON
    assert "'Unchanged'" in found.text


def test_a_remark_quotes_few_and_short_pieces() -> None:
    text = "New edema. Stable heart. Unchanged tube. Prior film. " * 3 + f"Id: {'x' * 90}"
    for item in words_of_report(DraftReport(text), Given()):
        assert item.text.count("'") <= 6
        assert len(item.text) < 250


SENTENCE = "There is a small left pleural effusion."


@pytest.mark.parametrize(
    ("findings", "impression", "expected"),
    [
        (f"{SENTENCE} No edema. {SENTENCE}", "", True),
        (f"{SENTENCE} No edema. {SENTENCE.upper()}", "", True),
        ("No edema.", f"{SENTENCE} {SENTENCE}", True),
        ("There is edema and edema and edema and.", "", True),
        (SENTENCE, SENTENCE, False),
        ("No edema. No effusion. No edema.", "", False),
        ("Very very small effusion.", "", False),
        ("No edema, no effusion, no fracture, no nodule.", "", False),
    ],
)
def test_partial_loops_are_remarked(findings: str, impression: str, *, expected: bool) -> None:
    found = repetition(DraftReport(findings, impression))
    assert [item.code for item in found] == [Code.REPORT_REPEATS_ITSELF] * expected
