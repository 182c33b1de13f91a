"""Fitting a site's calibration from a file of scores: its figures, its file, and bad rows."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import SettingsError
from core.labels import Label
from core.reading import ModelIdentity
from evaluation.calibrate import calibrate, main, read_rows
from reader.calibration import load_calibration

MODEL = ModelIdentity("radvlm", "hand", "1", "ab12", "float32", "cpu", "p1", "none", "tests")
NAMED = ("--weights-sha256", "ab12", "--prompt-version", "p1", "--dtype", "float32")


def bold_rows(label: str, count: int, seed: int = 0) -> list[dict[str, object]]:
    """Give scores that claim far too much: a chance of 0.7 is told as 0.97."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-0.5, 1.0, count)
    true = rng.uniform(size=count) < 1 / (1 + np.exp(-logit))
    said = 1 / (1 + np.exp(-4 * logit))
    return [
        {"label": label, "score": float(score), "present": bool(there)}
        for score, there in zip(said, true, strict=True)
    ]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    return path


def test_bold_scores_are_tamed_and_the_file_is_usable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*bold_rows("edema", 1500), *bold_rows("fracture", 1500, 1), *bold_rows("pneumonia", 8)]
    scores, out = write(tmp_path / "scores.jsonl", rows), tmp_path / "calibration.json"
    main(["--scores", str(scores), "--out", str(out), *NAMED])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    calibration = load_calibration(out, MODEL)
    assert told["calibration"] == calibration.sha256
    assert set(calibration.curves) == {Label.EDEMA, Label.FRACTURE}
    for label in ("edema", "fracture"):
        figures = told["labels"][label]
        assert figures["films"] == 1500
        assert figures["a"] == pytest.approx(0.25, abs=0.05)
        assert figures["ece_before"] > 0.15
        assert figures["ece_after"] < 0.06
        assert figures["brier_after"] < figures["brier_before"] - 0.02
    assert "too few films" in told["labels"]["pneumonia"]["left_out"]


def test_the_figures_after_the_fit_are_out_of_sample() -> None:
    # Scores that mean nothing: a curve that had seen the films would look better than none.
    rng = np.random.default_rng(5)
    truths = [bool(value) for value in rng.integers(0, 2, 60)]
    scores = [0.5 + 0.001 * float(value) for value in rng.normal(0, 1, 60) + truths]
    named = {"weights_sha256": "a", "prompt_version": "p", "dtype": "d"}
    calibration, figures = calibrate({Label.EDEMA: (scores, truths)}, **named)
    curve = calibration.curves[Label.EDEMA]
    seen = float(np.mean([(curve(s) - t) ** 2 for s, t in zip(scores, truths, strict=True)]))
    assert figures["edema"]["brier_after"] > round(seen, 4)


def test_ten_films_of_each_kind_are_enough_in_whatever_order() -> None:
    named = {"weights_sha256": "a", "prompt_version": "p", "dtype": "d"}
    truths = [True, False, False, False, False] * 10
    scores = [
        0.6 + 0.01 * (n % 7) if true else 0.3 + 0.01 * (n % 9) for n, true in enumerate(truths)
    ]
    _, figures = calibrate({Label.EDEMA: (scores, truths)}, **named)
    assert "left_out" not in figures["edema"]
    with pytest.raises(SettingsError, match="9 with it, 40 without it, 10 needed"):
        calibrate({Label.EDEMA: (scores[1:], truths[1:])}, **named)


def test_a_file_that_is_no_text_is_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(SettingsError, match="line 1"):
        read_rows(path)
    path.write_text("[" * 200_000)
    with pytest.raises(SettingsError, match="line 1"):
        read_rows(path)


def test_no_label_that_can_be_fitted_is_an_error(tmp_path: Path) -> None:
    scores = write(tmp_path / "scores.jsonl", bold_rows("edema", 8))
    with pytest.raises(SettingsError, match=r"no label can be calibrated: .*too few films"):
        main(["--scores", str(scores), "--out", str(tmp_path / "out.json"), *NAMED])
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"label": "scurvy", "score": 0.5, "present": true}',
        '{"label": "edema", "score": 1.5, "present": true}',
        '{"label": "edema", "score": NaN, "present": true}',
        '{"label": "edema", "score": true, "present": true}',
        '{"label": "edema", "score": "0.5", "present": true}',
        '{"label": "edema", "score": 0.5, "present": 1}',
        '{"label": "edema", "score": 0.5}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_text('{"label": "edema", "score": 0.5, "present": true}\n' + line + "\n")
    with pytest.raises(SettingsError, match="line 2"):
        read_rows(path)
