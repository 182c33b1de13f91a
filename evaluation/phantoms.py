"""A model's figures on phantoms that it has not seen.

How each figure is made:

- `macro_f1`: F1 of the labels that the classification lists, averaged over the labels that both
  the model and the phantoms know. A film whose reading failed lists nothing: a miss for what is
  true on it.
- `report_macro_f1`: the same of the labels that the report's sentences state as present.
- `grounding_map50`: for each label that is truly on a film, the model is asked where it lies, as
  RadVLM is measured on VinDr-CXR; average precision at IoU 0.5 per label, then the mean. Every
  box has the same confidence, since the question presumes the label.
- `mean_iou`: over all true boxes, the IoU of the best box of that answer, 0 where there is none.
- `detection_map50`: end to end. Boxes of the findings that the whole reading states as present,
  on all films, the normal ones among them, with the label's score as confidence.
- `macro_auroc`, `auroc_by_other_findings`: how well the scores part films with a label from those
  without it (`evaluation.score_figures`).
- `parsed`: share of all answers that made sense, every question counted
  (`evaluation.recording.RecordingLook`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from core.labels import Label
from core.reading import Presence
from evaluation.film_result import FilmResult
from evaluation.film_results import film_results
from evaluation.metrics import Counts, Detection, average_precision, best_ious, mean
from evaluation.score_figures import label_auroc, score_figures
from reader.protocol import Reader
from reader.report_text import sentences
from reader.sentence_findings import statements
from training.films import TRAINING_SEED, VALIDATION_SEED
from training.findings import LABELS

_SEEN: Final = (TRAINING_SEED, VALIDATION_SEED)


def evaluate_phantoms(
    reader: Reader,
    count: int,
    seed: int = 0,
    *,
    hard: bool = False,
    on_film: Callable[[FilmResult], None] = lambda _result: None,
) -> dict[str, Any]:
    """Measure a model on phantoms.

    Parameters
    ----------
    reader
        The model.
    count
        Number of phantoms: films 0 to count - 1 of the series.
    seed
        The series.
    hard
        Whether they are of the harder setting.
    on_film
        Called with each film's result.

    Returns
    -------
    dict
        Plain values for JSON; see the module.

    Raises
    ------
    ValueError
        If there is no film to read, or the series is one that the demonstration model saw.
    """
    if count < 1:
        message = f"at least one phantom is needed, not {count}"
        raise ValueError(message)
    if seed in _SEEN:
        message = f"the phantoms of seed {seed} were seen in training; take another one"
        raise ValueError(message)
    difficulty = "hard" if hard else "default"
    results: list[FilmResult] = []
    for result in film_results(reader, seed, count, difficulty):
        results.append(result)
        on_film(result)
    return {
        "phantoms": count,
        "seed": seed,
        "difficulty": difficulty,
        "model": reader.identity.name,
        "model_version": reader.identity.version,
        "model_sha256": reader.identity.weights_sha256,
        "prompt_version": reader.identity.prompt_version,
        "dtype": reader.identity.dtype,
        "device": reader.identity.device,
    } | figures(results, [label for label in reader.identity.labels if label.value in LABELS])


def figures(results: Sequence[FilmResult], labels: Sequence[Label]) -> dict[str, Any]:
    """Give the figures of some films over some labels; see the module."""
    listed = {label: _counts(results, label, FilmResult.flagged) for label in labels}
    stated = {label: _counts(results, label, _stated) for label in labels}
    grounding = {label: _grounding_ap(results, label) for label in labels}
    detection = {label: _detection_ap(results, label) for label in labels}
    return {
        "macro_f1": round(mean(counts.f1 for counts in listed.values()), 4),
        "report_macro_f1": round(mean(counts.f1 for counts in stated.values()), 4),
        "grounding_map50": _mean_known(grounding),
        "detection_map50": _mean_known(detection),
        "mean_iou": round(
            mean(
                overlap
                for result in results
                for label, true in result.truth.items()
                for overlap in best_ious(result.placed[label], true)
            ),
            4,
        ),
        "parsed": round(
            sum(result.parsed for result in results) / sum(result.asked for result in results), 4
        ),
        **score_figures(results, labels),
        "failed_films": sum(result.reading is None for result in results),
        "seconds_per_film": round(mean(result.seconds for result in results), 3),
        "per_label": {
            label.value: {
                "precision": round(counts.precision, 4),
                "recall": round(counts.recall, 4),
                "f1": round(counts.f1, 4),
                "auroc": _rounded(label_auroc(results, label)),
                "grounding_ap50": _rounded(grounding[label]),
                "detection_ap50": _rounded(detection[label]),
                "n": counts.positives,
            }
            for label, counts in listed.items()
        },
    }


def _counts(
    results: Sequence[FilmResult], label: Label, said: Callable[[FilmResult, Label], bool]
) -> Counts:
    return sum(
        (Counts.of(said=said(result, label), true=label in result.truth) for result in results),
        Counts(),
    )


def _stated(result: FilmResult, label: Label) -> bool:
    report = "" if result.reading is None else result.reading.report.findings
    return any(
        statement.label is label and statement.presence is Presence.PRESENT
        for sentence in sentences(report)
        for statement in statements(sentence)
    )


def _grounding_ap(results: Sequence[FilmResult], label: Label) -> float | None:
    return average_precision(
        Detection(1.0, result.placed[label], result.truth[label])
        for result in results
        if label in result.truth
    )


def _detection_ap(results: Sequence[FilmResult], label: Label) -> float | None:
    return average_precision(
        Detection(*result.found(label), result.truth.get(label, ())) for result in results
    )


def _mean_known(values: dict[Label, float | None]) -> float:
    return round(mean(value for value in values.values() if value is not None), 4)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
