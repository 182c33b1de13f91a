"""The DICOM listener: Storage and Verification as a provider."""

from collections.abc import Callable
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
from core.settings import Settings
from db.engine import Database
from db.spool import Spool
from gateway.callers import Caller, Callers
from gateway.contexts import RESULT_CLASSES, supported_contexts
from gateway.incoming import IncomingFile
from gateway.quiet import silence
from gateway.receive import MAXIMUM_PDU, SpoolingProvider, SpoolingServer
from gateway.second_title import fetching_caller
from gateway.statuses import StoreStatus
from gateway.store import Answer, Receiver, StoreCommand, StoreRequest

_log = structlog.get_logger()

_CALLING_NOT_RECOGNISED = (1, 1, 3)
_CALLED_NOT_RECOGNISED = (1, 1, 7)
_TEMPORARY_CONGESTION = (2, 3, 1)
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
        self._server: SpoolingServer | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, known once it is entered."""
        if self._server is None:
            message = "the listener is not open"
            raise RuntimeError(message)
        return self._server.port

    def __enter__(self) -> Self:
        settings = self._settings
        # The called title is looked at in `_requested`, since there are two.
        entity = AE(settings.ae_title)
        entity.maximum_associations = settings.maximum_associations
        entity.maximum_pdu_size = MAXIMUM_PDU
        entity.acse_timeout = settings.network_timeout
        entity.dimse_timeout = settings.network_timeout
        entity.network_timeout = settings.network_timeout
        try:
            server = SpoolingServer(
                entity,
                (settings.host, settings.port),
                contexts=supported_contexts(FILM_CLASSES | RESULT_CLASSES),
                handlers=[
                    (evt.EVT_REQUESTED, self._requested),
                    (evt.EVT_C_STORE, self._c_store),
                    (evt.EVT_ABORTED, self._ended),
                    (evt.EVT_CONN_CLOSE, self._ended),
                ],
                spool=self._spool,
                patience=self._patience,
            )
            self._server = server.__enter__()
        except OSError as error:
            message = f"cannot listen on {settings.host}:{settings.port}: {error.strerror}"
            raise SettingsError(message) from error
        _log.info("listening", port=self.port, ae_title=settings.ae_title)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.__exit__(kind, value, trace)
            self._server = None
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
            caller = self._caller(title, called)
        except DatabaseAwayError:
            self._reject(association, title, _TEMPORARY_CONGESTION)
            return
        if caller is None:
            self._reject(association, title, _CALLING_NOT_RECOGNISED)
            return
        proposed = {
            str(context.abstract_syntax)
            for context in primitive.presentation_context_definition_list
        }
        association.acceptor.supported_contexts = supported_contexts(caller.classes & proposed)

    def _caller(self, title: str, called: str) -> Caller | None:
        caller = self._callers.find(title)
        if caller is None or called != self._settings.retrieval_ae_title.strip():
            return caller
        return fetching_caller(caller)

    @staticmethod
    def _reject(association: Association, title: str, diagnosis: tuple[int, int, int]) -> None:
        _log.warning("association_rejected", calling_ae=title, diagnosis=diagnosis)
        association.acse.send_reject(*diagnosis)
        association.kill()

    def _c_store(self, event: evt.Event) -> Dataset:
        """Answer one C-STORE."""
        request = event.request
        asked = event.assoc.requestor.primitive
        called = str(asked.called_ae_title) if isinstance(asked, A_ASSOCIATE) else ""
        try:
            caller = self._caller(event.assoc.requestor.ae_title, called)
        except DatabaseAwayError:
            return _status(Answer(StoreStatus.OUT_OF_RESOURCES, "the database is away"))
        if caller is None or not isinstance(request, C_STORE):
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

    @staticmethod
    def _ended(event: evt.Event) -> None:
        """Remove what an association left half sent."""
        if isinstance(event.assoc.dimse, SpoolingProvider):
            event.assoc.dimse.discard()


def _status(answer: Answer) -> Dataset:
    status = Dataset()
    status.Status = int(answer.status)
    if answer.comment:
        status.ErrorComment = answer.comment
    return status
