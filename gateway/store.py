"""One object from its complete file to its answer, by whichever door it came.

`StoreStatus.SUCCESS` is answered only once the file is durable and its row is committed. An
intact object that belongs nowhere for the moment (other content under a known UID, another
patient in a known study, more pixels than allowed, a rejection note that names nothing of its own
study) is kept aside and answered with success too: it is safe, a person decides, and a refusal
would make the sender's route try for ever. One that cannot be understood is kept aside and refused,
so that the sender knows as well.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydicom.dataset import Dataset

from core.clock import now
from core.errors import DatabaseAwayError, StorageFullError, UnreadableObjectError
from core.settings import Settings
from core.states import Purpose
from core.uids import only_uid
from db.engine import Database
from db.intake import take_in
from db.policies import PolicyBook
from db.quarantine import set_aside
from db.received import IntakeKind, IntakeOutcome, ReceivedObject
from db.spool import Spool
from gateway.callers import Caller
from gateway.documents import DocumentFacts, document_facts, told
from gateway.eligibility import decide
from gateway.given import given_of
from gateway.headers import received_object, text
from gateway.incoming import IncomingFile
from gateway.own import is_own_result
from gateway.second_title import fetch_of, refusal
from gateway.size import refuse_huge
from gateway.statuses import StoreStatus
from gateway.view import named_view
from imaging.content import same_content
from imaging.header import read_header
from imaging.remains import has_content

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StoreCommand:
    """What the command of a C-STORE says of its data set.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid
        The Affected SOP UIDs.
    context_class_uid
        The abstract syntax of the presentation context that it used.
    """

    sop_class_uid: str
    sop_instance_uid: str
    context_class_uid: str


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """One object on its way in, by whichever door.

    Parameters
    ----------
    incoming
        Its file; None where a C-STORE had no data set.
    caller
        Who sent it.
    called_ae
        Whom it was sent to.
    command
        The C-STORE's; None where it came in by another door, and speaks for itself alone.
    released
        Whether it lay in quarantine, and an administrator wants it taken in.
    """

    incoming: IncomingFile | None
    caller: Caller
    called_ae: str
    command: StoreCommand | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an object is answered with; doors other than C-STORE translate it.

    Parameters
    ----------
    status
        The DIMSE status.
    comment
        Error Comment (0000,0902): at most 64 characters, and never a value of the data set.
    outcome
        What was made of it; None where it was refused or dropped, and nothing was kept.
    """

    status: StoreStatus
    comment: str = ""
    outcome: IntakeOutcome | None = None


