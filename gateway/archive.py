"""A small Storage SCP that plays the PACS in the demonstration and in tests.

It keeps what it is sent, each object as one file, and answers success once the file is there.
It is no archive: it knows no queries and forgets nothing.
"""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from pynetdicom import AE, AllStoragePresentationContexts, build_context, evt
from pynetdicom.dimse_primitives import C_STORE

from core.uids import is_uid
from gateway.contexts import TRANSFER_SYNTAXES, VERIFICATION
from gateway.quiet import silence
from gateway.serving import TidyServer
from gateway.statuses import StoreStatus


class Archive:
    """Keeps every object that it is sent; a context manager.

    Parameters
    ----------
    folder
        Where the files go, `<SOP Instance UID>.dcm` each; made if it is missing.
    ae_title
        Its title; any called title is let in.
    port
        Where to listen; 0 takes a free port.
    """

    def __init__(self, folder: Path, ae_title: str = "ARCHIVE", *, port: int = 0) -> None:
        silence()
        self.ae_title = ae_title
        self._folder = folder
        self._wanted_port = port
        self._arrived = threading.Condition()
        self._server: TidyServer | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, known once it is entered."""
        if self._server is None:
            message = "the archive is not open"
            raise RuntimeError(message)
        return self._server.port

    def objects(self) -> list[Path]:
        """List the files of all objects that came in, in the order of their names."""
        return sorted(self._folder.glob("*.dcm"))

    def wait_for(self, count: int, timeout: float) -> bool:
        """Wait until so many objects are there.

        Returns
        -------
        bool
            False if they were not within `timeout` seconds.
        """
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.objects()) >= count, timeout)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        contexts = [
            build_context(VERIFICATION),
            *(
                build_context(str(context.abstract_syntax), list(TRANSFER_SYNTAXES))
                for context in AllStoragePresentationContexts
            ),
        ]
        self._server = TidyServer(
            AE(self.ae_title),
            ("127.0.0.1", self._wanted_port),
            contexts=contexts,
            handlers=[(evt.EVT_C_STORE, self._store)],
        ).__enter__()
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

    def _store(self, event: evt.Event) -> int:
        request = event.request
        uid = str(request.AffectedSOPInstanceUID) if isinstance(request, C_STORE) else ""
        if not is_uid(uid):
            return int(StoreStatus.BAD_IDENTIFIER)
        written = self._folder / f"{uid}.part"
        written.write_bytes(event.encoded_dataset())
        written.rename(self._folder / f"{uid}.dcm")
        with self._arrived:
            self._arrived.notify_all()
        return int(StoreStatus.SUCCESS)
