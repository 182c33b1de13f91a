"""Who lies in the reading room: made-up patients, what their films show, and how far each one is.

The names are made up, and their films are phantoms.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from training.phantom import View


class Stand(StrEnum):
    """How far a study is."""

    DRAFT = "draft"
    ACCEPTED = "accepted"
    EDITED = "edited"
    WAITING = "waiting"
    READING = "reading"
    FLAGGED = "flagged"
    """Being read, its flags known and its report not."""
    FAILED = "failed"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Patient:
    """One study of one patient.

    Parameters
    ----------
    name
        DICOM person name.
    sex, birth_date
        As DICOM writes them.
    findings
        Labels that the film shows.
    minutes
        Age of the study.
    stand
        How far it is.
    view
        Of its film.
    lateral
        Whether a lateral film came with it.
    prior_days
        How long before an earlier film was taken; 0 for no earlier film.
    long_side
        Pixels of the film's longer side.
    photometric
        `MONOCHROME1` or `MONOCHROME2`.
    indication
        Why the film was asked for.
    """

    name: str
    sex: str
    birth_date: str
    findings: tuple[str, ...]
    minutes: int
    stand: Stand = Stand.DRAFT
    view: View = View.PA
    lateral: bool = False
    prior_days: int = 0
    long_side: int = 1536
    photometric: str = "MONOCHROME2"
    indication: str = ""


CAST: Final = (
    Patient(
        "Marsh^Edith",
        "F",
        "19480312",
        ("pneumothorax", "support devices"),
        38,
        prior_days=3,
        long_side=2048,
        indication="Chest drain placed; position?",
    ),
    Patient(
        "Okafor^Daniel",
        "M",
        "19710922",
        ("pleural effusion", "cardiomegaly", "edema"),
        64,
        prior_days=190,
        indication="Dyspnoea, oedema of both legs",
    ),
    Patient(
        "Lindqvist^Maja",
        "F",
        "19900405",
        ("consolidation",),
        21,
        lateral=True,
        photometric="MONOCHROME1",
        indication="Fever and cough for five days",
    ),
    Patient("Haddad^Samir", "M", "19550718", (), 92, lateral=True, indication="Before surgery"),
    Patient(
        "Kowalska^Anna",
        "F",
        "19620130",
        ("lung lesion",),
        133,
        long_side=2500,
        indication="Weight loss",
    ),
    Patient("Tran^Bao", "M", "19831111", ("fracture",), 17, indication="Fall from a ladder"),
    Patient(
        "Petrov^Ivan",
        "M",
        "19391224",
        ("atelectasis", "support devices"),
        47,
        view=View.AP,
        long_side=1280,
        indication="Intensive care, day 3",
    ),
    Patient("Santos^Lucia", "F", "20010514", (), 12, Stand.ACCEPTED),
    Patient("Meyer^Jonas", "M", "19680808", ("pleural effusion",), 205, Stand.EDITED),
    Patient("Yamada^Keiko", "F", "19770619", ("consolidation",), 6, Stand.FLAGGED),
    Patient("Dubois^Claire", "F", "19510927", (), 4, Stand.WAITING, long_side=1024),
    Patient("Nowak^Piotr", "M", "19940203", (), 3, Stand.READING, long_side=1024),
    Patient("Ferrari^Gino", "M", "19460106", ("edema",), 55, Stand.FAILED, long_side=1024),
    Patient("Jensen^Ida", "F", "19590801", (), 3000, Stand.NOT_READ, long_side=1024),
)
