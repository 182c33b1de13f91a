"""The score of a label, computed by hand from probabilities of whole answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from core.labels import Label
from reader.label_scores import label_scores
from reader.parse_labels import parse_labels
from reader.prompts import classification_answers

EDEMA, FRACTURE, PNEUMONIA = Label.EDEMA, Label.FRACTURE, Label.PNEUMONIA


@dataclass(frozen=True)
class Doubting:
    """Shares each list's probability evenly among its wordings, as a model in doubt would."""

    lists: dict[tuple[Label, ...], float]

    def __call__(self, answers: Sequence[str], *, ended: bool) -> list[float]:
        """Score answers; every opening is as likely as any other."""
        if not ended:
            return [0.0] * len(answers)
        named = [parse_labels(text).labels for text in answers]
        return [math.log(self.lists.get(labels, 1e-9) / named.count(labels)) for labels in named]


def test_a_score_compares_the_list_with_and_without_the_label() -> None:
    lists = {(EDEMA,): 0.5, (): 0.125, (EDEMA, FRACTURE): 0.25, (EDEMA, PNEUMONIA): 0.05}
    scores = label_scores(
        (EDEMA,),
        (EDEMA, FRACTURE, PNEUMONIA),
        classification_answers,
        Doubting(lists),
    )
    assert scores == {
        EDEMA: pytest.approx(0.5 / (0.5 + 0.125)),
        FRACTURE: pytest.approx(0.25 / (0.25 + 0.5)),
        PNEUMONIA: pytest.approx(0.05 / (0.05 + 0.5)),
    }


def test_a_model_that_does_not_use_the_trained_words_has_no_scores() -> None:
    assert (
        label_scores((EDEMA,), (EDEMA,), classification_answers, Doubting({(EDEMA,): 9e-4})) == {}
    )
    assert label_scores((EDEMA,), (EDEMA,), classification_answers, Doubting({(EDEMA,): 2e-3}))


def test_extreme_probabilities_do_not_overflow() -> None:
    def sure(answers: Sequence[str], *, ended: bool) -> list[float]:
        if not ended:
            return [0.0] * len(answers)
        return [0.0 if parse_labels(text).labels == () else -5000.0 for text in answers]

    assert label_scores((), (EDEMA,), classification_answers, sure) == {EDEMA: 0.0}


def test_there_are_no_scores_where_family_or_engine_cannot_tell() -> None:
    def cannot(answers: Sequence[str], *, ended: bool) -> None:  # noqa: ARG001 - the interface
        return None

    def sure(answers: Sequence[str], *, ended: bool) -> list[float]:  # noqa: ARG001 - likewise
        return [0.0] * len(answers)

    assert label_scores((), (EDEMA,), lambda _names: (), sure) == {}
    assert label_scores((), (EDEMA,), classification_answers, cannot) == {}


def test_a_wording_that_hardly_begins_is_not_asked_for_and_changes_nothing() -> None:
    asked: list[str] = []

    def habit(answers: Sequence[str], *, ended: bool) -> list[float]:
        """Say mostly the first wording of each kind, and each list as likely as it is long."""
        usual = ("The following abnormalit", "There are no findings")
        logs = [0.0 if text.startswith(usual) else math.log(1e-5) for text in answers]
        if ended:
            asked.extend(answers)
            logs = [log - 0.1 * len(text) for log, text in zip(logs, answers, strict=True)]
        return logs

    scores = label_scores((EDEMA,), (EDEMA, FRACTURE), classification_answers, habit)
    assert asked
    assert all(text.startswith(("The following", "There are no findings")) for text in asked)
    one = "The following abnormality is present: edema."
    two = "The following abnormalities are present: edema and fracture."
    three = "The following abnormalities are identified: edema and fracture."
    both = math.exp(-0.1 * len(two)) + math.exp(-0.1 * len(three))
    assert scores[FRACTURE] == pytest.approx(both / (both + math.exp(-0.1 * len(one))))
