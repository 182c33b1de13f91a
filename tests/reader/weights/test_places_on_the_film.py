"""Boxes come back in the film's own fractions, whatever part of it a family saw.

From an answer's words through `FilmLook.reply`; the model's own decoding is not covered here.
"""

from pathlib import Path

import pytest
import torch

from core.reading import NOTHING_GIVEN, Box
from reader.answers import Answer, BoxesAnswer, ReportAnswer
from reader.engines.local import LocalEngine
from reader.families.family import Family, Task
from reader.families.maira2 import MAIRA2
from reader.families.medgemma import MEDGEMMA_1_5
from reader.film_look import FilmLook
from reader.weights.loaders import LOADERS
from reader.wishes import Wish
from tests.reader.weights.decoding import noise

WIDTH, HEIGHT = 60, 120


def _look(family: Family, folders: dict[str, Path]) -> FilmLook:
    local = LOADERS[family.key](folders[family.key], torch.device("cpu"), torch.float32)
    engine = LocalEngine(local, 4)
    film = noise(WIDTH, HEIGHT)
    return FilmLook(
        engine=engine,
        film=engine.film(film),
        family=family,
        known=family.labels,
        size=film.size,
        given=family.uses(NOTHING_GIVEN),
        system=False,
        calibration=None,
        on_text=lambda _text: None,
    )


def _edges(answer: BoxesAnswer) -> list[tuple[float, ...]]:
    return [(box.x1, box.y1, box.x2, box.y2) for box in answer.boxes]


def test_maira2s_report_and_phrases(family_folders: dict[str, Path]) -> None:
    look = _look(MAIRA2, family_folders)
    words = "<obj>The heart is enlarged.<box><x20><y0><x59><y99></box></obj>"
    wanted = [pytest.approx((0.205, 0.25 + 0.005 / 2, 0.595, 0.25 + 0.995 / 2))]
    report = look.reply(Wish(Task.REPORT), Answer(words, complete=True)).told
    assert isinstance(report, ReportAnswer)
    assert report.placed[0].place is not None
    assert _edges(report.placed[0].place) == wanted
    phrase = look.reply(Wish(Task.PHRASE, "x"), Answer(words, complete=True)).told
    assert isinstance(phrase, BoxesAnswer)
    assert _edges(phrase) == wanted


def test_medgemmas_boxes_and_those_on_its_rim(family_folders: dict[str, Path]) -> None:
    look = _look(MEDGEMMA_1_5, family_folders)
    words = '[{"box_2d": [100, 500, 300, 900]}, {"box_2d": [100, 800, 300, 900]}]'
    told = look.reply(Wish(Task.ANATOMY, "x"), Answer(words, complete=True)).told
    assert isinstance(told, BoxesAnswer)
    assert told.boxes == (Box(0.5, 0.1, 1.0, 0.3),)
    assert len(told.dropped) == 1
