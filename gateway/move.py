"""C-MOVE as a client, Study Root model (PS3.4 section C.4.2): has a peer send to one of our titles.

The objects come in over an association that the peer opens; what is told here is only what the
peer says of them. An object counts as completed once its receiver, here our own listener,
answered success, which it does after it is durable and committed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.association import Association

from core.errors import PeerUnavailableError
from core.uids import is_uid
from gateway.address import PeerAddress
from gateway.association import associate
from gateway.statuses import query_in_words

STUDY_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
"""SOP Class UID of Study Root Query/Retrieve Information Model - MOVE."""
_DESTINATION_UNKNOWN: Final = 0xA801
_PENDING: Final = 0xFF00
_NOT_ALL_WELL: Final = 0xB000
"""Also said where each object was stored and some with a warning (PS3.4 table C.4-2)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a peer says of a fetch.

    Parameters
    ----------
    completed, failed, warning
        Its sub-operations, one an object (PS3.7 section 9.1.4.1).
    words
        What stopped it, in words; "" where nothing did.
    """

    completed: int = 0
    failed: int = 0
    warning: int = 0
    words: str = ""

    @property
    def whole(self) -> bool:
        """Whether something came, and all of it."""
        return not self.words and self.failed == 0 and self.completed + self.warning > 0


def move(
    address: PeerAddress,
    destination_ae: str,
    study_uid: str,
    series_uids: Sequence[str] = (),
    *,
    on_progress: Callable[[Moved], None] | None = None,
) -> Moved:
    """Have a study, or some of its series, sent to one of our AE titles.

    Parameters
    ----------
    address
        Of the peer that has it.
    destination_ae
        Ours, which the peer must know with its host and port.
    study_uid, series_uids
        What; no series means the whole study. Each series is a request of its own, since lists
        of UIDs are not understood everywhere.
    on_progress
        Called at each sign of life of the peer; what it raises ends the fetch.

    Returns
    -------
    Moved
        The sums of all requests. A fetch that broke off or that the peer could not do is told by
        its words, not raised: it speaks of this study, not of the peer.

    Raises
    ------
    PeerUnavailableError
        If there is no association, or the peer does not know `destination_ae`: it is the same
        for every study until an administrator registers it there.
    RefusedByPeerError
        If it offers no Study Root retrieval.
    ValueError
        If a UID is none.
    """
    for uid in (study_uid, *series_uids):
        if not is_uid(uid):
            message = f"not a UID: {uid!r}"
            raise ValueError(message)
    syntaxes: list[str | UID] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
    with associate(address, [build_context(STUDY_ROOT_MOVE, syntaxes)]) as association:
        total = Moved()
        try:
            for identifier in _identifiers(study_uid, series_uids):
                before = total
                for so_far in _responses(association, address, destination_ae, identifier):
                    total = _sum(before, so_far)
                    if on_progress is not None:
                        on_progress(total)
                if total.words:
                    break
        except BaseException:
            # Whatever ended it here, the peer is not to go on sending.
            association.abort()
            raise
    return total


def _identifiers(study_uid: str, series_uids: Sequence[str]) -> Iterator[Dataset]:
    for series_uid in series_uids or ("",):
        identifier = Dataset()
        identifier.QueryRetrieveLevel = "SERIES" if series_uid else "STUDY"
        identifier.StudyInstanceUID = study_uid
        if series_uid:
            identifier.SeriesInstanceUID = series_uid
        yield identifier


def _responses(
    association: Association, address: PeerAddress, destination_ae: str, identifier: Dataset
) -> Iterator[Moved]:
    moved = Moved()
    try:
        responses = association.send_c_move(identifier, destination_ae, STUDY_ROOT_MOVE)
    except RuntimeError:
        yield replace(moved, words="the association was lost")
        return
    for status, _failed_uids in responses:
        if "Status" not in status:
            yield replace(moved, words="the peer did not finish its answer to C-MOVE")
            return
        moved = _counted(moved, status)
        code = int(status.Status)
        if code == _DESTINATION_UNKNOWN:
            message = f"{address} does not know {destination_ae}: register it there"
            raise PeerUnavailableError(message, code)
        if code not in {0, _PENDING} and not (code == _NOT_ALL_WELL and _only_warnings(moved)):
            moved = replace(moved, words=query_in_words(code, str(status.get("ErrorComment", ""))))
        yield moved


def _only_warnings(moved: Moved) -> bool:
    return moved.failed == 0 and moved.warning > 0


def _counted(before: Moved, status: Dataset) -> Moved:
    """Take over the numbers of a response; they are optional, and the last told ones stand."""
    completed, failed, warning = (
        status.get(f"NumberOf{what}Suboperations") for what in ("Completed", "Failed", "Warning")
    )
    return Moved(
        before.completed if completed is None else int(completed),
        before.failed if failed is None else int(failed),
        before.warning if warning is None else int(warning),
    )


def _sum(one: Moved, other: Moved) -> Moved:
    return Moved(
        one.completed + other.completed,
        one.failed + other.failed,
        one.warning + other.warning,
        one.words or other.words,
    )
