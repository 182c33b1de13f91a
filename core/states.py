"""The states of films, studies, jobs and deliveries, stored by value.

`study_state` is the one place where a study's state is made from its films and its review,
so that no page and no worklist can invent another rule.
"""

from collections.abc import Iterable
from enum import StrEnum


class FilmState(StrEnum):
    """The state of one instance."""

    RECEIVED = "received"
    """Stored, and nothing of it is to be read (an SR of a whole-study route)."""
    QUEUED = "queued"
    READING = "reading"
    READ = "read"
    NOT_READ = "not_read"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class ReviewState(StrEnum):
    """What the radiologist said of a study's draft."""

    NONE = "none"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


class StudyState(StrEnum):
    """The state of a study as the worklist shows it."""

    WAITING = "waiting"
    READING = "reading"
    DRAFT_READY = "draft_ready"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"
    NOT_READ = "not_read"
    FAILED = "failed"


class JobKind(StrEnum):
    """The kinds of queued work."""

    DRAFT = "draft"
    PUBLISH = "publish"
    DELIVER = "deliver"
    COMMIT = "commit"
    CHAT = "chat"
    ECHO = "echo"
    RETRIEVE = "retrieve"
    RELEASE = "release"
    """An object that was kept aside is taken in after all."""


class JobState(StrEnum):
    """The state of one job."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Called off by an administrator."""


class DeliveryState(StrEnum):
    """The state of one result object on its way to one peer."""

    WAITING = "waiting"
    SENT = "sent"
    """The peer answered success for this very instance."""
    FAILED = "failed"
    HELD = "held"
    """Not to be sent while a rule holds it back (a demo model's result at a real peer)."""
    OBSOLETE = "obsolete"
    """Superseded before it left."""
    COMMITTED = "committed"
    """The peer took responsibility for keeping it, or was found to have it afterwards."""
    REHEARSED = "rehearsed"
    """Built and not sent, since its peer was in a dry run."""


STORED_STATES = (DeliveryState.SENT, DeliveryState.COMMITTED)
"""The states of a delivery whose peer said that it stored the object."""


class SendingMode(StrEnum):
    """What becomes of results for a peer."""

    SEND = "send"
    PAUSE = "pause"
    """Nothing is sent; what is due waits."""
    DRAIN = "drain"
    """What waited when it began is sent; what is built afterwards waits."""
    DRY_RUN = "dry_run"
    """Everything is done but the sending itself."""


class CommitmentWay(StrEnum):
    """How a peer is asked whether it keeps what it said it stored."""

    NONE = "none"
    ASK = "ask"
    """Storage commitment, N-ACTION and N-EVENT-REPORT (PS3.4 annex J)."""
    FIND = "find"
    """C-FIND at the level of images (PS3.4 annex C)."""


class CommitmentState(StrEnum):
    """The state of one request for storage commitment."""

    ASKED = "asked"
    ANSWERED = "answered"
    """Every instance was answered for, each one committed or failed."""
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    """The peer did not take the request itself."""


class ResultKind(StrEnum):
    """The kinds of result objects."""

    FINDINGS_SR = "findings_sr"
    """TID 1500 Comprehensive 3D SR."""
    REPORT_SR = "report_sr"
    """TID 2000 Enhanced SR."""
    GSPS = "gsps"
    """Marks over the film, Grayscale Softcopy Presentation State."""
    SECONDARY_CAPTURE = "secondary_capture"
    """The film with its marks burned in."""
    KEY_OBJECTS = "key_objects"
    """Key Object Selection "Of Interest"."""
    PDF = "pdf"
    """Encapsulated PDF of one page."""
    ORU = "oru"
    """HL7 v2 message; no DICOM object."""
    REJECTION = "rejection"
    """IOCM Rejection Note (a Key Object Selection) that retracts results of ours."""


DRAFT_KINDS = (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR, ResultKind.GSPS)
"""What a DICOM peer gets of a draft unless its row says otherwise."""
EXTRA_KINDS = (ResultKind.SECONDARY_CAPTURE, ResultKind.KEY_OBJECTS, ResultKind.PDF)
"""What it gets only where its row says so."""
REVIEWED_KINDS = (ResultKind.REPORT_SR, ResultKind.PDF, ResultKind.ORU)
"""What is made anew of a version that a person accepted or wrote; the rest stays the model's."""


class Purpose(StrEnum):
    """Why an instance came in."""

    READ = "read"
    PRIOR = "prior"
    AUDIT = "audit"


_REVIEWED = {
    ReviewState.ACCEPTED: StudyState.ACCEPTED,
    ReviewState.EDITED: StudyState.EDITED,
    ReviewState.REJECTED: StudyState.REJECTED,
}


def study_state(films: Iterable[FilmState], review: ReviewState = ReviewState.NONE) -> StudyState:
    """Give the state of a study from the states of its films and its review.

    A film that is still on its way keeps the study in `waiting` or `reading`; a failed film
    shows as `failed` even where another film of the study was read, since a missing answer must
    never look like a complete one. Quarantined objects say nothing of the study's own films.

    Parameters
    ----------
    films
        The states of all instances of the study.
    review
        What the radiologist said.

    Returns
    -------
    StudyState
        The study's state; `not_read` where no film was to be read.
    """
    if review in _REVIEWED:
        return _REVIEWED[review]
    states = set(films)
    if FilmState.READING in states:
        return StudyState.READING
    if FilmState.QUEUED in states:
        return StudyState.WAITING
    if FilmState.FAILED in states:
        return StudyState.FAILED
    if FilmState.READ in states:
        return StudyState.DRAFT_READY
    return StudyState.NOT_READ


class Verdict(StrEnum):
    """What a person says of one finding."""

    RIGHT = "right"
    WRONG = "wrong"
    MOVED = "moved"
    """It is there, in another place."""
    MISSED = "missed"
    """The model did not say it."""


class TurnState(StrEnum):
    """The state of one turn of a conversation about a film."""

    WAITING = "waiting"
    ANSWERING = "answering"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Whoever asked wants no answer any more."""


class TurnEventKind(StrEnum):
    """What one event of an answer that is being written is."""

    BEGIN = "begin"
    """An answer begins; what an earlier attempt wrote is void."""
    TEXT = "text"
    """The next piece of its words."""
    END = "end"
    """It is whole: nothing follows."""
    FAILED = "failed"
    """There is no answer, and why: nothing follows."""
    CANCELLED = "cancelled"
    """It is not wanted any more: nothing follows."""


class Standing(StrEnum):
    """What an administrator lets a model's readings be used for."""

    SHADOW = "shadow"
    """Stored, and neither shown to radiologists nor delivered nor flagged."""
    RESEARCH = "research"
    """Shown and delivered, marked as research use."""
    AUTHORISED = "authorised"
    """Shown and delivered under the site's authorisation."""


class QuarantineDecision(StrEnum):
    """What an administrator decided about an object that was kept aside."""

    RELEASED = "released"
    DISCARDED = "discarded"
