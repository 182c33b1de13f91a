"""What may come in by the second AE title: objects of studies that were asked for.

Nothing that arrives there is read by chance: it takes its purpose from the fetch of its study, a
prior for the eyes only, an audit film for a reading in shadow.
"""

from dataclasses import replace
from typing import Final

from pynetdicom import AllStoragePresentationContexts

from core.states import Purpose
from db.engine import Database
from db.fetched import Fetched, retrieval_for
from db.received import ReceivedObject
from gateway.callers import Caller

STORAGE_CLASSES: Final = frozenset(
    str(context.abstract_syntax) for context in AllStoragePresentationContexts
)
"""A study is sent whole: what is no film is kept too, and never read, lest the fetch fail."""
NOBODY_ASKED: Final = "nobody asked for this study"
OTHER_PATIENT: Final = "of another patient than was asked for"


def fetching_caller(caller: Caller) -> Caller:
    """Give what a caller may do at the second title, whatever it may at the first."""
    classes = caller.classes | STORAGE_CLASSES
    return replace(caller, sends=True, classes=classes, accepted=classes)


def fetch_of(db: Database, received: ReceivedObject) -> Fetched | None:
    """Look up which fetch an object came in through; None where nobody asked for its study.

    Raises
    ------
    DatabaseAwayError
        If the fetches cannot be asked.
    """
    with db.read() as session:
        return retrieval_for(session, received.study_uid, received.calling_ae)


def refusal(received: ReceivedObject, fetch: Fetched | None) -> str | None:
    """Give the reason why an object may not come in by the second title; None where it may.

    A prior stands beside a patient's draft: another PatientID or issuer than was asked for is
    refused, as an archive that ignores a query's key would send it.
    """
    if fetch is None:
        return NOBODY_ASKED
    patient = (received.patient.id.strip(), received.patient.issuer.strip())
    if fetch.purpose is Purpose.PRIOR and patient != (fetch.patient_id, fetch.issuer):
        return OTHER_PATIENT
    return None
