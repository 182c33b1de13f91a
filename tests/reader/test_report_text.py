"""A report's sections and sentences, and the words of a report that are none of a report."""

import pytest

from core.errors import UnparseableAnswerError
from core.reading import DraftReport
from reader.report_text import clean, sections, sentences
from reader.text_sense import check_not_stuck, check_sense


@pytest.mark.parametrize(
    ("text", "findings", "impression"),
    [
        ("The lungs are clear.", "The lungs are clear.", ""),
        ("Findings: Clear lungs. Impression: Normal.", "Clear lungs.", "Normal."),
        ("FINDINGS:\nClear.\n\nIMPRESSION:\nNormal.", "Clear.", "Normal."),
        ("**Findings:** Clear.\n**Impression:** Normal.", "Clear.", "Normal."),
        ("Frontal view. Findings: Clear.", "Frontal view.\nClear.", ""),
        ("Impression: Edema.", "Edema.", ""),
        ("Clear. Conclusion: Normal.", "Clear.", "Normal."),
        ("The findings: are odd.", "The findings: are odd.", ""),
    ],
)
def test_sections_are_found_and_nothing_is_lost(text: str, findings: str, impression: str) -> None:
    assert sections(text) == DraftReport(findings, impression)


@pytest.mark.parametrize("text", ["", " \n", "Findings:", "**Findings:**\nImpression: \n"])
def test_headings_without_words_are_no_report(text: str) -> None:
    with pytest.raises(UnparseableAnswerError, match="headings and nothing else"):
        sections(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("A 2.5 cm nodule. No effusion", ["A 2.5 cm nodule.", "No effusion"]),
        ("Atelectasis vs. edema. Clear.", ["Atelectasis vs. edema.", "Clear."]),
        ("Seen by Dr. Who. Clear.", ["Seen by Dr. Who.", "Clear."]),
        (
            "A St. Jude valve of approx. 2 cm. Clear.",
            ["A St. Jude valve of approx. 2 cm.", "Clear."],
        ),
        ("Seen by Mrs. Who, e.g. Edema. No.", ["Seen by Mrs. Who, e.g. Edema.", "No."]),
        ("1. Edema.\n2. Effusion.", ["1. Edema.", "2. Effusion."]),
        ("First\n\nsecond line", ["First", "second line"]),
        ("  ", []),
    ],
)
def test_sentences_are_divided(text: str, expected: list[str]) -> None:
    assert list(sentences(text)) == expected


def test_control_characters_and_direction_marks_are_taken_out() -> None:
    assert clean("a\x00b\x1b[2Jc\u202ed\u200b\r\ne\tf ") == "ab[2Jcd\ne\tf"


@pytest.mark.parametrize(
    "text",
    [
        "The heart is enlarged. There is a small left pleural effusion. No pneumothorax.",
        "Lungs are clear.",
        "No acute cardiopulmonary process.",
        "Heart size normal. Lungs clear. No effusion.",
        "Findings: The lungs are clear. There is no edema. Impression: Normal.",
        "Endotracheal tube ends 4 cm above the carina. Unchanged bibasilar atelectasis.",
    ],
)
def test_reports_make_sense(text: str) -> None:
    check_sense(text, "report")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("[0.1, 0.2]", "has no words"),
        ("la " * 10, "circles"),
        ("lalalala" * 20, "circles"),
        ("There is a small left effusion and " * 5, "circles"),
        ("There is no effusion. It is so. " * 4, "circles"),
        ("Das Herz ist normal groß. Kein Pneumothorax. Keine Ergüsse.", "no language"),
        ("Pas d'épanchement pleural ni de pneumothorax. Silhouette cardiaque normale.", "no lang"),
        ("No hay neumotórax ni derrame pleural. Corazón normal.", "no language"),
        ("Het hart is niet vergroot. Geen pleuravocht, geen pneumothorax.", "no language"),
        ("心影增大。双肺纹理增粗。未见气胸 征象 可见", "no language"),
        ("xqz bnm wer tyu dfg cvb", "no language"),
    ],
)
def test_noise_is_refused(text: str, why: str) -> None:
    with pytest.raises(UnparseableAnswerError, match=f"the report .*{why}"):
        check_sense(text, "report")


def test_boxes_in_a_row_are_no_circle() -> None:
    boxes = " and ".join(f"[0.{n}, 0.0, 1.0, 1.0]" for n in range(1, 9))
    check_not_stuck(f"It is located at the coordinates {boxes} on the image.", "answer")
