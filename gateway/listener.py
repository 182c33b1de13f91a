"""The DICOM listener: Storage and Verification as a provider, reports of storage commitment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

import structlog
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu_primitives import A_ASSOCIATE

from core.errors import DatabaseAwayError, SettingsError
from core.film_facts import FILM_CLASSES
from core.port_file import Port
from core.settings import Settings
from core.sparing_log import SparingLog
from db.engine import Database
from db.spool import Spool
from gateway.admission import Stranger
from gateway.bounded_socket import BoundedSocket
from gateway.callers import Caller, Callers, Limits
from gateway.commitment.model import PUSH_MODEL, offered_context
from gateway.commitment.reports import ReportTaker
from gateway.commitment.statuses import ReportStatus
from gateway.contexts import RESULT_CLASSES, supported_contexts
from gateway.guarded import GuardedServer
from gateway.incoming import IncomingFile
from gateway.incoming_call import call_of, caller_address
from gateway.open_calls import OpenCalls
from gateway.quiet import silence
from gateway.receive import MAXIMUM_PDU, SpoolingProvider
from gateway.second_title import fetching_caller
from gateway.statuses import StoreStatus
from gateway.store import Answer, Receiver, StoreCommand, StoreRequest
from gateway.tls.door import TlsDoor

_log = structlog.get_logger()

_CALLING_NOT_RECOGNISED = (1, 1, 3)
_CALLED_NOT_RECOGNISED = (1, 1, 7)
_TEMPORARY_CONGESTION = (2, 3, 1)
_LOCAL_LIMIT_EXCEEDED = (2, 3, 2)
"""Result, source and diagnostic of A-ASSOCIATE-RJ (PS3.8 section 9.3.4)."""


class Listener:
    """Takes objects in from the network; a context manager.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where objects are kept.
    ring
        Called after each commit that left something to be read; must return at once.
    patience
        Seconds that associations have to end by themselves when the listener is closed.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        spool: Spool,
        ring: Callable[[], None],
        *,
        patience: float = 5.0,
    ) -> None:
        silence()
        self._settings = settings.gateway
        self._spool = spool
        self._patience = patience
        self._callers = Callers(db, settings.gateway)
        self._receiver = Receiver(settings, db, spool, ring)
        self._reports = ReportTaker(db, settings.commitment)
        self._open_calls = OpenCalls()
        self._rejected = SparingLog("association_rejected")
        self._servers: dict[Port, GuardedServer] = {}
        self._closing = ExitStack()

    @property
    def port(self) -> int:
        """The port that it listens on without TLS, known once it is entered."""
        return self._port(Port.PLAIN)

    @property
    def tls_port(self) -> int:
        """The port that it listens on with TLS, known once it is entered."""
        return self._port(Port.TLS)

    @property
    def ports(self) -> dict[Port, int]:
        """All ports that it listens on."""
        return {name: server.port for name, server in self._servers.items()}

    def _port(self, name: Port) -> int:
        if name not in self._servers:
            message = f"the listener is not open ({name})"
            raise RuntimeError(message)
        return self._servers[name].port

    def __enter__(self) -> Self:
        settings = self._settings
        # The called title is looked at in `_requested`, since there are two.
        entity = AE(settings.ae_title)
        entity.maximum_associations = settings.maximum_associations
        entity.maximum_pdu_size = MAXIMUM_PDU
        entity.acse_timeout = settings.network_timeout
        entity.dimse_timeout = settings.network_timeout
        entity.network_timeout = settings.network_timeout
        with ExitStack() as opened:
            if settings.plain:
                opened.enter_context(self._serve(entity, Port.PLAIN, settings.port))
            if settings.tls.enabled:
                door = TlsDoor(settings.tls)
                opened.enter_context(self._serve(entity, Port.TLS, settings.tls.port, door))
            self._closing = opened.pop_all()
        return self

    @contextmanager
    def _serve(
        self, entity: AE, name: Port, port: int, door: TlsDoor | None = None
    ) -> Iterator[None]:
        settings = self._settings
        try:
            server = GuardedServer(
                settings.networks,
                entity,
                (settings.host, port),
                contexts=supported_contexts(FILM_CLASSES | RESULT_CLASSES),
                handlers=[
                    (evt.EVT_REQUESTED, self._requested),
                    (evt.EVT_C_STORE, self._c_store),
                    (evt.EVT_N_EVENT_REPORT, self._report),
                    (evt.EVT_RELEASED, self._ended),
                    (evt.EVT_ABORTED, self._ended),
                    (evt.EVT_CONN_CLOSE, self._ended),
                ],
                spool=self._spool,
                patience=self._patience,
                secure=None if door is None else door.secure,
            )
        except OSError as error:
            message = f"cannot listen on {settings.host}:{port}: {error.strerror}"
            raise SettingsError(message) from error
        with server:
            self._servers[name] = server
            _log.info(
                "listening", port=server.port, ae_title=settings.ae_title, tls=door is not None
            )
            try:
                yield
            finally:
                del self._servers[name]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()
        _log.info("listener_closed")

    def _requested(self, event: evt.Event) -> None:
        """Let a caller in with the contexts that are his, or turn him away."""
        association = event.assoc
        primitive = association.requestor.primitive
        if not isinstance(primitive, A_ASSOCIATE):
            # The connection ended before anything was asked for; pynetdicom would negotiate.
            association.is_aborted = True
            association.kill()
            return
        title, called = str(primitive.calling_ae_title), str(primitive.called_ae_title)
        ours = {self._settings.ae_title.strip(), self._settings.retrieval_ae_title.strip()}
        if called not in ours:
            self._reject(association, title, _CALLED_NOT_RECOGNISED)
            return
        try:
            caller = self._caller(association, title, called)
        except DatabaseAwayError:
            self._reject(association, title, _TEMPORARY_CONGESTION)
            return
        if isinstance(caller, Stranger):
            self._reject(association, title, _CALLING_NOT_RECOGNISED, caller)
            return
        limits = caller.limits
        most = limits.associations or self._settings.maximum_associations_per_caller
        if not self._open_calls.enter(title, association, most):
            self._reject(association, title, _LOCAL_LIMIT_EXCEEDED)
            return
        _limit(association, limits)
        proposed = {
            str(context.abstract_syntax)
            for context in primitive.presentation_context_definition_list
        }
        contexts = supported_contexts(caller.classes & proposed)
        if caller.reports and PUSH_MODEL in proposed:
            contexts.append(offered_context())
        association.acceptor.supported_contexts = contexts

    def _caller(self, association: Association, title: str, called: str) -> Caller | Stranger:
        caller = self._callers.admit(call_of(association, title))
        if isinstance(caller, Stranger) or called != self._settings.retrieval_ae_title.strip():
            return caller
        return fetching_caller(caller)

    def _reject(
        self,
        association: Association,
        title: str,
        diagnosis: tuple[int, int, int],
        stranger: Stranger | None = None,
    ) -> None:
        self._rejected.tell(
            calling_ae=title,
            address=str(caller_address(association)),
            diagnosis=str(diagnosis),
            reason=str(stranger or ""),
        )
        association.acse.send_reject(*diagnosis)
        association.kill()

    def _c_store(self, event: evt.Event) -> Dataset:
        """Answer one C-STORE."""
        request = event.request
        asked = event.assoc.requestor.primitive
        called = str(asked.called_ae_title) if isinstance(asked, A_ASSOCIATE) else ""
        try:
            caller = self._caller(event.assoc, event.assoc.requestor.ae_title, called)
        except DatabaseAwayError:
            return _status(Answer(StoreStatus.OUT_OF_RESOURCES, "the database is away"))
        if isinstance(caller, Stranger) or not isinstance(request, C_STORE):
            return _status(Answer(StoreStatus.NOT_AUTHORISED, "this AE title is known no more"))
        # What `SpoolingProvider` left there in place of pynetdicom's own file.
        incoming: object = request._dataset_file  # noqa: SLF001
        answer = self._receiver.answer(
            StoreRequest(
                incoming=incoming if isinstance(incoming, IncomingFile) else None,
                caller=caller,
                called_ae=called,
                command=StoreCommand(
                    sop_class_uid=str(request.AffectedSOPClassUID),
                    sop_instance_uid=str(request.AffectedSOPInstanceUID),
                    context_class_uid=str(event.context.abstract_syntax),
                ),
            )
        )
        return _status(answer)

    def _report(self, event: evt.Event) -> tuple[int, None]:
        """Answer one N-EVENT-REPORT."""
        title = event.assoc.requestor.ae_title
        try:
            caller = self._caller(event.assoc, title, self._settings.ae_title)
        except DatabaseAwayError:
            return int(ReportStatus.PROCESSING_FAILURE), None
        if isinstance(caller, Stranger) or not caller.reports:
            return int(ReportStatus.UNRECOGNISED_OPERATION), None
        return self._reports.answer(event, title, caller.reports)

    def _ended(self, event: evt.Event) -> None:
        """Count an association out, and remove what it left half sent."""
        self._open_calls.leave(event.assoc)
        if isinstance(event.assoc.dimse, SpoolingProvider):
            event.assoc.dimse.discard()


def _limit(association: Association, limits: Limits) -> None:
    """Put the limits of a caller in force, before it is answered."""
    if limits.pdu is not None:
        association.acceptor.maximum_length = limits.pdu
    if limits.idle_seconds is not None:
        association.network_timeout = limits.idle_seconds
        if isinstance(association.dul.socket, BoundedSocket):
            association.dul.socket.wait_at_most(limits.idle_seconds)


def _status(answer: Answer) -> Dataset:
    status = Dataset()
    status.Status = int(answer.status)
    if answer.comment:
        status.ErrorComment = answer.comment
    return status