class Receiver:
    """Takes objects in; safe to share between associations and doors.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where objects are kept.
    ring
        Called after each commit that left something to be read.
    """

    def __init__(
        self, settings: Settings, db: Database, spool: Spool, ring: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._db = db
        self._spool = spool
        self._ring = ring
        self._policies = PolicyBook(db)
        self._zone = ZoneInfo(settings.site.timezone)
        # Since the start; an iterator counts without a lock.
        self._dropped = itertools.count(1)
        self._unasked = itertools.count(1)

    def answer(self, request: StoreRequest) -> Answer:
        """Keep an object, or say why not; never raises."""
        log = _log.bind(calling_ae=request.caller.ae_title)
        if request.command is not None:
            log = log.bind(sop_instance_uid=only_uid(request.command.sop_instance_uid))
        try:
            answer = self._store(request)
        except StorageFullError:
            answer = Answer(StoreStatus.OUT_OF_RESOURCES, "the disk passed its mark")
        except DatabaseAwayError:
            answer = Answer(StoreStatus.OUT_OF_RESOURCES, "the database is away")
        except OSError as error:
            log.warning("store_failed", error=type(error).__name__, errno=error.errno)
            answer = Answer(StoreStatus.OUT_OF_RESOURCES, "the file could not be kept")
        except Exception as error:  # noqa: BLE001 - whatever happens, the sender gets an answer
            log.error("store_crashed", error=type(error).__name__)  # noqa: TRY400 - values of the object may stand in the traceback
            answer = Answer(StoreStatus.PROCESSING_FAILURE, "internal error")
        if answer.status is not StoreStatus.SUCCESS:
            log.warning("store_refused", status=f"0x{answer.status:04X}", reason=answer.comment)
        return answer

    def _store(self, request: StoreRequest) -> Answer:
        if not request.caller.sends:
            return Answer(StoreStatus.NOT_AUTHORISED, "this AE title is not set to send films")
        command = request.command
        if command is not None and command.sop_class_uid != command.context_class_uid:
            return Answer(StoreStatus.CLASS_NOT_SUPPORTED, "not the negotiated SOP class")
        if request.incoming is None:
            return Answer(StoreStatus.NOT_UNDERSTOOD, "no data set")
        request.incoming.finish()
        if request.incoming.error is not None:
            raise request.incoming.error
        return self._keep(request, request.incoming.path)

    def _keep(self, request: StoreRequest, path: Path) -> Answer:
        try:
            header = read_header(path)
        except UnreadableObjectError as error:
            return self._refuse(request, path, StoreStatus.NOT_UNDERSTOOD, str(error))
        facts = document_facts(header, self._zone)
        answer = self._not_to_be_kept(request, header, facts)
        if answer is not None:
            return answer
        try:
            received = received_object(
                header,
                path,
                calling_ae=request.caller.ae_title,
                called_ae=request.called_ae,
                zone=self._zone,
            )
        except UnreadableObjectError as error:
            return self._refuse(request, path, StoreStatus.BAD_IDENTIFIER, str(error))
        received = replace(
            told(received, facts),
            given=given_of(header),
            view=named_view(header),
            released=request.released,
        )
        if request.called_ae != self._settings.gateway.retrieval_ae_title.strip():
            return self._take_in(request, header, received, facts)
        return self._fetched(request, header, received, facts)

    def _fetched(
        self,
        request: StoreRequest,
        header: Dataset,
        received: ReceivedObject,
        facts: DocumentFacts,
    ) -> Answer:
        """Take in what came by the second AE title, if somebody asked for it."""
        fetch = fetch_of(self._db, received)
        reason = refusal(received, fetch)
        if fetch is None or reason is not None:
            _log.warning("not_asked_for", calling_ae=received.calling_ae, count=next(self._unasked))
            return Answer(StoreStatus.NOT_AUTHORISED, reason or "")
        meant = replace(received, purpose=fetch.purpose, retrieval_id=fetch.retrieval_id)
        return self._take_in(request, header, meant, facts)

    def _not_to_be_kept(
        self, request: StoreRequest, header: Dataset, facts: DocumentFacts
    ) -> Answer | None:
        """Answer what is not to be kept; None where the object is."""
        sop_class, uid = text(header, "SOPClassUID"), text(header, "SOPInstanceUID")
        command = request.command
        if command is not None and sop_class != command.sop_class_uid:
            return Answer(StoreStatus.CLASS_MISMATCH, "SOP class of data set and command differ")
        if command is not None and uid != command.sop_instance_uid:
            return Answer(StoreStatus.INSTANCE_MISMATCH, "UID of data set and command differ")
        if is_own_result(self._db, header):
            shown = only_uid(uid)
            _log.info("own_result_dropped", sop_instance_uid=shown, count=next(self._dropped))
            return Answer(StoreStatus.SUCCESS)
        if sop_class not in request.caller.accepted and not facts.matters:
            return Answer(StoreStatus.CLASS_NOT_SUPPORTED, "class not accepted from this AE title")
        return None

    def _take_in(
        self,
        request: StoreRequest,
        header: Dataset,
        received: ReceivedObject,
        facts: DocumentFacts,
    ) -> Answer:
        if facts.idle is not None:
            outcome = self._set_aside(
                request,
                received.temporary,
                facts.idle.reason,
                uid=received.sop_instance_uid,
                study_uid=facts.idle.study_uid,
            )
            return self._success(received, outcome)
        huge = refuse_huge(header, self._settings.gateway.maximum_pixels)
        if huge is not None:
            outcome = self._set_aside(
                request,
                received.temporary,
                huge,
                uid=received.sop_instance_uid,
                study_uid=received.study_uid,
            )
            return self._success(received, outcome)
        decision = decide(
            header,
            self._policies.current(),
            # What was fetched is old by its nature; whether it is too old is for today's films.
            now() if received.purpose is Purpose.READ else None,
            zone=self._zone,
            calling_ae=received.calling_ae,
            called_ae=received.called_ae,
        )
        outcome = take_in(
            self._db, self._spool, received, decision, same_content, has_content=has_content
        )
        if outcome.queued:
            self._ring()
        return self._success(received, outcome)

    def _refuse(
        self, request: StoreRequest, path: Path, status: StoreStatus, reason: str
    ) -> Answer:
        """Keep an object aside that cannot be understood, and answer with a failure."""
        uid = request.command.sop_instance_uid if request.command is not None else ""
        outcome = self._set_aside(request, path, reason, uid=uid)
        return Answer(status, reason[:64], outcome)

    def _set_aside(
        self, request: StoreRequest, path: Path, reason: str, *, uid: str, study_uid: str = ""
    ) -> IntakeOutcome:
        uid = only_uid(uid)
        if request.released:
            # It lies there.
            return IntakeOutcome(IntakeKind.QUARANTINED, reason=reason)
        outcome = set_aside(
            self._db,
            self._spool,
            path,
            reason=reason,
            sop_instance_uid=uid,
            study_uid=only_uid(study_uid),
            calling_ae=request.caller.ae_title,
            called_ae=request.called_ae,
        )
        _log.warning("object_set_aside", sop_instance_uid=uid, reason=reason)
        return outcome

    @staticmethod
    def _success(received: ReceivedObject, outcome: IntakeOutcome) -> Answer:
        _log.info(
            "object_stored",
            sop_instance_uid=received.sop_instance_uid,
            outcome=outcome.kind.value,
            instance_id=outcome.instance_id,
            reason=outcome.reason,
        )
        return Answer(StoreStatus.SUCCESS, outcome=outcome)
