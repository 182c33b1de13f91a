"""Measures a model on unseen phantoms."""

import json
from contextlib import nullcontext
from pathlib import Path

from rich.progress import Progress

from commands.output import console, print_json, print_table
from core.errors import SettingsError
from core.settings import load_settings
from evaluation.film_result import FilmResult
from evaluation.phantoms import evaluate_phantoms
from evaluation.score_figures import score_rows
from reader.load import load_reader


def evaluate(
    path: Path | None, count: int, seed: int, *, hard: bool, scores: Path | None, as_json: bool
) -> None:
    """Read `count` unseen phantoms with the installation's model and print its figures.

    That is the model of `worker.model`, with its own scores; a calibration and a second model for
    places are left out. Where a file for the scores is named, each label's score on each film is
    written there beside the truth, as `firstread model calibrate` reads them.

    Raises
    ------
    SettingsError
        If the installation's model is behind an endpoint.
    """
    worker = load_settings(path).worker
    if worker.engine == "remote":
        message = "a model behind an endpoint is not measured on phantoms: name a folder's settings"
        raise SettingsError(message)
    reader = load_reader(
        worker.model, device=worker.device, dtype=worker.dtype, system_prompt=worker.system_prompt
    )
    rows = nullcontext() if scores is None else scores.open("w", encoding="utf-8")
    with Progress(console=console()) as progress, rows as file:
        task = progress.add_task("phantoms", total=count)

        def done(result: FilmResult) -> None:
            progress.advance(task)
            if file is not None:
                for row in score_rows(result, reader.identity.labels):
                    file.write(json.dumps(row) + "\n")

        figures = evaluate_phantoms(reader, count, seed, hard=hard, on_film=done)
    if as_json:
        print_json(figures)
        return
    per_label = figures["per_label"]
    print_table(
        "Per label",
        ("label", *next(iter(per_label.values()))),
        [(label, *map(_short, row.values())) for label, row in per_label.items()],
    )
    print_table(
        "Figures",
        ("figure", "value"),
        [
            (key, _short(value))
            for key, value in figures.items()
            if key not in {"per_label", "auroc_by_other_findings"}
        ],
    )
    print_table(
        "AUROC by number of other findings",
        ("other findings", "auroc", "labels"),
        [
            (others, _short(row["auroc"]), row["labels"])
            for others, row in figures["auroc_by_other_findings"].items()
        ],
    )


def _short(value: object) -> object:
    return f"{value:.3f}" if isinstance(value, float) else value
