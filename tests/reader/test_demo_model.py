"""The demonstration model that comes with FirstRead: whole readings, chat, and its mark.

Phantoms only; it knows no real film. Its published figures come from 500 phantoms, these few
only guard against a broken folder.
"""

import pytest

from core.labels import Label
from core.reading import Presence, Reading, new_reading_id
from evaluation.film_result import rendered
from evaluation.phantoms import evaluate_phantoms
from reader.load import load_reader
from reader.model_folder import DEMO_MODEL
from reader.protocol import Reader
from reader.self_test import self_test
from training.findings import LABELS
from training.phantom import sample

SEED = 20


@pytest.fixture(scope="module")
def demo() -> Reader:
    return load_reader(device="cpu")


@pytest.fixture(scope="module")
def large_heart(demo: Reader) -> Reading:
    phantom = sample(SEED, 0, findings=("cardiomegaly",))
    return demo.read(rendered(phantom), reading_id=new_reading_id())


def test_it_says_what_it_is(demo: Reader) -> None:
    identity = demo.identity
    assert identity.demo
    assert identity.family == "radvlm"
    assert {label.value for label in identity.labels} == set(LABELS)
    assert "phantom" in identity.intended_use.lower()
    assert sum(file.stat().st_size for file in DEMO_MODEL.iterdir()) <= 16 << 20


def test_a_finding_is_flagged_placed_and_worded(large_heart: Reading) -> None:
    finding = next(item for item in large_heart.present if item.label is Label.CARDIOMEGALY)
    assert finding.boxes
    assert finding.sentence is not None
    assert finding.sentence in large_heart.report.findings
    assert finding.score is not None
    assert finding.score > 0.5


def test_only_its_own_labels_are_flagged_each_with_a_score(
    demo: Reader, large_heart: Reading
) -> None:
    assert tuple(flag.label for flag in large_heart.flags) == demo.identity.labels
    assert all(flag.score is not None for flag in large_heart.flags)
    for flag in large_heart.flags:
        assert flag.score is not None
        assert (flag.score > 0.5) == (flag.presence is Presence.PRESENT), flag


def test_most_normal_films_are_normal(demo: Reader) -> None:
    films = [rendered(sample(SEED, index, findings=())) for index in range(4)]
    readings = [demo.read(film, reading_id=new_reading_id()) for film in films]
    assert sum(not reading.abnormal for reading in readings) >= 3


def test_it_answers_several_turns(demo: Reader) -> None:
    talk = demo.chat(rendered(sample(SEED, 0, findings=("cardiomegaly",))))
    assert talk.ask("Is there cardiomegaly?").startswith("Yes")
    assert "[" in talk.ask("Where is it?")
    assert len(talk.turns) == 2


def test_it_looks_at_its_pictures(demo: Reader) -> None:
    assert self_test(demo).passed


@pytest.mark.slow
def test_it_is_far_from_guessing(demo: Reader) -> None:
    given = evaluate_phantoms(demo, 20, SEED)
    assert given["parsed"] >= 0.98
    assert given["macro_f1"] >= 0.5
    assert given["grounding_map50"] >= 0.5
