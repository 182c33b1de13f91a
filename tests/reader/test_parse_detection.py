"""The answer to the question for everything at once: names with their boxes, and what is neither.

The rules of a single box have their table in test_parse_boxes; generated noise is in
test_malformed_answers.
"""

import numpy as np
import pytest

from core.labels import Label
from core.reading import Box
from reader import prompts
from reader.answers import BoxesAnswer, DetectionAnswer
from reader.parse_detection import parse_detection
from training.films import TRAINING_SEED
from training.instructions import detection_answer
from training.phantom import sample
from training.records import record_of

A, B = "[0.1, 0.2, 0.3, 0.4]", "[0.5, 0.5, 0.6, 0.7]"
BOX_A, BOX_B = Box(0.1, 0.2, 0.3, 0.4), Box(0.5, 0.5, 0.6, 0.7)
AT = "located at the coordinates"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            f"This X-ray shows a pneumothorax {AT} {A} and {B}; an edema {AT} {B}.",
            {Label.EDEMA: (BOX_B,), Label.PNEUMOTHORAX: (BOX_A, BOX_B)},
        ),
        (
            f"This X-ray shows edema {AT} {A}; support devices {AT} {B}.",
            {Label.EDEMA: (BOX_A,), Label.SUPPORT_DEVICES: (BOX_B,)},
        ),
        (f"Yes. The edema is {AT} {A} on the image.", {Label.EDEMA: (BOX_A,)}),
        (f"edema: {A}, pneumonia: {B}", {Label.EDEMA: (BOX_A,), Label.PNEUMONIA: (BOX_B,)}),
        (
            f"I see a fracture at {A} and an edema at {B}.",
            {Label.FRACTURE: (BOX_A,)} | {Label.EDEMA: (BOX_B,)},
        ),
        # The names of VinDr-CXR.
        (f"a nodule/mass {AT} {A}", {Label.LUNG_LESION: (BOX_A,)}),
        (f"a clavicle fracture {AT} {A}", {Label.FRACTURE: (BOX_A,)}),
        (f"an aortic enlargement {AT} {A}", {Label.ENLARGED_CARDIOMEDIASTINUM: (BOX_A,)}),
        (f"a PLEURAL THICKENING {AT} {A}", {Label.PLEURAL_OTHER: (BOX_A,)}),
        # One label twice, one box twice.
        (f"a nodule {AT} {A}; a mass {AT} {A}, {B}.", {Label.LUNG_LESION: (BOX_A, BOX_B)}),
        # A denial of one thing in another sentence.
        (f"No pneumothorax. There is an edema {AT} {A}.", {Label.EDEMA: (BOX_A,)}),
    ],
)
def test_names_keep_their_boxes(text: str, places: dict[Label, tuple[Box, ...]]) -> None:
    answer = parse_detection(text)
    assert {label: found.boxes for label, found in answer.places.items()} == places
    assert list(answer.places) == [label for label in Label if label in places]
    assert (answer.unknown, answer.understood) == ((), True)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        (f"This X-ray shows emphysema {AT} {A}.", "This X-ray shows emphysema"),
        (f"an ILD {AT} {A}", "an ILD"),
        (f"{A}", ""),
        (f"There is no edema {AT} {A}.", "There is no edema"),
        (f"There is no sign of an edema {AT} {A}.", "There is no sign of an edema"),
        (f"a possible pneumonia {AT} {A}", "a possible pneumonia"),
        (f"lung opacity and edema {AT} {A}", "lung opacity and edema"),
        (f"a mass beside the edema {AT} {A}", "a mass beside the edema"),
        (f"edematous lung {AT} {A}", "edematous lung"),
    ],
)
def test_a_box_without_one_plain_name_is_told_and_drawn_nowhere(text: str, unknown: str) -> None:
    assert parse_detection(text) == DetectionAnswer({}, (unknown,))


def test_what_is_no_box_is_dropped_under_its_label() -> None:
    answer = parse_detection(
        f"an edema {AT} {A} and [0.9, 0.1, 0.2, 0.3]; a fracture {AT} [0.1, 0."
    )
    assert answer.places == {
        Label.EDEMA: BoxesAnswer((BOX_A,), ("[0.9, 0.1, 0.2, 0.3]",)),
        Label.FRACTURE: BoxesAnswer((), ("[0.1, 0.",)),
    }


@pytest.mark.parametrize(
    "text",
    [
        *prompts.ANSWERS_NONE,
        "I can't find any lesion on the image.",
        "Upon review, no lesions are visible on the image.",
    ],
)
def test_trained_denials_are_negative(text: str) -> None:
    assert parse_detection(text) == DetectionAnswer({})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "Edema is present.",
        "No pneumothorax.",
        "It is at 0.1, 0.2, 0.3, 0.4.",
        "la " * 20,
        f"There are no abnormalities. An edema is {AT} {A}.",
        f"There are no findings on this Chest X-ray: emphysema {AT} {A}.",
        "未见异常。",
    ],
)
def test_what_is_neither_says_nothing(text: str) -> None:
    assert parse_detection(text) == DetectionAnswer({}, understood=False)


def test_the_demo_models_training_answers_are_read() -> None:
    for index in np.random.default_rng(4).integers(0, 10_000, 40):
        phantom = sample(TRAINING_SEED, int(index))
        record = record_of(phantom.truth(), image="x")
        answer = parse_detection(detection_answer(record))
        truth = {found.label: len(found.boxes) for found in record.findings if found.boxes}
        assert {label: len(found.boxes) for label, found in answer.places.items()} == truth
        assert (answer.unknown, answer.understood) == ((), True)
        assert not any(found.dropped for found in answer.places.values())
