"""The score of a label, computed by hand from probabilities of whole answers."""

import math
from collections.abc import Sequence

import pytest

from core.labels import Label
from reader.label_scores import label_scores
from reader.parse_labels import parse_labels
from reader.prompts import classification_answers

EDEMA, FRACTURE, PNEUMONIA = Label.EDEMA, Label.FRACTURE, Label.PNEUMONIA


def logs(lists: dict[tuple[Label, ...], float], texts: Sequence[str]) -> list[float]:
    """Share each list's probability evenly among its wordings, as a model in doubt would."""
    named = [parse_labels(text).labels for text in texts]
    return [math.log(lists.get(labels, 1e-9) / named.count(labels)) for labels in named]


def test_a_score_compares_the_list_with_and_without_the_label() -> None:
    lists = {(EDEMA,): 0.5, (): 0.125, (EDEMA, FRACTURE): 0.25, (EDEMA, PNEUMONIA): 0.05}
    scores = label_scores(
        (EDEMA,),
        (EDEMA, FRACTURE, PNEUMONIA),
        classification_answers,
        lambda texts: logs(lists, texts),
    )
    assert scores == {
        EDEMA: pytest.approx(0.5 / (0.5 + 0.125)),
        FRACTURE: pytest.approx(0.25 / (0.25 + 0.5)),
        PNEUMONIA: pytest.approx(0.05 / (0.05 + 0.5)),
    }


def test_a_model_that_does_not_use_the_trained_words_has_no_scores() -> None:
    assert (
        label_scores(
            (EDEMA,), (EDEMA,), classification_answers, lambda texts: logs({(EDEMA,): 9e-4}, texts)
        )
        == {}
    )
    assert label_scores(
        (EDEMA,), (EDEMA,), classification_answers, lambda texts: logs({(EDEMA,): 2e-3}, texts)
    )


def test_extreme_probabilities_do_not_overflow() -> None:
    def sure(texts: Sequence[str]) -> list[float]:
        return [0.0 if parse_labels(text).labels == () else -5000.0 for text in texts]

    assert label_scores((), (EDEMA,), classification_answers, sure) == {EDEMA: 0.0}


def test_there_are_no_scores_where_family_or_engine_cannot_tell() -> None:
    assert label_scores((), (EDEMA,), lambda _names: (), lambda texts: [0.0] * len(texts)) == {}
    assert label_scores((), (EDEMA,), classification_answers, lambda _texts: None) == {}
