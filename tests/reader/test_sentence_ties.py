"""Each sentence of a draft with the findings it speaks of and with its boxes."""

from core.labels import Label, Side
from core.reading import Box, DraftReport, Finding, Presence, ReportSentence
from reader.answers import BoxesAnswer
from reader.sentence_ties import sentences_to_place, tie_sentences

BOX = Box(0.6, 0.6, 0.9, 0.9)
EFFUSION = Finding("e", Label.PLEURAL_EFFUSION, Presence.PRESENT, side=Side.LEFT)
EDEMA = Finding("o", Label.EDEMA, Presence.ABSENT)
BOTH = Finding("b", Label.PLEURAL_EFFUSION, Presence.PRESENT, side=Side.BILATERAL)


def test_sentences_keep_their_order_words_and_findings() -> None:
    report = DraftReport(
        "There is a left effusion. The film is rotated. No edema, and no right effusion.",
        "Possible edema and effusion.",
    )
    asked = {"There is a left effusion.": BoxesAnswer((BOX,), ("[1",))}
    assert tie_sentences(report, (EDEMA, EFFUSION), asked) == (
        ReportSentence("There is a left effusion.", ("e",), (BOX,)),
        ReportSentence("The film is rotated."),
        # The effusion that it denies is another one.
        ReportSentence("No edema, and no right effusion.", ("o",)),
        ReportSentence("Possible edema and effusion.", ("o", "e")),
    )


def test_a_side_meets_both_sides_and_an_unnamed_one() -> None:
    report = DraftReport("There is a right effusion. There are bilateral effusions. No effusion.")
    ties = tie_sentences(report, (BOTH,), {})
    assert [sentence.finding_ids for sentence in ties] == [("b",)] * 3
    ties = tie_sentences(report, (EFFUSION,), {})
    assert [sentence.finding_ids for sentence in ties] == [(), ("e",), ("e",)]


def test_a_denial_has_no_place_and_a_sentence_without_a_label_may_have_one() -> None:
    report = DraftReport("There is no edema. The hila are full.")
    place = BoxesAnswer((BOX,))
    asked = {"There is no edema.": place, "The hila are full.": place}
    assert [item.boxes for item in tie_sentences(report, (EDEMA,), asked)] == [(), (BOX,)]


def test_what_is_worth_a_place_is_asked_once() -> None:
    report = DraftReport(
        "There is edema. No effusion. There may be pneumonia. The film is rotated.",
        "There is edema. Fracture but no pneumothorax.",
    )
    assert sentences_to_place(report) == (
        "There is edema.",
        "There may be pneumonia.",
        "Fracture but no pneumothorax.",
    )
