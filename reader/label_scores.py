"""The model's own probability of each label.

The definition. Let S be the labels that the model listed. For a label L, compare two answers to
the classification question: the one that lists S with L, and the one that lists S without L, all
other labels kept::

    score(L) = P(S with L) / (P(S with L) + P(S without L))

P of a list is the model's probability of answering exactly that list: the sum over the wordings
that it was trained on (`label_answers` of its family), each the product of its tokens'
probabilities, the end of the turn included. The answers are teacher-forced, so nothing is sampled;
labels are listed in the order of `core.labels.Label`, as in training. A wording is
left out whose opening words, up to the first label, are a thousand times less likely than those
of another wording for as many labels: it can add no more than that share.

So the score is the probability of the label given the film and the rest of the answer, among
answers in trained words. It is not calibrated: how often a score of 0.8 is right, only films with
a known truth can tell.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from core.labels import Label

_SEVERAL: Final = 2


class LogProbabilities(Protocol):
    """Gives the logarithm of each answer's probability; None where an engine cannot tell."""

    def __call__(self, answers: Sequence[str], *, ended: bool) -> Sequence[float] | None:
        """Score whole answers, or beginnings."""


_LEAST_KNOWN: Final = math.log(1e-3)
"""Least probability of the model's own list: a model that hardly ever uses the trained words for
what it just said says nothing by their ratios either."""


def label_scores(
    listed: Sequence[Label],
    labels: Sequence[Label],
    wordings_of: Callable[[Sequence[str]], Sequence[str]],
    log_probabilities: LogProbabilities,
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
        As that of `reader.engines.film.Film`, for the classification's question.

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
    logs = _logs(_likely(wordings, log_probabilities), log_probabilities, ended=True)
    if not logs:
        return {}
    known = {
        names: _log_sum([logs.get(text, -math.inf) for text in texts])
        for names, texts in wordings.items()
    }
    if known[chosen] < _LEAST_KNOWN:
        return {}
    return {label: _share(known[chosen | {label}], known[chosen - {label}]) for label in labels}


def _logs(
    texts: Sequence[str], log_probabilities: LogProbabilities, *, ended: bool
) -> dict[str, float]:
    values = log_probabilities(texts, ended=ended) if texts else None
    return {} if values is None else dict(zip(texts, values, strict=True))


def _likely(
    wordings: Mapping[frozenset[Label], Sequence[str]], log_probabilities: LogProbabilities
) -> list[str]:
    """Leave out wordings that hardly begin; a list of one label has others than one of several."""
    openings = {
        text: (_opening(text, names), min(len(names), _SEVERAL))
        for names, texts in wordings.items()
        for text in texts
    }
    beginnings = sorted({opening for opening, _ in openings.values()})
    opened = _logs(beginnings, log_probabilities, ended=False)
    best = {
        count: max(opened.get(opening, 0.0) for opening, kind in openings.values() if kind == count)
        for _, count in openings.values()
    }
    return [
        text
        for text, (opening, count) in openings.items()
        if opened.get(opening, 0.0) >= best[count] + _LEAST_KNOWN
    ]


def _opening(text: str, names: frozenset[Label]) -> str:
    """Give a wording up to the first label that it lists; all of it where it lists none."""
    places = [text.index(label.value) for label in names]
    return text[: min(places)].rstrip() if places else text


def _ordered(labels: frozenset[Label]) -> list[str]:
    return [label.value for label in Label if label in labels]


def _log_sum(logs: Sequence[float]) -> float:
    highest = max(logs)
    if highest == -math.inf:
        return highest
    return highest + math.log(sum(math.exp(log - highest) for log in logs))


def _share(with_label: float, without: float) -> float:
    """Give e^a / (e^a + e^b) without overflow."""
    highest = max(with_label, without)
    if highest == -math.inf:
        return 0.0
    a, b = math.exp(with_label - highest), math.exp(without - highest)
    return a / (a + b)
