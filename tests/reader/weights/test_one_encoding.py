"""Greedy decoding behind one encoding of the film gives the tokens of a fresh `generate`.

In float32 on the CPU, for every family; the prompts are longer than MedGemma's sliding window.
The tokens are taken by the contract of `LocalModel`, and then by FirstRead's own engine.
"""

import dataclasses
from pathlib import Path

import pytest
import torch

from reader.engines.film import Asked
from reader.engines.local import LocalEngine
from reader.engines.local_model import LocalModel, no_inputs
from reader.engines.prompt import Prompt
from reader.families.family import Family, Task
from reader.families.llava_rad import LLAVA_RAD
from reader.families.maira2 import MAIRA2
from reader.families.medgemma import MEDGEMMA_1_5
from reader.weights.loaders import LOADERS
from tests.reader.weights.decoding import afresh, noise, upon_one_encoding

LENGTH = 12
FILM = noise(90, 130)


def _local(family: Family, folders: dict[str, Path]) -> LocalModel:
    return LOADERS[family.key](folders[family.key], torch.device("cpu"), torch.float32)


def _prompts(family: Family) -> list[Prompt]:
    if family is MEDGEMMA_1_5:
        asked = [family.question(Task.REPORT), "Is the heart large?"]
        turns = [("What is this?", "A chest film.")]
        return [*(family.prompt((), q) for q in asked), family.prompt(turns, "And this?")]
    if family is MAIRA2:
        phrases = ("Small left effusion.", "The heart is large.")
        return [family.prompt((), family.question(Task.PHRASE, phrase)) for phrase in phrases]
    return [family.prompt((), family.question(Task.REPORT))]


@pytest.mark.parametrize("family", [LLAVA_RAD, MAIRA2, MEDGEMMA_1_5], ids=lambda f: f.key)
def test_tokens_are_those_of_a_fresh_call(family: Family, family_folders: dict[str, Path]) -> None:
    local = _local(family, family_folders)
    prompts = _prompts(family)
    together = upon_one_encoding(local, FILM, prompts, LENGTH)
    assert together == [afresh(local, FILM, prompt, LENGTH) for prompt in prompts]
    # A model that says the same whatever it is shown or asked would pass too.
    assert len(set(together[0])) > 3
    other = upon_one_encoding(local, noise(90, 130, seed=1), prompts, LENGTH)
    assert other[0] != together[0]
    assert len({tuple(answer) for answer in together}) == len(prompts)


def test_maira2s_report_has_a_beginning_of_its_own(family_folders: dict[str, Path]) -> None:
    local = _local(MAIRA2, family_folders)
    report = MAIRA2.prompt((), MAIRA2.question(Task.REPORT))
    assert report.before != _prompts(MAIRA2)[0].before
    (answer,) = upon_one_encoding(local, FILM, [report], LENGTH)
    assert answer == afresh(local, FILM, report, LENGTH)


def test_medgemmas_picture_must_see_itself_whole(family_folders: dict[str, Path]) -> None:
    local = _local(MEDGEMMA_1_5, family_folders)
    prompt = [MEDGEMMA_1_5.prompt((), MEDGEMMA_1_5.question(Task.REPORT))]
    blind = dataclasses.replace(local, film_inputs=no_inputs)
    assert upon_one_encoding(blind, FILM, prompt, LENGTH) != upon_one_encoding(
        local, FILM, prompt, LENGTH
    )


@pytest.mark.parametrize("family", [LLAVA_RAD, MAIRA2, MEDGEMMA_1_5], ids=lambda f: f.key)
def test_firstreads_engine_says_what_a_fresh_call_says(
    family: Family, family_folders: dict[str, Path]
) -> None:
    local = _local(family, family_folders)
    prompts = _prompts(family)
    if family is MAIRA2:  # its report begins otherwise, and still the film is encoded once
        prompts = [*prompts, family.prompt((), family.question(Task.REPORT))]
    wanted = []
    for prompt in prompts:
        tokens = afresh(local, FILM, prompt, 2 * LENGTH)
        wanted.append(local.tokenizer.decode(tokens, skip_special_tokens=True).strip())
    engine = LocalEngine(local, 2 * LENGTH)
    film = engine.film(FILM)
    asked = [(film, Asked((), "", prompt)) for prompt in prompts]
    answers = dict(engine.answers(asked, lambda _text: None))
    assert [answers[number].text for number in range(len(prompts))] == wanted
    assert film.encodings == 1
