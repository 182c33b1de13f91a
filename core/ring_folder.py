"""A Kombu transport that keeps rings in a folder: the broker of an installation without Redis.

Kombu's own file-system transport writes a message in place, so a process killed in mid-write
leaves a torn file, at which every later worker ends. Here a ring is written beside and renamed,
a file that is no message is dropped with a log line, and at most one ring waits in each queue:
it says "look", and two of them say no more than one.
"""

import contextlib
import json
import os
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import virtual

from core.private_files import private_folder, write_private

_log = structlog.get_logger()


class Channel(virtual.Channel):
    """The operations of Kombu's virtual channel, on one file for each queue."""

    do_restore = False
    supports_fanout = False

    def _put(self, queue: str, message: dict[str, Any], **_options: Any) -> None:
        waiting = self._file(queue)
        private_folder(waiting.parent)
        part = waiting.with_suffix(f".{uuid.uuid4().hex}.part")
        write_private(part, json.dumps(message).encode())
        part.replace(waiting)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:  # noqa: ARG002 - Kombu's signature
        waiting = self._file(queue)
        taken = waiting.with_suffix(f".{uuid.uuid4().hex}.taken")
        try:
            # Only one of several consumers succeeds.
            os.replace(waiting, taken)  # noqa: PTH105 - as hot as a poll is
        except FileNotFoundError:
            raise Empty from None
        try:
            return _message(taken.read_bytes())
        except ValueError:
            _log.warning("torn_ring_dropped", queue=queue)
            raise Empty from None
        finally:
            taken.unlink()

    def _size(self, queue: str) -> int:
        return int(self._file(queue).exists())

    def _purge(self, queue: str) -> int:
        with contextlib.suppress(FileNotFoundError):
            self._file(queue).unlink()
            return 1
        return 0

    def _file(self, queue: str) -> Path:
        # Only names of core.broker come here; a separator in one would leave the folder.
        return Path(self.connection.client.transport_options["folder"]) / f"{queue}.ring"


class Transport(virtual.Transport):
    """Named in the Celery settings as `core.ring_folder:Transport`.

    Its options are `folder`, the path of the folder, and `polling_interval`, in seconds.
    """

    Channel = Channel
    global_state = virtual.BrokerState()  # type: ignore[no-untyped-call]
    driver_type = "folder"
    driver_name = "folder"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)  # type: ignore[no-untyped-call]
        self.state = self.global_state

    def driver_version(self) -> str:
        """Tell Kombu that there is no driver."""
        return "N/A"


def _message(data: bytes) -> dict[str, Any]:
    message = json.loads(data)
    if not isinstance(message, dict) or not {"body", "properties"} <= message.keys():
        error = "no message"
        raise ValueError(error)
    return message
