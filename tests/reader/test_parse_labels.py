"""The answer to the classification question: every trained wording, and what must never pass.

The grammar behind free wordings has its own table in test_sentence_findings.
"""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnparseableAnswerError
from core.labels import Label
from reader import prompts
from reader.parse_labels import parse_labels
from training.films import TRAINING_SEED
from training.instructions import classification_answer
from training.phantom import sample
from training.records import record_of

NAMES = [label.value for label in Label]
# How RadVLM's training data deny abnormalities where it was asked for their places.
DENIALS = (
    "I can't find any lesion on the image.",
    "No abnormalities or lesions are detected on this Chest X-ray.",
    "The Chest X-ray appears to be clear of any lesions or abnormalities.",
    "Upon review, no lesions are visible on the image.",
    "The examination reveals a clean bill of health with no visible abnormalities.",
    "This Chest X-ray shows no signs of abnormalities or lesions.",
    "No lesions or abnormalities are present on this X-ray, as far as I can tell.",
    "After a thorough examination, I conclude that there are no detectable lesions on this X-ray.",
    "The image does not display any abnormalities or lesions.",
    "Based on this X-ray, it appears there are no lesions or abnormalities to report.",
)


@pytest.mark.parametrize("text", [*prompts.ANSWERS_NONE, *DENIALS])
def test_trained_denials_are_negative(text: str) -> None:
    assert parse_labels(text).labels == ()


@pytest.mark.parametrize(
    "text",
    [
        "The following abnormality is present: no finding.",
        "The chest X-ray is normal.",
        "This is a normal chest X-ray.",
        "Yes, there are no findings on this Chest X-ray.",
    ],
)
def test_other_plain_denials_are_negative(text: str) -> None:
    assert parse_labels(text).labels == ()


@pytest.mark.parametrize("count", [1, 2, 3, 13])
def test_every_list_in_every_trained_wording_is_read(count: int) -> None:
    for names in combinations(NAMES, count):
        for text in prompts.classification_answers(names):
            answer = parse_labels(text)
            assert [label.value for label in answer.labels] == list(names), text
            assert not answer.unknown
            assert not answer.uncertain


def test_the_demo_models_training_answers_are_read() -> None:
    rng = np.random.default_rng(3)
    for index in rng.integers(0, 10_000, 40):
        phantom = sample(TRAINING_SEED, int(index))
        answer = parse_labels(classification_answer(record_of(phantom.truth(), image="x")))
        assert [label.value for label in answer.labels] == sorted(phantom.labels())


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("THE FOLLOWING ABNORMALITIES ARE PRESENT: EDEMA, AND CARDIOMEGALY", "cardiomegaly edema"),
        ("Yes, there is one abnormality identified: a pneumothorax.", "pneumothorax"),
        ("The following abnormality is present: nodule/mass.", "lung_lesion"),
        ("There are no abnormalities other than cardiomegaly.", "cardiomegaly"),
        ("No pneumothorax. There is a small effusion.", "pleural_effusion"),
        ("Cardiomegaly and edema.", "cardiomegaly edema"),
    ],
)
def test_other_wordings_are_read(text: str, labels: str) -> None:
    expected = tuple(Label[name.upper()] for name in labels.split())
    assert parse_labels(text).labels == expected


def test_a_name_that_is_no_label_is_told() -> None:
    answer = parse_labels("The following abnormalities are present: edema and florbosis.")
    assert answer.labels == (Label.EDEMA,)
    assert answer.unknown == ("florbosis",)


def test_a_doubt_is_kept() -> None:
    answer = parse_labels("There is possibly pneumonia.")
    assert (answer.labels, answer.uncertain) == ((), (Label.PNEUMONIA,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "....",
        "\x00\x07",
        "No pneumothorax.",  # denies one thing, says nothing of the others
        "There are no abnormalities in the left lung.",
        "No acute abnormality.",
        "There are no new findings.",
        "There are findings.",
        "Abnormal.",
        "not normal",
        "It cannot be said that there are no abnormalities.",
        "The following abnormalities are present: florbosis.",
        "The following abnormalities are present: no pneumothorax.",
        "The following abnormalities are present: florbosis. There are no findings.",
        "The following abnormalities are present:",
        "The following abnormalities are present: edema. There are no findings.",
        "The following abnormalities are present: edema. There is no edema.",
        "The following findings are not present: edema.",
        "The following abnormalities are absent: edema and cardiomegaly.",
        "The following abnormalities are ruled out: edema.",
        "The following findings are unlikely: edema.",
        "Possible abnormalities: edema.",
        "There are no abnormalities because the picture is black.",
        "The mediastinum shows no abnormalities.",
        "The hila have no abnormality.",
        "No abnormalities of the ribs are seen.",
        "There are no abnormalities of the diaphragm.",
        "No abnormality is seen in the upper abdomen.",
        "It is impossible to say whether there are no abnormalities.",
        "I am unable to say that there are no abnormalities.",
        "There may be no abnormalities.",
        "It is unlikely that there are no abnormalities.",
        "Are there no abnormalities?",
        "Es liegen keine Auffälligkeiten vor.",
        "Aucune anomalie n'est visible.",
        "未见异常。",
        "user",
        "edema edema edema edema edema edema",
        "The following abnormalities are present: " + "edema, " * 60,
        "0.1 0.2 0.3",
    ],
)
def test_what_makes_no_sense_is_no_answer(text: str) -> None:
    with pytest.raises(UnparseableAnswerError, match="classification answer"):
        parse_labels(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_noise_is_never_normal(text: str) -> None:
    try:
        answer = parse_labels(text)
    except UnparseableAnswerError:
        return
    assert answer.labels or answer.uncertain
