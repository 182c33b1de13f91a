"""Where in the worklist a study stands: the one rule by which a missing answer gets its own place.

A study is among the drafts only if each of its films that was to be read has a whole answer that
may be shown; whatever else is there of it, it stands under "no AI result" until a person or another
system has reported it.
"""

from enum import StrEnum

from core.states import StudyState


class Place(StrEnum):
    """A part of the worklist; a study stands in one of them at a time."""

    NOWHERE = "nowhere"
    """It is none of today's: nothing of it was ever to be read."""
    DRAFTS = "drafts"
    """A draft waits for a person."""
    NO_RESULT = "no_result"
    """It waits, is being read, failed, was not read, or was read in shadow."""
    DONE = "done"
    """A person said what becomes of each draft, or another system has a signed report."""


_REVIEWED = frozenset({StudyState.ACCEPTED, StudyState.EDITED, StudyState.REJECTED})


def place_of(state: StudyState, *, listed: bool, answered: bool, signed: bool) -> Place:
    """Give a study's place.

    Parameters
    ----------
    state
        Its state.
    listed
        Whether anything of it was ever to be read.
    answered
        Whether each film that was read has a whole reading that may be shown, and there is one.
    signed
        Whether a signed report of it is known.
    """
    if not listed:
        return Place.NOWHERE
    if signed or state in _REVIEWED:
        return Place.DONE
    if state is StudyState.DRAFT_READY and answered:
        return Place.DRAFTS
    return Place.NO_RESULT
