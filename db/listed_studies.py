"""A study as the reading room's worklist shows it."""

from dataclasses import dataclass, field
from datetime import datetime

from core.labels import Label
from core.places import Place
from core.reading import Presence
from core.states import FilmState, ReviewState, StudyState
from core.triage import Tier
from db.openings import OpenedBy


@dataclass(frozen=True, slots=True)
class ListedFlag:
    """A label that some reading of a study calls present, or else uncertain."""

    label: Label
    presence: Presence


@dataclass(frozen=True, slots=True)
class ListedPatient:
    """Whose a study is, and as what it was ordered.

    Parameters
    ----------
    name, patient_id, birth_date, sex, accession, description
        As last told, in DICOM's writing.
    """

    name: str
    patient_id: str
    birth_date: str
    sex: str
    accession: str
    description: str


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """A study as the reading room's worklist shows it.

    Of one that the person who looks may not open, it says where it stands and when it came in, so
    that nothing that waits is overlooked; the rest is None, empty or False.

    Parameters
    ----------
    study_id, uid
        Which.
    patient
        Whose; None where the person who looks may not open it.
    place, state, review, tier
        Where it stands.
    waited
        Whether it rose to the top because it had waited for so long.
    acquired_at, received_at
        When it was taken (None: unknown), and when its first object came in.
    views
        Of its films that were to be read, each once.
    films
        States of its films of today.
    reasons
        Why there is no result, or not of every film.
    flags
        The union over its films and their readings. An empty one says nothing of a study without an
        answer.
    answered
        Whether each of its films that is read at all has a whole reading that may be shown.
    later
        Whether a reading was made after a person had accepted or edited the film's draft.
    demo
        Whether a reading is the demonstration model's.
    signed
        Whether a signed report of it is known.
    opened_at
        When somebody first opened it; None where nobody did.
    unseen_since
        Since when a positive flag waits for somebody to open it.
    opened_by
        Who has it open now.
    """

    study_id: int
    uid: str
    place: Place
    state: StudyState
    review: ReviewState
    tier: Tier
    waited: bool
    received_at: datetime
    answered: bool
    patient: ListedPatient | None = field(default=None, repr=False)
    acquired_at: datetime | None = None
    views: tuple[str, ...] = ()
    films: tuple[FilmState, ...] = ()
    reasons: tuple[str, ...] = ()
    flags: tuple[ListedFlag, ...] = ()
    later: bool = False
    demo: bool = False
    signed: bool = False
    opened_at: datetime | None = None
    unseen_since: datetime | None = None
    opened_by: tuple[OpenedBy, ...] = ()
