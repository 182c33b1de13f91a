"""Fits a site's calibration to scores with known truths.

    python -m evaluation.calibrate --scores scores.jsonl --out calibration.json \
        --weights-sha256 HASH --prompt-version radvlm-1 --dtype float16

Each line of the scores' file is one label on one film: ``{"label": "edema", "score": 0.7,
"present": true}``. `firstread model calibrate` does the same and takes the three words that name
the model from its folder.

The figures after the fit are out of sample: each film is scored by a curve that was fitted on the
other four fifths of the films. Film n of those with the label belongs to fifth n modulo 5, and so
does film n of those without it. The curves in the file are fitted on all.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from core.errors import SettingsError
from core.labels import Label
from evaluation.reliability import brier, expected_calibration_error
from reader.calibration import Calibration, Platt, fit

_FOLDS: Final = 5

Rows = Mapping[Label, tuple[list[float], list[bool]]]
"""Scores and truths by label."""


def read_rows(path: Path) -> Rows:
    """Read a file of scores.

    Raises
    ------
    SettingsError
        If a line is no row, naming the line.
    """
    rows: dict[Label, tuple[list[float], list[bool]]] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
                label, score, present = Label(values["label"]), values["score"], values["present"]
            except (KeyError, TypeError, ValueError, RecursionError) as error:
                message = f"{path}, line {number}: {type(error).__name__}: {error}"
                raise SettingsError(message) from error
            plain = isinstance(score, int | float) and not isinstance(score, bool)
            if not (plain and 0 <= score <= 1 and isinstance(present, bool)):
                message = f"{path}, line {number}: score in [0, 1] and true or false are needed"
                raise SettingsError(message)
            scores, truths = rows.setdefault(label, ([], []))
            scores.append(float(score))
            truths.append(present)
    return rows


def calibrate(
    rows: Rows, *, weights_sha256: str, prompt_version: str, dtype: str
) -> tuple[Calibration, dict[str, Any]]:
    """Fit every label that can be fitted.

    Parameters
    ----------
    rows
        Scores and truths by label.
    weights_sha256, prompt_version, dtype
        The model that gave the scores.

    Returns
    -------
    tuple
        The calibration, and figures by label as plain values: films, and the expected calibration
        error and the Brier score before and after; or why a label was left out.

    Raises
    ------
    SettingsError
        If no label can be fitted.
    """
    curves: dict[Label, Platt] = {}
    figures: dict[str, Any] = {}
    for label, (scores, truths) in sorted(rows.items()):
        try:
            curve = fit(scores, truths)
            after = _out_of_sample(scores, truths)
            curves[label] = curve
        except ValueError as error:
            figures[label.value] = {"films": len(scores), "left_out": str(error)}
            continue
        figures[label.value] = {
            "films": len(scores),
            "present": sum(truths),
            "a": round(curves[label].a, 4),
            "b": round(curves[label].b, 4),
            "ece_before": round(expected_calibration_error(scores, truths), 4),
            "ece_after": round(expected_calibration_error(after, truths), 4),
            "brier_before": round(brier(scores, truths), 4),
            "brier_after": round(brier(after, truths), 4),
        }
    if not curves:
        message = f"no label can be calibrated: {json.dumps(figures)}"
        raise SettingsError(message)
    made = datetime.now(UTC).date().isoformat()
    return Calibration(weights_sha256, prompt_version, dtype, made, curves), figures


def calibrate_file(
    scores: Path, out: Path, *, weights_sha256: str, prompt_version: str, dtype: str
) -> dict[str, Any]:
    """Fit the scores of a file, write the calibration and give the figures with its hash."""
    calibration, figures = calibrate(
        read_rows(scores),
        weights_sha256=weights_sha256,
        prompt_version=prompt_version,
        dtype=dtype,
    )
    out.write_text(json.dumps(calibration.to_json(), indent=2) + "\n", encoding="utf-8")
    return {"calibration": calibration.sha256, "labels": figures}


def _out_of_sample(scores: Sequence[float], truths: Sequence[bool]) -> list[float]:
    """Score each film by a curve that did not see it."""
    after = [0.0] * len(scores)
    counted = {True: 0, False: 0}
    fifths = []
    for truth in truths:
        fifths.append(counted[truth] % _FOLDS)
        counted[truth] += 1
    for fold in range(_FOLDS):
        inside = [place for place, fifth in enumerate(fifths) if fifth != fold]
        curve = fit(
            [scores[place] for place in inside], [truths[place] for place in inside], least=1
        )
        for place, fifth in enumerate(fifths):
            if fifth == fold:
                after[place] = curve(scores[place])
    return after


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description="Fit a site's calibration of a model's scores.")
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights-sha256", required=True)
    parser.add_argument("--prompt-version", required=True)
    parser.add_argument("--dtype", required=True)
    given = parser.parse_args(arguments)
    figures = calibrate_file(
        given.scores,
        given.out,
        weights_sha256=given.weights_sha256,
        prompt_version=given.prompt_version,
        dtype=given.dtype,
    )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
