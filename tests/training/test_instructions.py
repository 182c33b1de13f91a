"""Covers instruction data: LLaVA's format, RadVLM's words, and answers that hold the truth.

The reader's own parsers judge the answers: what they read out of them must be the phantom's truth.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.labels import Label
from core.reading import Box, Presence
from reader import prompts
from reader.parse_boxes import parse_boxes
from reader.parse_labels import parse_labels
from reader.report_text import sections, sentences
from reader.sentence_findings import statements
from training.findings import LABELS
from training.instructions import Style, Task, instruction, instructions, main, turns
from training.phantom import sample
from training.records import FilmRecord, record_of
from training.wording import box_text

KNOWN = tuple(Label(label) for label in LABELS)
STYLE = Style(0.0, KNOWN)


def record(index: int, findings: tuple[str, ...] | None = None) -> FilmRecord:
    return record_of(sample(61, index, findings=findings).truth(), image=f"{index}.png")


def one(film: FilmRecord, task: Task, seed: int = 0) -> tuple[str, str]:
    return turns(film, task, STYLE, np.random.default_rng(seed))[0]


def rounded(boxes: tuple[Box, ...]) -> list[list[float]]:
    return [[round(edge, 2) for edge in (b.x1, b.y1, b.x2, b.y2)] for b in boxes]


@pytest.mark.parametrize("index", range(12))
def test_a_classification_answer_parses_to_the_truth(index: int) -> None:
    film = record(index)
    question, answer = one(film, Task.CLASSIFICATION)
    assert question == prompts.CLASSIFICATION
    present = tuple(label for label in Label if film.finding(label))
    assert parse_labels(answer).labels == present
    assert answer in prompts.classification_answers([label.value for label in present])


@pytest.mark.parametrize("label", LABELS)
def test_a_grounding_answer_parses_to_the_true_boxes(label: str) -> None:
    film = record(3, (label,))
    question, answer = one(film, Task.ABNORMALITY)
    assert question == prompts.grounding(label)
    found = film.finding(Label(label))
    assert found is not None
    said = parse_boxes(answer)
    assert said.well_formed
    assert rounded(said.boxes) == rounded(found.boxes)


@pytest.mark.parametrize("index", range(12))
def test_a_report_states_what_is_there_and_denies_only_what_is_not(index: int) -> None:
    film = record(index)
    question, answer = one(film, Task.REPORT)
    assert question == prompts.REPORT
    report = sections(answer)
    assert report.impression
    stated = [s for text in sentences(report.findings) for s in statements(text)]
    present = {s.label for s in stated if s.presence is Presence.PRESENT}
    absent = {s.label for s in stated if s.presence is Presence.ABSENT}
    truth = {found.label for found in film.findings}
    assert truth <= present
    assert not absent & truth
    assert present - truth <= {Label.LUNG_OPACITY}
    for found in film.findings:
        sides = {str(s.side) for s in stated if s.label is found.label and s.side}
        assert sides <= {found.side, *(piece.side for piece in found.pieces)}


def test_a_normal_film_gets_every_denial_and_no_grounding() -> None:
    normal = record(1, ())
    assert one(normal, Task.CLASSIFICATION)[1] in prompts.ANSWERS_NONE
    assert one(normal, Task.DETECTION)[1] in prompts.ANSWERS_NONE
    assert turns(normal, Task.ABNORMALITY, STYLE, np.random.default_rng(0)) == []
    assert "No acute cardiopulmonary abnormality." in one(normal, Task.REPORT)[1]


def test_detection_names_every_finding_with_all_its_boxes() -> None:
    film = record(4, ("pleural effusion", "lung lesion", "fracture"))
    answer = one(film, Task.DETECTION)[1]
    boxes = [box for found in film.findings for box in found.boxes]
    assert sorted(rounded(parse_boxes(answer).boxes)) == sorted(rounded(tuple(boxes)))
    for found in film.findings:
        assert found.label.value in answer


def test_boxes_are_written_as_radvlm_writes_them() -> None:
    assert box_text(Box(0.5, 0.104, 0.996, 1.0)) == "[0.5, 0.1, 1.0, 1.0]"


@pytest.mark.parametrize("index", range(8))
def test_every_sample_has_the_format(index: int) -> None:
    samples = instructions(record(index), Style(0.5, KNOWN), seed=index)
    assert len({item["id"] for item in samples}) == len(samples)
    for item in samples:
        assert set(item) == {"id", "image", "conversations"}
        said = item["conversations"]
        assert [m["from"] for m in said] == ["human", "gpt"] * (len(said) // 2)
        assert said[0]["value"].startswith("<image>\n")
        assert sum("<image>" in m["value"] for m in said) == 1


def test_a_dialogue_answers_what_it_is_asked() -> None:
    film = record(5, ("pneumothorax", "edema"))
    for seed in range(30):
        for question, answer in turns(film, Task.CONVERSATION, STYLE, np.random.default_rng(seed)):
            named = [label for label in KNOWN if label.value in question]
            if named:
                there = film.finding(named[0]) is not None
                assert answer.startswith("Yes" if there else "No")


def test_variety_draws_other_words_and_none_draws_the_models_own() -> None:
    film = record(2)
    free = Style(1.0, KNOWN)
    asked = {
        turns(film, Task.REPORT, free, np.random.default_rng(seed))[0][0] for seed in range(20)
    }
    assert prompts.REPORT not in asked
    assert len(asked) > 1


def test_a_sites_own_films_become_a_file(tmp_path: Path) -> None:
    site: list[dict[str, Any]] = [
        {"image": "a.png", "findings": []},
        {
            "image": "b.png",
            "findings": [{"label": "pneumonia", "parts": [{"side": "left"}]}],
            "report": {"findings": "Left pneumonia.", "impression": ""},
            "phrases": [{"text": "Left pneumonia.", "boxes": [[0.5, 0.5, 0.75, 0.7]]}],
        },
    ]
    films, out = tmp_path / "films.jsonl", tmp_path / "out.json"
    films.write_text("\n".join(json.dumps(film) for film in site) + "\n\n", encoding="utf-8")
    main(["--films", str(films), "--out", str(out), "--variety", "0"])
    samples = json.loads(out.read_text(encoding="utf-8"))
    spoken = {item["id"]: item["conversations"] for item in samples}
    assert spoken["b.png-report"][1]["value"] == "Findings: Left pneumonia."
    assert "[0.5, 0.5, 0.75, 0.7]" in spoken["b.png-phrase"][1]["value"]
    assert "b.png-abnormality" not in spoken
    assert spoken["a.png-classification"][1]["value"] in prompts.ANSWERS_NONE


@pytest.mark.parametrize(("variety", "labels"), [(1.5, KNOWN), (0.5, ())])
def test_a_style_that_is_none_is_refused(variety: float, labels: tuple[Label, ...]) -> None:
    with pytest.raises(ValueError, match=r"1\.5|at least one label"):
        Style(variety, labels)


def test_a_sample_without_a_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="x has no turn"):
        instruction(record(1), [], "x")
