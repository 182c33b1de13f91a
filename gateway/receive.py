"""Takes C-STORE data sets off the network straight into the spool, chunk by chunk.

pynetdicom would keep a data set in memory, or write it into the system's temporary folder and
end the association where the disk is full. Here each fragment goes to a temporary file of the
spool's own file system, so that keeping it is a rename, and a disk that fills up becomes an
answer instead of a broken connection.
"""

from typing import TYPE_CHECKING, cast

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dsutils import create_file_meta, encode_file_meta
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.presentation import PresentationContext

from db.spool import Spool
from gateway.incoming import IncomingFile
from gateway.serving import Secure, TidyHandler, TidyServer
from gateway.sockets import BoundedSocket

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import NTF

MAXIMUM_PDU = 1 << 18
"""Bytes of a PDU that we announce (PS3.8 section 9.3.2, Maximum Length)."""


class SpoolingProvider(DIMSEServiceProvider):
    """A DIMSE provider that writes C-STORE data sets into the spool.

    Parameters
    ----------
    association
        The association that it serves.
    spool
        Where the temporary files lie.
    """

    def __init__(self, association: Association, spool: Spool) -> None:
        super().__init__(association)
        self._spool = spool
        self._incoming: IncomingFile | None = None

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take fragments off the wire, one by one; see the base class."""
        for fragment in primitive.presentation_data_value_list:
            single = P_DATA()
            single.presentation_data_value_list.append(fragment)
            super().receive_primitive(single)
            if isinstance(self.message, C_STORE_RQ):
                if self.message._data_set_file is None:  # noqa: SLF001 - no public hook exists
                    self._begin(self.message)
            else:
                self._incoming = None

    def discard(self) -> None:
        """Remove the file of a data set that will never be complete."""
        if self._incoming is not None:
            self._incoming.close()
            self._incoming = None

    def _begin(self, message: C_STORE_RQ) -> None:
        command = message.command_set
        context = self.assoc._accepted_cx[cast("int", message.context_id)]  # noqa: SLF001
        meta = create_file_meta(
            sop_class_uid=command.AffectedSOPClassUID,
            sop_instance_uid=command.AffectedSOPInstanceUID,
            transfer_syntax=context.transfer_syntax[0],
        )
        incoming = IncomingFile(self._spool.temporary())
        incoming.open(self._spool, b"\x00" * 128 + b"DICM" + encode_file_meta(meta))
        self._incoming = incoming
        message._data_set_file = cast("NTF", incoming)  # noqa: SLF001
        message._data_set_path = incoming.path  # noqa: SLF001


class SpoolingHandler(TidyHandler):
    """Makes the associations of a `SpoolingServer`."""

    server: "SpoolingServer"
    socket_class = BoundedSocket

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dimse = SpoolingProvider(association, self.server.spool)
        return association


class SpoolingServer(TidyServer):
    """An association server whose C-STORE data sets go into a spool.

    Parameters
    ----------
    entity, address, contexts, handlers, patience, secure
        As for `TidyServer`.
    spool
        Where the data sets go.
    """

    def __init__(
        self,
        entity: AE,
        address: tuple[str, int],
        *,
        contexts: list[PresentationContext],
        handlers: list[evt.EventHandlerType],
        spool: Spool,
        patience: float,
        secure: Secure | None = None,
    ) -> None:
        self.spool = spool
        super().__init__(
            entity,
            address,
            contexts=contexts,
            handlers=handlers,
            handler_class=SpoolingHandler,
            patience=patience,
            secure=secure,
        )
