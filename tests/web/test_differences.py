"""What changed in a text, word by word, and the draft's sentences in their text.

Covered: no text is lost or invented, whatever it is, and long ones take no long time.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import Label
from core.reading import Box, DraftReport, ReportSentence
from tests.db.builders import reading
from web.review.differences import Change, Piece, differences
from web.review.sentences import spans_of

_WORDS = st.lists(
    st.sampled_from(["no", "effusion", "left", "is", "seen", ".", ",", " ", "\n", "ä"])
).map("".join)


@given(_WORDS, _WORDS)
def test_both_texts_are_in_the_differences(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED) == after
    assert all(piece.text for piece in pieces)


def test_whole_words_are_told() -> None:
    assert differences("No left effusion.", "No right effusion.") == (
        Piece(Change.SAME, "No "),
        Piece(Change.REMOVED, "left"),
        Piece(Change.ADDED, "right"),
        Piece(Change.SAME, " effusion."),
    )


def test_neighbouring_changes_are_one() -> None:
    changed = differences("A small left effusion.", "A large right effusion.")
    assert [piece.text for piece in changed] == [
        "A ",
        "small left",
        "large right",
        " effusion.",
    ]


@pytest.mark.timeout(20)
def test_long_texts_of_one_word_take_no_long_time() -> None:
    before, after = "a " * 10_000, "a b " * 5_000
    assert "".join(p.text for p in differences(before, after) if p.change is not Change.ADDED) == (
        before
    )


def test_spans_are_the_text_and_sentences_know_their_findings() -> None:
    plain = reading(Label.FRACTURE, Label.EDEMA)
    fracture, edema = plain.findings
    box = Box(0.1, 0.1, 0.2, 0.2)
    said = replace(
        plain,
        report=DraftReport("Rib broken.  Old.\nWet lungs.", "Rib broken. Rest."),
        sentences=(
            ReportSentence("Rib broken.", (fracture.id,)),
            ReportSentence("Old.", (), (box,)),
            ReportSentence("Nowhere said.", (edema.id,)),
            ReportSentence("Wet lungs.", (edema.id,)),
            ReportSentence("Rib broken.", (fracture.id,)),
        ),
    )
    findings, impression = spans_of(said)
    assert "".join(span.text for span in findings) == said.report.findings
    assert "".join(span.text for span in impression) == said.report.impression
    assert [(span.text, span.leads) for span in findings if span.leads] == [
        ("Rib broken.", (fracture.id,)),
        ("Old.", ("sentence-1",)),
        ("Wet lungs.", (edema.id,)),
    ]
    assert [span.leads for span in impression] == [(fracture.id,), ()]


def test_a_reading_without_sentences_has_those_of_its_findings() -> None:
    plain = reading(Label.FRACTURE)
    said = replace(plain, report=DraftReport("First. There is fracture."), sentences=())
    findings, _ = spans_of(said)
    assert [(span.text, bool(span.leads)) for span in findings] == [
        ("First. ", False),
        ("There is fracture.", True),
    ]
