"""The order of a reading's steps, its findings and its checks, over a scripted model.

What a real model does with each question is in engines/test_local and test_demo_model.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from core.errors import UnparseableAnswerError
from core.labels import Label, Side, Site
from core.reading import (
    NOTHING_GIVEN,
    Box,
    Finding,
    Flag,
    Given,
    ModelIdentity,
    Presence,
    Reading,
    finding_id,
)
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer
from reader.calibration import Calibration, Platt
from reader.families.family import Task
from reader.families.radvlm import RADVLM
from reader.one_reading import OneReading, read_film
from reader.wishes import Reply, Wish

BOX = Box(0.6, 0.6, 0.9, 0.9)
"""In the right half of the film: the patient's left."""
KNOWN = (Label.CARDIOMEGALY, Label.EDEMA, Label.PLEURAL_EFFUSION, Label.PNEUMOTHORAX)
IDENTITY = ModelIdentity(
    "radvlm", "scripted", "1", "00", "float32", "cpu", "p", "none", "tests", labels=KNOWN
)


PLAIN = frozenset({Task.CLASSIFICATION, Task.REPORT, Task.ABNORMALITY})


@dataclass
class ScriptedLook:
    """Answers as it was told, and keeps the order of the questions."""

    listed: LabelsAnswer
    text: str
    boxes: Mapping[Label, BoxesAnswer] = field(default_factory=dict)
    complete: bool = True
    tasks: frozenset[Task] = PLAIN
    detected: DetectionAnswer = field(default_factory=lambda: DetectionAnswer({}))
    asked: list[str] = field(default_factory=list)
    calibration: Calibration | None = None

    def ask(self, wishes: Sequence[Wish]) -> Iterator[Reply]:
        """Give each reply in its turn."""
        for wish in wishes:
            self.asked.append(wish.subject or wish.task.name.lower())
            yield self._reply(wish)

    def scores(self, listed: Sequence[Label]) -> Mapping[Label, float]:
        """Give some labels a score."""
        self.asked.append("scores")
        return {label: 0.9 if label in listed else 0.1 for label in KNOWN[:3]}

    def _reply(self, wish: Wish) -> Reply:
        match wish.task:
            case Task.CLASSIFICATION:
                return Reply(wish, "", complete=True, told=self.listed)
            case Task.REPORT:
                try:
                    told = RADVLM.parse_report(self.text)
                except UnparseableAnswerError as error:
                    return Reply(wish, self.text, self.complete, None, str(error))
                return Reply(wish, self.text, self.complete, told)
            case Task.DETECTION:
                return Reply(wish, "", complete=True, told=self.detected)
            case Task.PHRASE:
                return Reply(wish, "", complete=True, told=BoxesAnswer((BOX,)))
        place = self.boxes.get(Label(wish.subject), BoxesAnswer((BOX,)))
        return Reply(wish, "", complete=True, told=place)


def read(look: ScriptedLook, given: Given = NOTHING_GIVEN) -> Reading:
    def begin() -> ScriptedLook:
        look.asked.append("begin")
        return look

    def heard(_flags: object) -> None:
        look.asked.append("flags")

    return read_film(begin, OneReading(IDENTITY, "r1", given, heard), print)


def codes(reading: Reading) -> list[str]:
    return [remark.code for remark in reading.checks]


def only(reading: Reading, label: Label) -> Finding:
    (finding,) = [item for item in reading.findings if item.label is label]
    return finding


def test_flags_are_told_before_the_report_and_places_come_last() -> None:
    look = ScriptedLook(LabelsAnswer((Label.PLEURAL_EFFUSION,)), "There is a left effusion.")
    reading = read(look)
    assert look.asked == [
        "begin",
        "classification",
        "scores",
        "flags",
        "report",
        "pleural effusion",
    ]
    assert set(reading.timings) == {
        *("encoding", "flags", "telling", "report", "grounding", "total"),
    }
    assert reading.timings["total"] >= reading.timings["report"]
    assert reading.id == "r1"


def test_sentences_are_placed_once_each_and_denials_are_not() -> None:
    text = "Findings: There is a left effusion. No edema. Impression: Left effusion."
    look = ScriptedLook(LabelsAnswer((Label.PLEURAL_EFFUSION,)), text, tasks=PLAIN | {Task.PHRASE})
    reading = read(look)
    assert look.asked[-3:] == [
        "pleural effusion",
        "There is a left effusion.",
        "Left effusion.",
    ]
    (effusion,) = [item.id for item in reading.findings if item.label is Label.PLEURAL_EFFUSION]
    (edema,) = [item.id for item in reading.findings if item.label is Label.EDEMA]
    assert [(item.text, item.finding_ids, item.boxes) for item in reading.sentences] == [
        ("There is a left effusion.", (effusion,), (BOX,)),
        ("No edema.", (edema,), ()),
        ("Left effusion.", (effusion,), (BOX,)),
    ]


