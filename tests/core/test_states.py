"""The state of a study from its films and its review."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.states import FilmState, ReviewState, StudyState, study_state

_films = st.lists(st.sampled_from(FilmState), max_size=6)


@pytest.mark.parametrize(
    ("films", "state"),
    [
        ([], StudyState.NOT_READ),
        ([FilmState.RECEIVED], StudyState.NOT_READ),
        ([FilmState.NOT_READ], StudyState.NOT_READ),
        ([FilmState.QUARANTINED], StudyState.NOT_READ),
        ([FilmState.QUEUED], StudyState.WAITING),
        ([FilmState.READING], StudyState.READING),
        ([FilmState.READ], StudyState.DRAFT_READY),
        ([FilmState.FAILED], StudyState.FAILED),
        ([FilmState.READ, FilmState.RECEIVED], StudyState.DRAFT_READY),
        ([FilmState.READ, FilmState.NOT_READ], StudyState.DRAFT_READY),
        ([FilmState.READ, FilmState.QUARANTINED], StudyState.DRAFT_READY),
        ([FilmState.READ, FilmState.FAILED], StudyState.FAILED),
        ([FilmState.READ, FilmState.QUEUED], StudyState.WAITING),
        ([FilmState.FAILED, FilmState.QUEUED], StudyState.WAITING),
        ([FilmState.QUEUED, FilmState.READING], StudyState.READING),
    ],
)
def test_the_state_of_a_study_that_nobody_reviewed(
    films: list[FilmState], state: StudyState
) -> None:
    assert study_state(films) is state


@given(_films)
def test_a_study_is_ready_only_if_a_film_was_read_and_none_is_open_or_failed(
    films: list[FilmState],
) -> None:
    open_or_failed = {FilmState.QUEUED, FilmState.READING, FilmState.FAILED}
    ready = FilmState.READ in films and not open_or_failed & set(films)
    assert (study_state(films) is StudyState.DRAFT_READY) is ready


@given(_films)
def test_the_order_of_films_does_not_matter(films: list[FilmState]) -> None:
    assert study_state(films) is study_state(reversed(films))


@given(_films, st.sampled_from([review for review in ReviewState if review != ReviewState.NONE]))
def test_a_review_says_what_a_study_is(films: list[FilmState], review: ReviewState) -> None:
    assert study_state(films, review).value == review.value
