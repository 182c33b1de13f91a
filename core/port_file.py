"""Where a listener that took a free port can be found by other processes of the installation."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from core.private_files import private_folder, write_private


class Port(StrEnum):
    """Names under which ports are published, beside the door for STOW-RS."""

    PLAIN = "gateway"
    TLS = "gateway-tls"
    WEB = "web"


@contextmanager
def published_port(data: Path, port: int, door: str = "gateway") -> Iterator[None]:
    """Publish a port in the data folder for as long as it is listened on.

    Parameters
    ----------
    data
        The data folder of the settings; made if it is missing.
    port
        The port.
    door
        Which listener; the DICOM one is `gateway`.
    """
    private_folder(data)
    path = _path(data, door)
    part = data / f"{path.name}.{os.getpid()}"
    part.unlink(missing_ok=True)
    write_private(part, f"{port}\n".encode())
    part.replace(path)
    try:
        yield
    finally:
        # Another listener may have published its own since.
        if read_port(data, door) == port:
            path.unlink(missing_ok=True)


def read_port(data: Path, door: str = "gateway") -> int | None:
    """Give the published port; None where no listener published one.

    After a kill the file still names the port of the listener that was killed.
    """
    try:
        return int(_path(data, door).read_text())
    except (FileNotFoundError, ValueError):
        return None


def _path(data: Path, door: str) -> Path:
    return data / f"{door}.port"