def test_what_the_model_detects_against_its_own_list_is_remarked() -> None:
    detected = DetectionAnswer({Label.EDEMA: BoxesAnswer((BOX,))})
    look = ScriptedLook(
        LabelsAnswer(()), "The lungs are clear.", tasks=PLAIN | {Task.DETECTION}, detected=detected
    )
    assert any(code.startswith("detection_contradicts") for code in codes(read(look)))


def test_a_family_without_a_list_flags_what_its_report_says_and_nothing_else() -> None:
    look = ScriptedLook(
        LabelsAnswer(()),
        "There is a left effusion. There may be edema. No pneumothorax.",
        tasks=frozenset({Task.REPORT}),
    )
    reading = read(look)
    assert reading.flags == (
        Flag(Label.EDEMA, Presence.UNCERTAIN),
        Flag(Label.PLEURAL_EFFUSION, Presence.PRESENT),
        Flag(Label.PNEUMOTHORAX, Presence.ABSENT),
    )
    assert look.asked == ["begin", "report", "flags"]
    assert {"labels_from_report", "scores_unavailable", "places_unavailable"} <= set(codes(reading))


def test_a_calibrated_score_stands_beside_the_models_own() -> None:
    curves = Calibration("00", "p", "float32", "2026-01-01", {Label.EDEMA: Platt(2.0, -1.0, 50)})
    look = ScriptedLook(LabelsAnswer((Label.EDEMA,)), "There is edema.", calibration=curves)
    reading = read(look)
    (edema,) = [flag for flag in reading.flags if flag.label is Label.EDEMA]
    logit = 2 * math.log(0.9 / 0.1) - 1
    assert edema.score == pytest.approx(1 / (1 + math.exp(-logit)))
    assert edema.own_score == 0.9
    assert only(reading, Label.EDEMA).score == edema.score
    (heart,) = [flag for flag in reading.flags if flag.label is Label.CARDIOMEGALY]
    assert (heart.score, heart.own_score) == (0.1, None)


def test_a_reading_says_what_the_model_was_given() -> None:
    given = Given("cough", "PA chest radiograph", None)
    reading = read(ScriptedLook(LabelsAnswer(()), "The lungs are clear."), given)
    assert (reading.indication, reading.technique, reading.comparison) == (
        "cough",
        "PA chest radiograph",
        None,
    )


def test_every_known_label_has_one_flag_and_a_score_where_there_is_one() -> None:
    reading = read(ScriptedLook(LabelsAnswer((Label.EDEMA,)), "There is edema."))
    assert reading.flags == (
        Flag(Label.CARDIOMEGALY, Presence.ABSENT, 0.1),
        Flag(Label.EDEMA, Presence.PRESENT, 0.9),
        Flag(Label.PLEURAL_EFFUSION, Presence.ABSENT, 0.1),
        Flag(Label.PNEUMOTHORAX, Presence.ABSENT, None),
    )


def test_a_finding_is_tied_to_its_sentence_boxes_and_score() -> None:
    text = "Findings: There is a small left pleural effusion. The heart is enlarged. Impression: x."
    reading = read(ScriptedLook(LabelsAnswer((Label.CARDIOMEGALY, Label.PLEURAL_EFFUSION)), text))
    assert only(reading, Label.PLEURAL_EFFUSION) == Finding(
        id=finding_id("r1", 1),
        label=Label.PLEURAL_EFFUSION,
        presence=Presence.PRESENT,
        score=0.9,
        site=Site.PLEURA,
        side=Side.LEFT,
        boxes=(BOX,),
        sentence="There is a small left pleural effusion.",
    )
    assert reading.checks == ()
    assert reading.report.impression == "x."


def test_the_findings_section_speaks_before_the_impression() -> None:
    text = "Findings: There is mild edema. Impression: Edema. Left effusion."
    reading = read(ScriptedLook(LabelsAnswer((Label.EDEMA, Label.PLEURAL_EFFUSION)), text))
    assert only(reading, Label.EDEMA).sentence == "There is mild edema."
    assert only(reading, Label.PLEURAL_EFFUSION).sentence == "Left effusion."


def test_two_sides_in_two_sentences_are_bilateral() -> None:
    text = "There is a left effusion. There is a right effusion."
    finding = only(read(ScriptedLook(LabelsAnswer((Label.PLEURAL_EFFUSION,)), text)), KNOWN[2])
    assert (finding.side, finding.sentence) == (Side.BILATERAL, text)


def test_a_denied_label_is_an_absent_finding_without_a_place() -> None:
    look = ScriptedLook(LabelsAnswer(()), "There is no pneumothorax.")
    reading = read(look)
    finding = only(reading, Label.PNEUMOTHORAX)
    assert (finding.presence, finding.boxes) == (Presence.ABSENT, ())
    assert finding.sentence == "There is no pneumothorax."
    assert look.asked[-1] == "report"
    assert not reading.abnormal


