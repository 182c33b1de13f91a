"""Carries result objects by C-STORE, over one association."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.association import Association

from core.settings import Settings
from gateway.address import PeerAddress
from gateway.association import associate, store_file
from gateway.carrier import Address, Answer, Parcel
from gateway.contexts import VERIFICATION
from gateway.statuses import in_words, judge


class DicomLine:
    """An association.

    Parameters
    ----------
    association
        An established one.
    """

    def __init__(self, association: Association) -> None:
        self._association = association

    def ready(self) -> bool:
        """Tell that the next object can go: an association that broke tells so when it is used."""
        return True

    def send(self, parcel: Parcel) -> Answer:
        """Send one object; raises as `gateway.carrier.Line.send`."""
        status, comment = store_file(self._association, parcel.path)
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
        """Open an association for the classes of some objects; raises as `Carrier.open`."""
        classes = sorted({parcel.sop_class_uid for parcel in parcels})
        syntaxes: list[str | UID] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
        contexts = [build_context(VERIFICATION), *(build_context(uid, syntaxes) for uid in classes)]
        with associate(PeerAddress.of(address, self._settings), contexts) as association:
            yield DicomLine(association)
