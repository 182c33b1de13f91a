"""The grammar of one sentence, wording by wording, and the demo model's own sentences.

Each row gives all that the sentence states, so that an unwanted statement fails, too.
"""

import numpy as np
import pytest

from core.labels import Label
from core.reading import Presence
from reader.sentence_findings import statements
from training.films import TRAINING_SEED
from training.phantom import sample
from training.records import record_of
from training.wording import denial
from training.wording import sentence as worded

TABLE = [
    ("There is a pneumothorax.", "pneumothorax present"),
    ("No pneumothorax.", "pneumothorax absent"),
    ("There is no evidence of pneumothorax.", "pneumothorax absent"),
    ("No pneumothorax or pleural effusion.", "pneumothorax absent, pleural_effusion absent"),
    (
        "No focal consolidation, large pleural effusion, or pneumothorax.",
        "consolidation absent, pleural_effusion absent, pneumothorax absent",
    ),
    ("Pneumothorax is not seen.", "pneumothorax absent"),
    ("Pneumothorax is no longer seen.", "pneumothorax absent"),
    ("The pneumothorax has resolved.", "pneumothorax absent"),
    ("The lungs are free of consolidation.", "consolidation absent"),
    ("Left effusion without pneumothorax.", "pleural_effusion present, pneumothorax absent"),
    (
        "No pneumothorax, but a small effusion is present.",
        "pneumothorax absent, pleural_effusion present",
    ),
    (
        "No pneumothorax and a small effusion is seen.",
        "pneumothorax absent, pleural_effusion present",
    ),
    (
        "A small effusion is present, pneumothorax is not seen.",
        "pleural_effusion present, pneumothorax absent",
    ),
    ("No change in the right pleural effusion.", "pleural_effusion present"),
    ("The effusion has not changed.", "pleural_effusion present"),
    ("The effusion is not significantly changed.", "pleural_effusion present"),
    ("No new effusion.", ""),
    ("Rule out pneumothorax.", ""),
    ("History of pneumonia.", ""),
    ("Pneumothorax cannot be excluded.", "pneumothorax uncertain"),
    ("Cannot exclude a small pneumothorax.", "pneumothorax uncertain"),
    ("Pneumothorax is not entirely excluded.", "pneumothorax uncertain"),
    ("Possible pneumonia.", "pneumonia uncertain"),
    ("Pneumonia is likely.", "pneumonia uncertain"),
    ("There is likely no pneumothorax.", "pneumothorax uncertain"),
    (
        "Opacity may represent atelectasis or pneumonia.",
        "lung_opacity present, atelectasis uncertain, pneumonia uncertain",
    ),
    ("Atelectasis versus consolidation.", "atelectasis uncertain, consolidation uncertain"),
    ("The heart is enlarged.", "cardiomegaly present"),
    ("The heart is not enlarged.", "cardiomegaly absent"),
    ("The cardiac silhouette is mildly enlarged.", "cardiomegaly present"),
    ("Heart size is normal.", "cardiomegaly absent"),
    ("Heart size is at the upper limits of normal.", ""),
    ("Heart size is not normal.", ""),
    ("The mediastinum is widened.", "enlarged_cardiomediastinum present"),
    ("The mediastinal contours are not widened.", "enlarged_cardiomediastinum absent"),
    (
        "The cardiomediastinal silhouette is within normal limits.",
        "enlarged_cardiomediastinum absent, cardiomegaly absent",
    ),
    ("The lungs are clear.", "consolidation absent, lung_opacity absent"),
    ("The left lung is clear.", ""),
    ("The bony structures are intact.", "fracture absent"),
    ("A pericardial effusion is seen.", ""),
    ("There is no mass effect.", ""),
    ("The chest tube has been removed.", "support_devices absent"),
    ("An endotracheal tube is in place.", "support_devices present"),
    ("There are no abnormalities other than edema.", "edema present"),
    ("The patient is rotated.", ""),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_a_sentence_states(text: str, expected: str) -> None:
    stated = {f"{found.label.name.lower()} {found.presence.value}" for found in statements(text)}
    assert stated == set(filter(None, expected.split(", ")))
    assert all(found.sentence == text for found in statements(text))


_BOTH = ("atelectasis", "bilateral")
_LEFT = ("atelectasis", "left", "lower lung zone")


@pytest.mark.parametrize(
    ("text", "label", "side", "site"),
    [
        ("Small left pleural effusion.", "pleural_effusion", "left", "pleura"),
        ("Bilateral pleural effusions.", "pleural_effusion", "bilateral", "pleura"),
        ("Left and right pleural effusions.", "pleural_effusion", "bilateral", "pleura"),
        ("Pneumothorax is seen on the right.", "pneumothorax", "right", "pleura"),
        ("There is a right apical pneumothorax.", "pneumothorax", "right", "apical zone"),
        ("Atelectasis at the left base.", "atelectasis", "left", "lower lung zone"),
        ("Atelectasis in the left base and the right lower lobe.", *_BOTH, "lower lung zone"),
        ("Atelectasis in the right lung and in the left lung and edema.", *_BOTH, "lung"),
        ("Atelectasis in the left upper zone and right mid zone.", *_BOTH, "lung"),
        ("Atelectasis in the left base and right pleural effusion.", *_LEFT),
        ("Atelectasis in the left base and right lung nodule.", *_LEFT),
        ("Left basilar atelectasis.", "atelectasis", "left", "lower lung zone"),
        ("There is a nodule in the right upper lobe.", "lung_lesion", "right", "upper lung zone"),
        ("Consolidation in the middle lobe.", "consolidation", "right", "mid lung zone"),
        ("Fracture of the left clavicle.", "fracture", "left", "clavicle"),
        ("Right rib fracture.", "fracture", "right", "rib"),
        ("Left-sided cardiomegaly.", "cardiomegaly", None, "cardiac silhouette"),
        ("There is edema.", "edema", None, "lung"),
        ("Right effusion and left atelectasis.", "atelectasis", "left", "lung"),
        ("Right effusion and left atelectasis.", "pleural_effusion", "right", "pleura"),
        ("Left atelectasis and effusion.", "pleural_effusion", "left", "pleura"),
        ("Edema with effusion on the left.", "edema", None, "lung"),
        ("Left effusion without pneumothorax.", "pneumothorax", None, "pleura"),
        ("Right effusion shifts the heart to the left.", "pleural_effusion", "right", "pleura"),
        ("Right pneumothorax pushing heart to the left.", "pneumothorax", "right", "pleura"),
        ("Left pneumothorax, larger than on the right.", "pneumothorax", "left", "pleura"),
    ],
)
def test_where_a_sentence_puts_it(text: str, label: str, side: str | None, site: str) -> None:
    found = next(item for item in statements(text) if item.label is Label[label.upper()])
    assert (found.side, found.site) == (side, site)


def test_the_demo_models_sentences_are_understood() -> None:
    for index in np.random.default_rng(1).integers(0, 10_000, 60):
        phantom = sample(TRAINING_SEED, int(index))
        for finding in record_of(phantom.truth(), image="x").findings:
            stated = statements(worded(finding))
            assert {(item.label, item.presence) for item in stated} == {
                (finding.label, Presence.PRESENT)
            }, worded(finding)
            if finding.label not in {Label.CARDIOMEGALY, Label.SUPPORT_DEVICES}:
                sides = {item.side for item in stated}
                if len({piece.side for piece in finding.pieces}) == 1:
                    assert sides == {finding.side or None}, worded(finding)


def test_the_demo_models_denials_are_understood() -> None:
    labels = list(Label)
    assert {(item.label, item.presence) for item in statements(denial(labels))} == {
        (label, Presence.ABSENT) for label in labels
    }
