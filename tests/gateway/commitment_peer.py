"""An archive that is asked for storage commitment, and does what a test makes it do."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from evaluation.servers.process import free_port
from gateway.commitment.model import PUSH_MODEL, PUSH_MODEL_INSTANCE
from gateway.contexts import RESULT_CLASSES, VERIFICATION
from gateway.serving import TidyServer
from tests.gateway.outgoing import accept_all

Reference = tuple[str, str]
"""SOP Class UID and SOP Instance UID."""


@dataclass(frozen=True)
class Asked:
    """One request for storage commitment."""

    association: Association
    transaction_uid: str
    references: tuple[Reference, ...]


class CommitmentPeer:
    """A Storage and Storage Commitment SCP, on a port that stays; a context manager.

    Parameters
    ----------
    store
        Gives the status of each C-STORE; what is answered 0 need not be kept.
    take
        Gives the status of each N-ACTION.
    at_once
        Called with each request that was taken, within its N-ACTION; may report.
    commits
        Whether it offers storage commitment at all.
    """

    def __init__(
        self,
        *,
        store: Callable[[evt.Event], int] = accept_all,
        take: Callable[[], int] = lambda: 0,
        at_once: Callable[[Asked], None] = lambda _asked: None,
        commits: bool = True,
    ) -> None:
        self.port = free_port()
        self.stored: list[str] = []
        """SOP Instance UIDs in the order in which they came."""
        self.asked: list[Asked] = []
        self._store = store
        self._take = take
        self._at_once = at_once
        self._contexts = [
            build_context(VERIFICATION),
            *(build_context(uid, [ExplicitVRLittleEndian]) for uid in RESULT_CLASSES),
        ]
        if commits:
            self._contexts.append(build_context(PUSH_MODEL, [ExplicitVRLittleEndian]))
        self._server: TidyServer | None = None

    def __enter__(self) -> Self:
        self._server = TidyServer(
            AE("PACS"),
            ("127.0.0.1", self.port),
            contexts=self._contexts,
            handlers=[(evt.EVT_C_STORE, self._stores), (evt.EVT_N_ACTION, self._takes)],
        ).__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.__exit__(None, None, None)

    def _stores(self, event: evt.Event) -> int:
        assert isinstance(event.request, C_STORE)
        self.stored.append(str(event.request.AffectedSOPInstanceUID))
        return self._store(event)

    def _takes(self, event: evt.Event) -> tuple[int, None]:
        information = event.action_information
        asked = Asked(
            event.assoc,
            str(information.TransactionUID),
            tuple(
                (str(item.ReferencedSOPClassUID), str(item.ReferencedSOPInstanceUID))
                for item in information.ReferencedSOPSequence
            ),
        )
        status = self._take()
        if status == 0:
            self._at_once(asked)
        self.asked.append(asked)
        return status, None


def result_of(
    transaction_uid: str,
    kept: Iterable[Reference] = (),
    failed: Mapping[Reference, int] | None = None,
) -> Dataset:
    """Make the Event Information of a report."""
    information = Dataset()
    information.TransactionUID = transaction_uid
    if kept:
        information.ReferencedSOPSequence = [_item(*one) for one in kept]
    if failed:
        information.FailedSOPSequence = []
        for one, reason in failed.items():
            item = _item(*one)
            item.FailureReason = reason
            information.FailedSOPSequence.append(item)
    return information


def report(association: Association, information: Dataset | None, **changes: Any) -> int | None:
    """Send one report, and give the status that answers it; None where none came.

    Parameters
    ----------
    association
        Open, whoever asked for it.
    information
        What is reported.
    **changes
        `event_type`, `class_uid` and `instance_uid` where they are not what they should be.
    """
    failed = information is not None and "FailedSOPSequence" in information
    answer, _reply = association.send_n_event_report(
        information,
        changes.get("event_type", 2 if failed else 1),
        changes.get("class_uid", PUSH_MODEL),
        changes.get("instance_uid", PUSH_MODEL_INSTANCE),
        meta_uid=changes.get("context_uid", PUSH_MODEL),
    )
    return int(answer.Status) if "Status" in answer else None


@contextmanager
def calling(
    port: int, ae_title: str = "PACS", *, role: bool = True, contexts: Iterable[str] = ()
) -> Iterator[Association]:
    """Open an association to a listener as an archive that reports does.

    Parameters
    ----------
    port, ae_title
        Where the listener is, and who calls.
    role
        Whether the role of the provider is proposed.
    contexts
        Classes that are proposed besides.
    """
    entity = AE(ae_title)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    association = entity.associate(
        "127.0.0.1",
        port,
        [build_context(uid) for uid in (PUSH_MODEL, *contexts)],
        ae_title="FIRSTREAD",
        ext_neg=[build_role(PUSH_MODEL, scp_role=True)] if role else [],
    )
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def _item(sop_class_uid: str, uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = uid
    return item
