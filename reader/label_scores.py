"""The model's own probability of each label.

The definition. Let S be the labels that the model listed. For a label L, compare two answers to
the classification question: the one that lists S with L, and the one that lists S without L, all
other labels kept::

    score(L) = P(S with L) / (P(S with L) + P(S without L))

P of a list is the model's probability of answering exactly that list: the sum over the wordings
that it was trained on (`label_answers` of its family), each the product of its tokens'
probabilities, the end of the turn included. The answers are teacher-forced, so nothing is sampled;
labels are listed in the order of `core.labels.Label`, as in training.

So the score is the probability of the label given the film and the rest of the answer, among
answers in trained words. It is not calibrated: how often a score of 0.8 is right, only films with
a known truth can tell.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

from core.labels import Label

_LEAST_KNOWN: Final = math.log(1e-3)
"""Least probability of the model's own list: a model that hardly ever uses the trained words for
what it just said says nothing by their ratios either."""


def label_scores(
    listed: Sequence[Label],
    labels: Sequence[Label],
    wordings_of: Callable[[Sequence[str]], Sequence[str]],
    log_probabilities: Callable[[Sequence[str]], Sequence[float] | None],
) -> dict[Label, float]:
    """Score labels after the model's answer.

    Parameters
    ----------
    listed
        The labels that the model listed: S.
    labels
        The labels to be scored.
    wordings_of
        Gives every trained wording of the answer that lists some labels; none where the family
        has no fixed words for it.
    log_probabilities
        Gives the natural logarithm of the probability of each of some whole answers; None where
        the engine cannot tell.

    Returns
    -------
    dict of Label to float
        Scores in [0, 1]; empty where nothing is known, because family or engine cannot tell or
        the model holds its own list in the trained words for less likely than 1 in 1000.
    """
    chosen = frozenset(listed)
    lists = {chosen} | {chosen ^ {label} for label in labels}
    wordings = {names: wordings_of(_ordered(names)) for names in lists}
    if not all(wordings.values()):
        return {}
    flat = [text for texts in wordings.values() for text in texts]
    values = log_probabilities(flat)
    if values is None:
        return {}
    logs = dict(zip(flat, values, strict=True))
    known = {names: _log_sum([logs[text] for text in texts]) for names, texts in wordings.items()}
    if known[chosen] < _LEAST_KNOWN:
        return {}
    return {label: _share(known[chosen | {label}], known[chosen - {label}]) for label in labels}


def _ordered(labels: frozenset[Label]) -> list[str]:
    return [label.value for label in Label if label in labels]


def _log_sum(logs: Sequence[float]) -> float:
    highest = max(logs)
    return highest + math.log(sum(math.exp(log - highest) for log in logs))


def _share(with_label: float, without: float) -> float:
    """Give e^a / (e^a + e^b) without overflow."""
    highest = max(with_label, without)
    a, b = math.exp(with_label - highest), math.exp(without - highest)
    return a / (a + b)
