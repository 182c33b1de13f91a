"""The areas under the curves of a few films, counted by hand."""

from core.labels import Label
from core.reading import Box, DraftReport, Flag, ModelIdentity, Presence, Reading
from evaluation.film_result import FilmResult
from evaluation.score_figures import label_auroc, score_figures, score_rows

EDEMA, FRACTURE = Label.EDEMA, Label.FRACTURE
OTHERS = (Label.PNEUMONIA, Label.PNEUMOTHORAX, Label.CONSOLIDATION, Label.ATELECTASIS)
IDENTITY = ModelIdentity("radvlm", "hand", "1", "0", "float32", "cpu", "p", "none", "tests")


def film(truth: tuple[Label, ...], **scores: float | None) -> FilmResult:
    flags = tuple(
        Flag(Label[name.upper()], Presence.ABSENT, score) for name, score in scores.items()
    )
    reading = Reading("r", IDENTITY, flags, (), DraftReport("x"))
    box = (Box(0, 0, 1, 1),)
    return FilmResult(reading, dict.fromkeys(truth, box), {}, asked=1, parsed=1, seconds=1.0)


FILMS = (
    film((EDEMA,), edema=0.6, fracture=0.1),
    film((), edema=0.2, fracture=0.3),
    # A score that falls because another finding is there: below the film with a fracture alone.
    film((EDEMA, FRACTURE), edema=0.3, fracture=0.9),
    film((FRACTURE,), edema=0.5, fracture=0.8),
    FilmResult(None, {EDEMA: ()}, {}, asked=1, parsed=0, seconds=1.0),
)


def test_a_label_s_area_over_all_films_and_by_number_of_other_findings() -> None:
    assert label_auroc(FILMS, EDEMA) == 0.75
    assert label_auroc(FILMS, EDEMA, 0) == 1.0
    assert label_auroc(FILMS, EDEMA, 1) == 0.0
    assert label_auroc(FILMS, EDEMA, 2) is None


def test_the_figures_are_means_over_labels_with_films_of_both_kinds() -> None:
    assert score_figures(FILMS, [EDEMA, FRACTURE, Label.PNEUMONIA]) == {
        "macro_auroc": round((0.75 + 1.0) / 2, 4),
        "auroc_by_other_findings": {
            "0": {"auroc": 1.0, "labels": 2},
            "1": {"auroc": 0.5, "labels": 2},
            "2": {"auroc": None, "labels": 0},
            "3+": {"auroc": None, "labels": 0},
        },
        # The failed film has none of three scores, the other four have none of pneumonia.
        "unscored": 3 + 4,
    }


def test_three_other_findings_and_more_are_one_group() -> None:
    films = (film((EDEMA, *OTHERS[:3]), edema=0.9), film(OTHERS, edema=0.1))
    assert label_auroc(films, EDEMA, 3) == 1.0


def test_rows_for_a_calibration_hold_scores_and_truth() -> None:
    assert score_rows(FILMS[0], [EDEMA, FRACTURE, Label.PNEUMONIA]) == [
        {"label": "edema", "score": 0.6, "present": True},
        {"label": "fracture", "score": 0.1, "present": False},
    ]
    assert score_rows(FILMS[4], [EDEMA]) == []
