"""From scored phantoms to a calibration that the same model takes, by the commands alone.

How a curve is fitted is covered by tests/reader/test_calibration and tests/evaluation.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.labels import Label
from reader.calibration import load_calibration
from reader.load import load_reader
from reader.model_folder import DEMO_MODEL
from tests.commands.shell import firstread


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_scores_of_phantoms_become_a_calibration(tmp_path: Path) -> None:
    scores, out = tmp_path / "scores.jsonl", tmp_path / "calibration.json"
    run = firstread("evaluate", "--phantoms", "2", "--scores", str(scores), "--json", timeout=300)
    assert run.returncode == 0, run.stderr
    rows = [json.loads(line) for line in scores.read_text().splitlines()]
    model = load_reader().identity
    assert [row["label"] for row in rows] == [label.value for label in model.labels] * 2
    # Two films are too few for a fit; more of the same kind stand in for a site's own.
    more = [
        {"label": "edema", "score": 0.1 + 0.008 * step, "present": step % 10 < step // 10}
        for step in range(100)
    ]
    scores.write_text("\n".join(json.dumps(row) for row in (*rows, *more)))
    arguments = ["model", "calibrate", str(DEMO_MODEL), "--scores", str(scores), "--out", str(out)]
    run = firstread(*arguments, "--json")
    assert run.returncode == 0, run.stderr
    calibration = load_calibration(out, model)
    assert json.loads(run.stdout)["calibration"] == calibration.sha256
    assert set(calibration.curves) == {Label.EDEMA}
    with pytest.raises(SettingsError, match="weights_sha256"):
        calibration.check_model(replace(model, weights_sha256="00"))
    run = firstread(*arguments, "--system-prompt")
    assert run.returncode == 0, run.stderr
    with_turn = load_reader(system_prompt=True, calibration=out)
    assert with_turn.identity.calibration
    with pytest.raises(SettingsError, match="prompt_version"):
        load_calibration(out, model)


@pytest.mark.slow
def test_a_bad_row_ends_with_one_line(tmp_path: Path) -> None:
    scores = tmp_path / "scores.jsonl"
    scores.write_text('{"label": "scurvy", "score": 0.5, "present": true}\n')
    run = firstread(
        *["model", "calibrate", str(DEMO_MODEL), "--scores", str(scores)],
        *["--out", str(tmp_path / "out.json")],
    )
    assert run.returncode == 3
    assert "line 1" in run.stderr
    assert len(run.stderr.splitlines()) == 1
