"""The figures of phantoms: how they follow from results, and that they can be had at all.

The results of the first tests are made by hand; the last ones read real phantoms with a tiny
random model, whose answers never parse. What the demonstration model reaches is no test's matter
but `firstread evaluate`'s; that it reaches its mark is in tests/reader/test_demo_model.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from core.labels import Label
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    ModelIdentity,
    Presence,
    Reading,
    finding_id,
)
from evaluation import film_results
from evaluation.film_result import FilmResult, rendered
from evaluation.phantoms import evaluate_phantoms, figures
from evaluation.recording import RecordingLook
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer, ReportAnswer
from reader.calibration import Calibration
from reader.families.family import Task
from reader.load import load_reader
from reader.wishes import Reply, Wish
from training.films import TRAINING_SEED, VALIDATION_SEED
from training.phantom import sample

EDEMA, FRACTURE = Label.EDEMA, Label.FRACTURE
BOX, OTHER = Box(0.1, 0.1, 0.5, 0.5), Box(0.6, 0.6, 0.9, 0.9)
IDENTITY = ModelIdentity("radvlm", "hand", "1", "0", "float32", "cpu", "p", "none", "tests")


def reading(present: Mapping[Label, Box], report: str) -> Reading:
    return Reading(
        "r",
        IDENTITY,
        tuple(
            Flag(label, Presence.PRESENT if label in present else Presence.ABSENT, 0.5)
            for label in (EDEMA, FRACTURE)
        ),
        tuple(
            Finding(finding_id("r", index), label, Presence.PRESENT, 0.5, boxes=(box,))
            for index, (label, box) in enumerate(present.items())
        ),
        DraftReport(report),
    )


RESULTS = (
    # Right in all.
    FilmResult(
        reading({EDEMA: BOX}, "There is edema."),
        {EDEMA: (BOX,)},
        {EDEMA: (BOX,)},
        asked=3,
        parsed=3,
        seconds=1.0,
    ),
    # A false alarm, which the report does not repeat.
    FilmResult(
        reading({EDEMA: OTHER}, "There is no edema."), {}, {}, asked=3, parsed=3, seconds=2.0
    ),
    # A failed reading of a film with a fracture, whose place was found when asked for.
    FilmResult(None, {FRACTURE: (BOX,)}, {FRACTURE: (BOX,)}, asked=2, parsed=1, seconds=3.0),
    # A normal film, read as one.
    FilmResult(reading({}, "There is no edema."), {}, {}, asked=2, parsed=2, seconds=2.0),
)


def test_figures_follow_from_results() -> None:
    given = figures(RESULTS, [EDEMA, FRACTURE])
    per_label = given.pop("per_label")
    assert given == {
        "macro_f1": pytest.approx((2 / 3 + 0) / 2, abs=1e-4),
        "report_macro_f1": 0.5,
        "grounding_map50": 1.0,
        "detection_map50": pytest.approx((0.5 + 0) / 2, abs=1e-4),
        "mean_iou": 1.0,
        "parsed": 0.9,
        # All scores are alike; fracture's one film failed and has none.
        "macro_auroc": 0.5,
        "auroc_by_other_findings": {
            "0": {"auroc": 0.5, "labels": 1},
            "1": {"auroc": None, "labels": 0},
            "2": {"auroc": None, "labels": 0},
            "3+": {"auroc": None, "labels": 0},
        },
        "unscored": 2,
        "failed_films": 1,
        "seconds_per_film": 2.0,
    }
    assert per_label["edema"] == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3, abs=1e-4),
        "auroc": 0.5,
        "grounding_ap50": 1.0,
        "detection_ap50": 0.5,
        "n": 1,
    }
    assert per_label["fracture"]["recall"] == 0
    assert per_label["fracture"]["n"] == 1


def test_a_result_says_what_was_found_and_nothing_else() -> None:
    right, alarm, failed, normal = RESULTS
    assert right.found(EDEMA) == (0.5, (BOX,))
    assert alarm.found(EDEMA) == (0.5, (OTHER,))
    for result, label in ((right, FRACTURE), (failed, FRACTURE), (normal, EDEMA)):
        assert result.found(label) == (0.0, ())
        assert not result.flagged(label)
    assert right.flagged(EDEMA)


class NotingLook:
    """Answers each question with what it was given, and notes the questions."""

    tasks = frozenset({Task.CLASSIFICATION, Task.REPORT, Task.ABNORMALITY, Task.DETECTION})
    calibration: Calibration | None = None

    def __init__(self, *replies: Reply) -> None:
        self.replies = {reply.wish: reply for reply in replies}
        self.asked: list[Wish] = []

    def ask(self, wishes: Sequence[Wish]) -> Iterator[Reply]:
        """Give the replies."""
        for wish in wishes:
            self.asked.append(wish)
            yield self.replies[wish]

    def scores(self, listed: Sequence[Label]) -> Mapping[Label, float]:
        """Give no score."""
        del listed
        return {}


LIST, REPORT = Wish(Task.CLASSIFICATION), Wish(Task.REPORT)
PLACE, ALL = Wish(Task.ABNORMALITY, "edema"), Wish(Task.DETECTION)
WORDS = ReportAnswer(DraftReport("There is edema."))


@pytest.mark.parametrize(
    ("reply", "parsed"),
    [
        (Reply(LIST, "x", complete=True, told=LabelsAnswer((EDEMA,))), True),
        (Reply(LIST, "x", complete=True, told=LabelsAnswer((EDEMA,), (), ("y",))), False),
        (Reply(LIST, "x", complete=True, told=None, refused="is empty"), False),
        (Reply(REPORT, "x", complete=True, told=WORDS), True),
        (Reply(REPORT, "x", complete=False, told=WORDS), False),
        (Reply(PLACE, "x", complete=True, told=BoxesAnswer((BOX,))), True),
        (Reply(PLACE, "x", complete=True, told=BoxesAnswer((BOX,), ("[",))), False),
        (Reply(PLACE, "x", complete=True, told=BoxesAnswer(())), False),
        (Reply(ALL, "x", complete=True, told=DetectionAnswer({})), True),
        (Reply(ALL, "x", complete=True, told=DetectionAnswer({}, ("y",))), False),
        (Reply(ALL, "x", complete=True, told=DetectionAnswer({}, understood=False)), False),
    ],
)
def test_every_question_counts_once_and_only_sense_is_parsed(reply: Reply, *, parsed: bool) -> None:
    asked = NotingLook(reply)
    look = RecordingLook(asked)
    assert list(look.ask([reply.wish])) == list(look.ask([reply.wish])) == [reply]
    assert asked.asked == [reply.wish]
    assert (look.asked, look.parsed, look.tasks) == (1, int(parsed), asked.tasks)


@pytest.mark.parametrize("hard", [False, True])
def test_a_model_of_noise_has_its_figures_too(tiny_folder: Path, *, hard: bool) -> None:
    reader = load_reader(tiny_folder, device="cpu", maximum_new_tokens=16)
    done: list[FilmResult] = []
    given = evaluate_phantoms(reader, 2, 5, hard=hard, on_film=done.append)
    assert json.loads(json.dumps(given)) == given
    assert len(done) == given["phantoms"] == given["failed_films"] == 2
    assert given["difficulty"] == ("hard" if hard else "default")
    assert (given["seed"], given["parsed"], given["macro_f1"]) == (5, 0, 0)
    assert given["model_sha256"] == reader.identity.weights_sha256
    assert len(given["per_label"]) == 10


@pytest.mark.slow
def test_several_processes_read_as_one_does(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = load_reader(tiny_folder, device="cpu", maximum_new_tokens=16)
    monkeypatch.setattr(film_results, "_processes", lambda _reader, _count: 2)
    several = list(film_results.film_results(reader, 5, 3, "default"))
    monkeypatch.setattr(film_results, "_processes", lambda _reader, _count: 1)
    one = list(film_results.film_results(reader, 5, 3, "default"))
    assert [(item.truth, item.placed, item.asked, item.parsed) for item in several] == [
        (item.truth, item.placed, item.asked, item.parsed) for item in one
    ]


def test_films_seen_in_training_are_refused(tiny_folder: Path) -> None:
    reader = load_reader(tiny_folder, device="cpu")
    for seed in (TRAINING_SEED, VALIDATION_SEED):
        with pytest.raises(ValueError, match=f"phantoms of seed {seed} were seen"):
            evaluate_phantoms(reader, 1, seed)
    with pytest.raises(ValueError, match="at least one phantom"):
        evaluate_phantoms(reader, 0)


def test_a_phantom_is_drawn_in_its_own_aspect() -> None:
    phantom = sample(0, 0)
    rows, columns = rendered(phantom).shape
    assert max(rows, columns) == 512
    assert columns / rows == pytest.approx(phantom.aspect, abs=0.01)