def test_what_the_report_states_beyond_the_list_is_found_placed_and_remarked() -> None:
    reading = read(ScriptedLook(LabelsAnswer(()), "There is a left pneumothorax."))
    finding = only(reading, Label.PNEUMOTHORAX)
    assert (finding.presence, finding.boxes) == (Presence.PRESENT, (BOX,))
    assert codes(reading) == ["report_contradicts_labels"]
    assert reading.abnormal


def test_what_the_report_denies_of_the_list_stays_present_and_is_remarked() -> None:
    reading = read(ScriptedLook(LabelsAnswer((Label.EDEMA,)), "There is no edema."))
    finding = only(reading, Label.EDEMA)
    assert (finding.presence, finding.sentence) == (Presence.PRESENT, None)
    assert codes(reading) == ["report_contradicts_labels"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Findings: No effusion. Impression: Left effusion.", ["report_contradicts_itself"]),
        ("There is a left effusion. There is no right effusion.", []),
        ("Findings: Left effusion. Impression: Right effusion.", ["impression_side_differs"]),
        ("There is a left effusion. There is no left effusion.", ["report_contradicts_itself"]),
    ],
)
def test_a_report_that_contradicts_itself_is_remarked(text: str, expected: list[str]) -> None:
    assert codes(read(ScriptedLook(LabelsAnswer((Label.PLEURAL_EFFUSION,)), text))) == expected


def test_silence_of_the_report_is_remarked() -> None:
    reading = read(ScriptedLook(LabelsAnswer((Label.EDEMA,)), "The film is rotated."))
    assert only(reading, Label.EDEMA).sentence is None
    assert codes(reading) == ["report_silent"]


def test_a_doubt_of_either_is_an_uncertain_finding() -> None:
    by_list = read(ScriptedLook(LabelsAnswer((), (Label.EDEMA,)), "The film is rotated."))
    by_report = read(ScriptedLook(LabelsAnswer(()), "There may be edema."))
    for reading in (by_list, by_report):
        assert only(reading, Label.EDEMA).presence is Presence.UNCERTAIN
        assert reading.abnormal


def test_an_untrained_label_makes_a_finding_and_no_flag() -> None:
    reading = read(ScriptedLook(LabelsAnswer((Label.FRACTURE,)), "There is a fracture."))
    assert [flag.label for flag in reading.flags] == list(KNOWN)
    assert only(reading, Label.FRACTURE).presence is Presence.PRESENT
    assert codes(reading) == ["untrained_label"]


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (BoxesAnswer((BOX,), ("[0.9]",)), ["boxes_dropped"]),
        (BoxesAnswer((), ("[0.9]",)), ["boxes_dropped", "not_located"]),
        (BoxesAnswer(()), ["not_located"]),
        (BoxesAnswer((Box(0.1, 0.1, 0.4, 0.4),)), ["side_differs_from_boxes"]),
        (BoxesAnswer((Box(0.1, 0.1, 0.4, 0.4), BOX)), ["side_differs_from_boxes"]),
        (BoxesAnswer((Box(0.1, 0.1, 0.6, 0.4), BOX)), []),
    ],
)
def test_flaws_of_boxes_are_remarked(boxes: BoxesAnswer, expected: list[str]) -> None:
    look = ScriptedLook(
        LabelsAnswer((Label.PLEURAL_EFFUSION,)),
        "There is a left effusion.",
        {Label.PLEURAL_EFFUSION: boxes},
    )
    reading = read(look)
    assert codes(reading) == expected
    assert only(reading, Label.PLEURAL_EFFUSION).boxes == boxes.boxes


def test_a_cut_report_and_an_unknown_name_are_remarked() -> None:
    look = ScriptedLook(LabelsAnswer((), (), ("florbosis",)), "The film is", complete=False)
    reading = read(look)
    assert codes(reading) == ["unknown_label", "text_cut"]
    assert "'florbosis'" in reading.checks[0].text


def test_a_report_without_sense_fails_the_film() -> None:
    with pytest.raises(UnparseableAnswerError, match="the report runs in circles"):
        read(ScriptedLook(LabelsAnswer(()), "no edema " * 20))


def test_an_error_in_a_callback_ends_the_reading() -> None:
    def stop(_flags: object) -> None:
        message = "lease lost"
        raise InterruptedError(message)

    look = ScriptedLook(LabelsAnswer(()), "The film is fine.")
    with pytest.raises(InterruptedError, match="lease lost"):
        read_film(lambda: look, OneReading(IDENTITY, "r1", NOTHING_GIVEN, stop), print)
    assert "report" not in look.asked
