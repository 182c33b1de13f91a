"""How well a model's scores part the films with a label from those without it.

- `macro_auroc`: area under the receiver operating characteristic of each label's scores, averaged
  over the labels for which there are films of both kinds.
- `auroc_by_other_findings`: the same among the films that have exactly so many other labels beside
  the one that is scored, so that a score which falls because another finding is there shows. Each
  entry tells how many labels it is the mean of: small groups have films of both kinds for few.
- `unscored`: number of scores that are missing, because the reading failed or the model gave none.
  They are no part of the figures above.
"""

from collections.abc import Sequence
from typing import Any, Final

from core.labels import Label
from evaluation.film_result import FilmResult
from evaluation.metrics import auroc, mean

_MANY: Final = 3
"""Films with this many other findings or more are one group."""


def score_figures(results: Sequence[FilmResult], labels: Sequence[Label]) -> dict[str, Any]:
    """Give the figures of the scores; see the module.

    Parameters
    ----------
    results
        The films.
    labels
        The labels that are scored.
    """
    return {
        "macro_auroc": _macro(results, labels)["auroc"],
        "auroc_by_other_findings": {
            f"{others}+" if others == _MANY else str(others): _macro(results, labels, others)
            for others in range(_MANY + 1)
        },
        "unscored": sum(result.score(label) is None for result in results for label in labels),
    }


def score_rows(result: FilmResult, labels: Sequence[Label]) -> list[dict[str, Any]]:
    """Give a film's scores beside the truth, as `evaluation.calibrate` reads them."""
    return [
        {"label": label.value, "score": score, "present": label in result.truth}
        for label in labels
        if (score := result.score(label)) is not None
    ]


def label_auroc(
    results: Sequence[FilmResult], label: Label, others: int | None = None
) -> float | None:
    """Give the area under a label's curve.

    Parameters
    ----------
    results
        The films; those without a score of the label are left out.
    label
        What is scored.
    others
        Number of true labels beside it on the films that count; None for all films.

    Returns
    -------
    float or None
        In [0, 1]; None where the films are all of one kind.
    """
    scores: dict[bool, list[float]] = {True: [], False: []}
    for result in results:
        score = result.score(label)
        if score is not None and others in {None, _others(result, label)}:
            scores[label in result.truth].append(score)
    return auroc(scores[True], scores[False])


def _macro(
    results: Sequence[FilmResult], labels: Sequence[Label], others: int | None = None
) -> dict[str, float | int | None]:
    known = [area for label in labels if (area := label_auroc(results, label, others)) is not None]
    return {"auroc": round(mean(known), 4) if known else None, "labels": len(known)}


def _others(result: FilmResult, label: Label) -> int:
    return min(_MANY, len(result.truth.keys() - {label}))
