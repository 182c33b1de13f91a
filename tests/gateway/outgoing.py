"""Films that were read, and peers that take what is made of them, for tests of the delivery."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from threading import Event, Thread
from typing import Any, Self

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_context, evt
from pynetdicom.dimse_primitives import C_STORE
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.labels import Label
from core.reading import Reading
from core.settings import Settings
from core.states import DeliveryState
from db.engine import Database
from db.intake import take_in
from db.models import Delivery, Peer, ResultObject
from db.spool import Spool
from evaluation.servers.process import free_port
from gateway.contexts import RESULT_CLASSES, VERIFICATION
from gateway.deliver import Deliverer
from gateway.headers import received_object
from gateway.serving import TidyServer
from tests.db.builders import TO_READ, never_same, read_next, reading
from tests.gateway.objects import film, save


def read_film(
    db: Database, spool: Spool, *, demo: bool = False, **values: Any
) -> tuple[Dataset, Reading]:
    """Take a film in and read it; give its header and the reading, which waits to be published."""
    dataset = film(**values)
    temporary = spool.temporary()
    save(dataset, temporary.parent, temporary.name)
    received = received_object(
        dataset, temporary, calling_ae="TEST", called_ae="FIRSTREAD", zone=UTC
    )
    take_in(db, spool, received, TO_READ, never_same)
    said = reading(Label.PLEURAL_EFFUSION, demo=demo)
    read_next(db, said)
    return dataset, said


@contextmanager
def running(settings: Settings, db: Database, spool: Spool) -> Iterator[Deliverer]:
    """Let a deliverer work in a thread of its own."""
    stop = Event()
    with Deliverer(settings, db, spool) as deliverer:
        thread = Thread(target=deliverer.run, args=(stop,))
        thread.start()
        try:
            yield deliverer
        finally:
            stop.set()
            thread.join()


def deliveries(db: Database, *states: DeliveryState, peer: str | None = None) -> list[Delivery]:
    """List deliveries by their states and their peer, each with its result."""
    with db.read() as session:
        query = (
            select(Delivery)
            .join(Delivery.peer)
            .options(joinedload(Delivery.result), joinedload(Delivery.peer))
            .order_by(Delivery.id)
        )
        if states:
            query = query.where(Delivery.state.in_(states))
        if peer is not None:
            query = query.where(Peer.name == peer)
        return list(session.scalars(query))


def results(db: Database) -> list[ResultObject]:
    """List all result objects, oldest first."""
    with db.read() as session:
        return list(session.scalars(select(ResultObject).order_by(ResultObject.id)))


def accept_all(_event: evt.Event) -> int:
    """Answer success."""
    return 0


class ResultPeer:
    """A Storage SCP that takes results, on a port that stays; a context manager.

    Parameters
    ----------
    answer
        Gives the status of each C-STORE.
    classes
        What it takes beside Verification.
    syntaxes
        The transfer syntaxes that it knows.
    known
        Calling titles that it lets in; empty lets in everybody.
    most
        Associations that it accepts at once.
    verifies
        Whether it takes Verification.
    """

    def __init__(
        self,
        answer: Callable[[evt.Event], int] = accept_all,
        *,
        classes: Sequence[str] = tuple(RESULT_CLASSES),
        syntaxes: Sequence[str] = (ExplicitVRLittleEndian,),
        known: Sequence[str] = (),
        most: int = 10,
        verifies: bool = True,
    ) -> None:
        self.port = free_port()
        self.answer = answer
        self.tried: list[str] = []
        """SOP Instance UIDs in the order in which they came, whatever was answered."""
        self.stored: list[Dataset] = []
        """What was answered with success."""
        self.opened = 0
        """Associations that were established."""
        self._entity = AE("PEER")
        self._entity.require_calling_aet = list(known)
        self._entity.maximum_associations = most
        self._contexts = [
            *([build_context(VERIFICATION)] if verifies else []),
            *(build_context(uid, list(syntaxes)) for uid in classes),
        ]
        self._server: TidyServer | None = None

    def __enter__(self) -> Self:
        self._server = TidyServer(
            self._entity,
            ("127.0.0.1", self.port),
            contexts=self._contexts,
            handlers=[
                (evt.EVT_C_STORE, self._store),
                (evt.EVT_ESTABLISHED, self._count),
            ],
        ).__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.__exit__(None, None, None)

    def end_associations(self) -> None:
        """Abort every association that is open."""
        assert self._server is not None
        for association in self._server.active_associations:
            association.abort()

    def _count(self, _event: evt.Event) -> None:
        self.opened += 1

    def _store(self, event: evt.Event) -> int:
        assert isinstance(event.request, C_STORE)
        self.tried.append(str(event.request.AffectedSOPInstanceUID))
        status = self.answer(event)
        if status == 0:
            self.stored.append(event.dataset)
        return status
