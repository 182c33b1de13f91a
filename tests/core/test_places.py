"""Where studies stand: nothing without an answer is among the drafts, whatever else is true."""

import itertools

import pytest

from core.places import Place, place_of
from core.states import StudyState

REVIEWED = {StudyState.ACCEPTED, StudyState.EDITED, StudyState.REJECTED}


@pytest.mark.parametrize(
    ("state", "listed", "answered", "signed"),
    list(itertools.product(StudyState, (False, True), (False, True), (False, True))),
)
def test_each_study_stands_in_its_place(
    state: StudyState, *, listed: bool, answered: bool, signed: bool
) -> None:
    place = place_of(state, listed=listed, answered=answered, signed=signed)
    assert (place is Place.NOWHERE) is not listed
    if listed:
        assert (place is Place.DONE) is (signed or state in REVIEWED)
        waits = not signed and state not in REVIEWED
        ready = state is StudyState.DRAFT_READY and answered
        assert (place is Place.DRAFTS) is (waits and ready)
        assert (place is Place.NO_RESULT) is (waits and not ready)
