"""Carries result objects by C-STORE, over one association."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from pydicom.uid import UID
from pynetdicom.association import Association

from core.errors import PeerUnavailableError, RefusedByPeerError, UnreadableObjectError
from core.settings import Settings
from gateway.address import PeerAddress
from gateway.association import associate, store_file
from gateway.carrier import Address, Answer, Parcel
from gateway.contexts_of_results import OTHER_CLASS, result_contexts
from gateway.statuses import in_words, judge


class DicomLine:
    """An association.

    Parameters
    ----------
    association
        An established one.
    proposed
        The classes that were proposed on it.
    """

    def __init__(self, association: Association, proposed: Collection[str]) -> None:
        self._association = association
        self._proposed = frozenset(proposed)
        self._syntaxes = {
            str(context.abstract_syntax): context.transfer_syntax[0]
            for context in association.accepted_contexts
        }

    def ready(self, parcel: Parcel | None = None) -> bool:
        """Tell whether it stands, and a parcel's class was proposed on it."""
        proposed = parcel is None or parcel.sop_class_uid in self._proposed
        return bool(self._association.is_established) and proposed

    def wants_other_class(self, parcel: Parcel) -> bool:
        """Tell whether the peer refused a parcel's class and accepted the other one."""
        other = OTHER_CLASS.get(parcel.sop_class_uid)
        return parcel.sop_class_uid not in self._syntaxes and other in self._syntaxes

    def rehearse(self, parcel: Parcel) -> str:
        """Say whether the peer accepted the context that a parcel needs; nothing is sent."""
        name = UID(parcel.sop_class_uid).name
        syntax = self._syntaxes.get(parcel.sop_class_uid)
        if syntax is None:
            return f"rehearsed: {name} would fail, the peer accepted no presentation context for it"
        return f"rehearsed: {name} would be sent in {syntax.name}, which the peer accepted"

    def send(self, parcel: Parcel) -> Answer:
        """Send one object; raises as `gateway.carrier.Line.send`."""
        try:
            status, comment = store_file(self._association, parcel.path)
        except (PeerUnavailableError, RefusedByPeerError):
            raise
        except Exception as error:  # whatever a parser makes of a file that is no DICOM file
            message = f"the object's file cannot be read ({type(error).__name__})"
            raise UnreadableObjectError(message) from error
        return Answer(judge(status).verdict, status, in_words(status, comment))


class DicomCarrier:
    """Opens associations.

    Parameters
    ----------
    settings
        The whole tree.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def open(self, address: Address, parcels: Sequence[Parcel]) -> Iterator[DicomLine]:
        """Open an association for whatever the peer may get; raises as `Carrier.open`."""
        contexts = result_contexts(address.kinds, {parcel.sop_class_uid for parcel in parcels})
        proposed = {str(context.abstract_syntax) for context in contexts}
        with associate(PeerAddress.of(address, self._settings), contexts) as association:
            yield DicomLine(association, proposed)
