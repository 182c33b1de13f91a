"""Takes C-STORE data sets off the network straight into the spool, fragment by fragment.

pynetdicom would keep a data set in memory, or write it into the system's temporary folder and
end the association where the disk is full. Here each fragment goes from the buffer of the
connection to a temporary file of the spool's own file system, so that keeping it is a rename, and
a disk that fills up becomes an answer instead of a broken connection.
"""

import queue
from typing import TYPE_CHECKING, Any, Final, cast

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import create_file_meta, encode_file_meta
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.presentation import PresentationContext

from db.spool import Spool
from gateway.fragments import Fragment, MalformedPduError, fragments
from gateway.incoming import IncomingFile
from gateway.prompt_provider import PromptProvider
from gateway.serving import Secure, TidyHandler, TidyServer

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import NTF

MAXIMUM_PDU: Final = 1 << 18
"""Bytes of a PDU that we announce (PS3.8 section 9.3.2, Maximum Length)."""
_MOST_HELD: Final = 1 << 20
"""Bytes of a command, and of a data set that goes into no file, that one message may have."""
_LOOK_SECONDS: Final = 0.25


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
        self._context_id: int | None = None
        self._held = 0

    def get_msg(self, block: bool = False) -> Any:  # noqa: FBT001, FBT002 - as in the base class
        """Give the next message, if one comes within moments; the association need not poll."""
        if block:
            return super().get_msg(block)
        try:
            return self.msg_queue.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return None, None

    def take(self, body: memoryview) -> bool:
        """Take the fragments of a P-DATA-TF.

        Parameters
        ----------
        body
            The PDU's variable field.

        Returns
        -------
        bool
            Whether a message ended with it.

        Raises
        ------
        MalformedPduError
            If it breaks the rules; whatever else is raised means the same.
        """
        for fragment in fragments(body):
            self._take(fragment)
        return self.message is None

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take fragments that came by way of the state machine; see the base class."""
        try:
            for context_id, data in primitive.presentation_data_value_list:
                self._take(Fragment(context_id, data[0], memoryview(data)[1:]))
        except MalformedPduError:
            self.dul.event_queue.put("Evt19")  # an invalid PDU

    def discard(self) -> None:
        """Remove the files of data sets that will never be complete, or never be answered."""
        if self._incoming is not None:
            self._incoming.close()
        while not self.msg_queue.empty():
            try:
                _context_id, message = self.msg_queue.get_nowait()
            except queue.Empty:  # the association was faster
                break
            incoming: object = message._dataset_file if isinstance(message, C_STORE) else None  # noqa: SLF001
            if isinstance(incoming, IncomingFile):
                incoming.close()
        self.msg_queue.put((None, None))  # wakes the association, as what was here would have

    def _take(self, fragment: Fragment) -> None:
        self._check_order(fragment)
        data: bytes | memoryview = fragment.data
        if self._incoming is not None:
            self._incoming.write(data)
            if not fragment.is_last:
                return
            data = b""  # the end of the message is pynetdicom's to see
        else:
            self._held += len(data)
            if self._held > _MOST_HELD:
                message = f"{self._held} bytes of a message that is no C-STORE"
                raise MalformedPduError(message)
        self._hand_on(fragment, bytes(data))

    def _check_order(self, fragment: Fragment) -> None:
        """Refuse a fragment that is not the next of its message (PS3.7 section 6.3.1)."""
        if self.message is None:
            self._context_id, self._held = fragment.context_id, 0
        elif fragment.context_id != self._context_id:
            message = f"context {fragment.context_id} within a message of {self._context_id}"
            raise MalformedPduError(message)
        # Until its command is complete, a message has no context of its own.
        in_command = self.message is None or self.message.context_id is None
        if fragment.is_command != in_command:
            message = f"fragment of kind {fragment.control & 3} out of order"
            raise MalformedPduError(message)

    def _hand_on(self, fragment: Fragment, data: bytes) -> None:
        single = P_DATA()
        item = (fragment.context_id, bytes((fragment.control,)) + data)
        single.presentation_data_value_list.append(item)
        super().receive_primitive(single)
        if not isinstance(self.message, C_STORE_RQ):
            self._incoming = None
        elif self._incoming is None:
            self._begin(self.message)

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
        message._data_set_file = cast("NTF", incoming)  # noqa: SLF001 - no public hook exists
        message._data_set_path = incoming.path  # noqa: SLF001


class SpoolingHandler(TidyHandler):
    """Makes the associations of a `SpoolingServer`."""

    server: "SpoolingServer"

    def upper_layer(self, association: Association) -> PromptProvider:
        """Make one that does not poll, and that hands data sets on without a detour."""
        return PromptProvider(association)

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
