"""One finding per label from flags, sentences and boxes: presence, sentence, side, site, score."""

import pytest

from core.labels import Label, Side, Site
from core.reading import Box, Finding, Flag, Presence, finding_id
from reader.answers import BoxesAnswer
from reader.assemble import findings_of
from reader.report_text import sentences
from reader.sentence_findings import Statement, statements

EDEMA, EFFUSION, OPACITY = Label.EDEMA, Label.PLEURAL_EFFUSION, Label.LUNG_OPACITY
BOX = Box(0.6, 0.6, 0.9, 0.9)


def said(text: str) -> tuple[Statement, ...]:
    return tuple(found for sentence in sentences(text) for found in statements(sentence))


def made(
    text: str, *flags: Flag, impression: str = "", place: BoxesAnswer | None = None
) -> tuple[Finding, ...]:
    located = {} if place is None else {EFFUSION: place}
    return findings_of("r", flags, said(text), said(impression), located)


@pytest.mark.parametrize(
    ("text", "flag", "expected"),
    [
        ("There is edema.", Presence.PRESENT, Presence.PRESENT),
        ("There is edema.", Presence.ABSENT, Presence.PRESENT),
        ("No edema.", Presence.PRESENT, Presence.PRESENT),
        ("No edema.", Presence.UNCERTAIN, Presence.UNCERTAIN),
        ("No edema.", Presence.ABSENT, Presence.ABSENT),
        ("Possible edema.", Presence.ABSENT, Presence.UNCERTAIN),
        ("Possible edema.", Presence.PRESENT, Presence.PRESENT),
        ("No edema. Possible edema.", Presence.ABSENT, Presence.UNCERTAIN),
    ],
)
def test_the_strongest_claim_is_the_presence(text: str, flag: Presence, expected: Presence) -> None:
    (finding,) = made(text, Flag(EDEMA, flag, 0.4))
    assert (finding.presence, finding.score) == (expected, 0.4)


def test_what_nobody_speaks_of_is_no_finding() -> None:
    assert made("The film is rotated.", Flag(EDEMA, Presence.ABSENT, 0.1)) == ()


def test_there_is_one_finding_per_label_in_the_labels_order() -> None:
    found = made("Left effusion. Edema. Right effusion. Opacity.", Flag(EDEMA, Presence.PRESENT))
    assert [item.label for item in found] == [EDEMA, OPACITY, EFFUSION]
    assert [item.id for item in found] == [finding_id("r", place) for place in range(3)]


def test_a_finding_keeps_the_sentences_that_state_it_and_both_their_sides() -> None:
    (finding,) = made("Left effusion. No edema was it. Right effusion.")[1:]
    assert finding.sentence == "Left effusion. Right effusion."
    assert finding.side is Side.BILATERAL


def test_a_hedged_sentence_backs_a_listed_finding_and_a_denial_does_not() -> None:
    (hedged,) = made("Possible edema.", Flag(EDEMA, Presence.PRESENT))
    assert hedged.sentence == "Possible edema."
    (denied,) = made("No edema.", Flag(EDEMA, Presence.PRESENT))
    assert denied.sentence is None


def test_the_impression_speaks_where_the_findings_do_not() -> None:
    (finding,) = made("The film is rotated.", impression="Right effusion.")
    assert (finding.sentence, finding.side) == ("Right effusion.", Side.RIGHT)


def test_sites_that_differ_leave_the_usual_one() -> None:
    (one,) = made("Opacity in the left upper lobe.")
    assert one.site is Site.UPPER_ZONE
    (two,) = made("Opacity in the left upper lobe. Opacity in the right lower lobe.")
    assert two.site is Site.LUNG


def test_boxes_belong_to_what_is_not_absent() -> None:
    place = BoxesAnswer((BOX,), ("[1]",))
    assert made("Left effusion.", place=place)[0].boxes == (BOX,)
    assert made("Possible effusion.", place=place)[0].boxes == (BOX,)
    assert made("No effusion.", place=place)[0].boxes == ()
