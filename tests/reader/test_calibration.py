"""A site's calibration: the curve, its fit on synthetic scores, its file, and the wrong model.

That a site's file reaches a reading is no matter of this module.
"""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.labels import Label
from core.reading import Flag, ModelIdentity, Presence
from reader.calibration import Calibration, Platt, fit, load_calibration

MODEL = ModelIdentity("radvlm", "hand", "1", "ab12", "float32", "cpu", "p1", "none", "tests")
CURVES = {Label.EDEMA: Platt(0.5, -1.0, 40), Label.FRACTURE: Platt(2.0, 0.25, 60)}
CALIBRATION = Calibration("ab12", "p1", "float32", "2026-11-22", CURVES)


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_the_curve_is_the_sigmoid_of_the_scaled_logit() -> None:
    assert Platt(1.0, 0.0, 1)(0.3) == pytest.approx(0.3)
    assert Platt(0.5, -1.0, 1)(0.5) == pytest.approx(sigmoid(-1))
    assert Platt(2.0, 0.0, 1)(0.8) == pytest.approx(sigmoid(2 * math.log(4)))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 50), st.floats(-50, 50))
def test_the_order_of_films_never_changes(one: float, other: float, a: float, b: float) -> None:
    curve = Platt(a, b, 1)
    low, high = sorted((one, other))
    assert 0 <= curve(low) <= curve(high) <= 1


@pytest.mark.parametrize(
    ("a", "b", "films"), [(0, 0, 9), (-1, 0, 9), (math.nan, 0, 9), (1, math.inf, 9), (1, 0, 0)]
)
def test_a_curve_that_is_none_is_refused(a: float, b: float, films: int) -> None:
    with pytest.raises(ValueError, match="calibration"):
        Platt(a, b, films)


def test_a_fit_finds_the_curve_that_made_the_truths() -> None:
    rng = np.random.default_rng(1)
    own = rng.uniform(0.02, 0.98, 20_000)
    chance = 1 / (1 + np.exp(-(0.6 * np.log(own / (1 - own)) - 0.8)))
    curve = fit(own.tolist(), (rng.uniform(size=own.size) < chance).tolist())
    assert curve.a == pytest.approx(0.6, abs=0.05)
    assert curve.b == pytest.approx(-0.8, abs=0.05)
    assert curve.films == own.size


def test_a_fit_is_the_maximum_of_its_likelihood() -> None:
    rng = np.random.default_rng(2)
    own = rng.uniform(size=80)
    truths = rng.uniform(size=80) < own
    curve = fit(own.tolist(), truths.tolist())
    present, absent = truths.sum(), (~truths).sum()
    target = np.where(truths, (present + 1) / (present + 2), 1 / (absent + 2))
    logits = np.log(own / (1 - own))

    def loss(a: float, b: float) -> float:
        z = a * logits + b
        return float((np.logaddexp(0, z) - target * z).sum())

    least = loss(curve.a, curve.b)
    for da, db in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert loss(curve.a + da, curve.b + db) > least


def test_scores_that_part_the_films_without_fault_stay_short_of_certainty() -> None:
    curve = fit([0.0] * 20 + [1.0] * 20, [False] * 20 + [True] * 20)
    assert curve(1.0) == pytest.approx(21 / 22, abs=1e-3)
    assert curve(0.0) == pytest.approx(1 / 22, abs=1e-3)


@pytest.mark.parametrize(
    ("scores", "truths", "why"),
    [
        ([0.9] * 9 + [0.1] * 20, [True] * 9 + [False] * 20, "too few films: 9 with it"),
        ([0.9] * 20 + [0.1] * 9, [True] * 20 + [False] * 9, "20 with it, 9 without it"),
        ([0.1, 0.2] * 10 + [0.8, 0.9] * 10, [True] * 20 + [False] * 20, "not higher where"),
        ([0.9] * 20 + [1.2] * 20, [True] * 20 + [False] * 20, "must lie in"),
        ([0.9] * 20 + [math.nan] * 20, [True] * 20 + [False] * 20, "must lie in"),
        ([0.9] * 20, [True] * 19, "20 scores for 19 truths"),
    ],
)
def test_scores_that_allow_no_fit_are_refused(
    scores: list[float], truths: list[bool], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        fit(scores, truths)


def test_flags_keep_the_own_score_beside_the_calibrated_one() -> None:
    edema = Flag(Label.EDEMA, Presence.PRESENT, 0.5)
    unscored = Flag(Label.FRACTURE, Presence.ABSENT)
    unnamed = Flag(Label.PNEUMONIA, Presence.ABSENT, 0.2)
    given_back = CALIBRATION.flags((edema, unscored, unnamed))
    assert given_back[0].presence is Presence.PRESENT
    assert given_back[0].score == pytest.approx(sigmoid(-1))
    assert given_back[0].own_score == 0.5
    assert given_back[1:] == (unscored, unnamed)


def test_the_identity_names_the_calibration() -> None:
    identity = CALIBRATION.identity(MODEL)
    assert identity.calibration == CALIBRATION.sha256
    assert identity.uid != MODEL.uid
    other = replace(CALIBRATION, curves=CURVES | {Label.EDEMA: Platt(0.5, -1.1, 40)})
    assert other.sha256 != CALIBRATION.sha256


def test_a_file_gives_the_same_calibration_back(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(CALIBRATION.to_json(), indent=2))
    loaded = load_calibration(path, MODEL)
    assert loaded == CALIBRATION
    assert loaded.sha256 == CALIBRATION.sha256


@pytest.mark.parametrize(
    ("name", "value"), [("weights_sha256", "cd"), ("prompt_version", "p2"), ("dtype", "float16")]
)
def test_another_model_s_calibration_is_refused(tmp_path: Path, name: str, value: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(CALIBRATION.to_json()))
    changed: dict[str, Any] = {name: value}
    other = replace(MODEL, **changed)
    with pytest.raises(SettingsError, match=rf"made for {name} '\w+', the model has '{value}'"):
        load_calibration(path, other)
    with pytest.raises(SettingsError, match=name):
        CALIBRATION.identity(other)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"model": {}},
        {"model": None},
        {"labels": {"scurvy": {"a": 1, "b": 0, "films": 9}}},
        {"labels": {"edema": {"a": -1, "b": 0, "films": 9}}},
        {"labels": {"edema": {"a": "x", "b": 0, "films": 9}}},
        {"labels": {"edema": {"a": 1, "b": 0}}},
        {"labels": {"edema": {"a": 1, "b": 0, "films": math.inf}}},
        {"labels": {"edema": {"a": 10**400, "b": 0, "films": 9}}},
        {"labels": []},
    ],
)
def test_a_file_that_is_no_calibration_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(CALIBRATION.to_json() | change))
    with pytest.raises(SettingsError, match=r"calibration\.json is no usable calibration"):
        load_calibration(path, MODEL)


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"', "null", "\x00", "[" * 200_000])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match="no usable calibration"):
        load_calibration(path, MODEL)
    with pytest.raises(SettingsError, match="FileNotFoundError"):
        load_calibration(tmp_path / "none.json", MODEL)
