"""An archive that can be asked and told to send, and that can be made to lie."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, build_context, evt
from pynetdicom.dimse_primitives import C_FIND, C_MOVE

from gateway.address import PeerAddress
from gateway.contexts import VERIFICATION
from gateway.find import STUDY_ROOT_FIND
from gateway.move import STUDY_ROOT_MOVE
from gateway.serving import TidyServer
from tests.gateway.objects import CR

Answers = Iterable[tuple[int | Dataset, Dataset | None]]


class QueryPeer:
    """A Query/Retrieve SCP; a context manager.

    Parameters
    ----------
    answer
        Gives the responses to the identifier of a C-FIND.
    moves
        Gives, for the identifier of a C-MOVE, the objects that are sent.
    destinations
        Port of each AE title that it knows.
    models
        The query models that it offers.
    """

    def __init__(
        self,
        answer: Callable[[Dataset], Answers] = lambda _identifier: (),
        *,
        moves: Callable[[Dataset], list[Dataset]] = lambda _identifier: [],
        destinations: dict[str, int] | None = None,
        models: Iterable[str] = (STUDY_ROOT_FIND, STUDY_ROOT_MOVE),
    ) -> None:
        self.asked: list[Dataset] = []
        """The identifiers that it was sent."""
        self.destinations = destinations or {}
        self._answer = answer
        self._moves = moves
        self._models = tuple(models)
        self._server: TidyServer | None = None

    def __enter__(self) -> Self:
        entity = AE("PACS")
        # What its C-MOVE sends with.
        entity.add_requested_context(CR, ExplicitVRLittleEndian)
        self._server = TidyServer(
            entity,
            ("127.0.0.1", 0),
            contexts=[
                build_context(VERIFICATION),
                *(build_context(model, [ImplicitVRLittleEndian]) for model in self._models),
            ],
            handlers=[(evt.EVT_C_FIND, self._find), (evt.EVT_C_MOVE, self._move)],
        ).__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.__exit__(None, None, None)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return self._server.port

    def address(self, *, timeout: float = 5.0) -> PeerAddress:
        """Give it as whoever asks it knows it."""
        return PeerAddress("127.0.0.1", self.port, "PACS", "FIRSTREAD", timeout)

    def _find(self, event: evt.Event) -> Iterator[tuple[int | Dataset, Dataset | None]]:
        assert isinstance(event.request, C_FIND)
        self.asked.append(event.identifier)
        yield from self._answer(event.identifier)

    def _move(self, event: evt.Event) -> Iterator[Any]:
        assert isinstance(event.request, C_MOVE)
        self.asked.append(event.identifier)
        port = self.destinations.get(str(event.move_destination))
        if port is None:
            yield None, None
            return
        items = self._moves(event.identifier)
        yield "127.0.0.1", port, {"ae_title": str(event.move_destination)}
        yield len(items)
        for item in items:
            yield 0xFF00, item


def study(uid: str, **values: Any) -> tuple[int, Dataset]:
    """Make an answer of a study, with attributes by their keywords."""
    answer = Dataset()
    answer.QueryRetrieveLevel = "STUDY"
    answer.StudyInstanceUID = uid
    for keyword, value in values.items():
        setattr(answer, keyword, value)
    return 0xFF00, answer
