"""A client of the HTTP door that can misbehave, and the door with what lies behind it."""

import http.client
import io
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from pydicom.dataset import Dataset

from core.settings import DicomwebSettings
from db.engine import Database
from db.spool import Spool
from gateway.dicomweb import open_dicomweb
from tests.gateway.edge import Edge, make_settings, prepare_database
from tests.gateway.objects import save

BOUNDARY = "a-boundary"
CONTENT_TYPE = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
STUDIES = "/dicom-web/studies"


@dataclass
class HttpEdge(Edge):
    """A running HTTP door and what lies behind it; nobody listens for DICOM."""

    http_port: int = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.http_port


@contextmanager
def open_http_edge(
    folder: Path,
    *,
    tokens: dict[str, str] | None = None,
    reserve_bytes: int = 0,
    allowed: tuple[str, ...] = ("DICOMWEB",),
    **dicomweb: Any,
) -> Iterator[HttpEdge]:
    """Run the HTTP door."""
    settings = make_settings(folder, reserve_bytes=reserve_bytes, allowed_ae_titles=allowed)
    prepare_database(settings)
    if tokens is not None:
        dicomweb["tokens_file"] = folder / "tokens.toml"
        lines = [f'"{title}" = "{token}"' for title, token in tokens.items()]
        dicomweb["tokens_file"].write_text("\n".join(lines))
        dicomweb["tokens_file"].chmod(0o600)
    ours = DicomwebSettings(enabled=True, port=0, **dicomweb)
    settings = settings.model_copy(update={"dicomweb": ours})
    db = Database(settings.database_url)
    spool = Spool(settings.spool_folder, settings.spool.reserve_bytes)
    rung = Event()
    try:
        with open_dicomweb(settings, db, spool, rung.set) as server:
            yield HttpEdge(settings, db, spool, None, rung, server.port)  # type: ignore[arg-type]
    finally:
        db.close()


def file_bytes(dataset: Dataset, folder: Path) -> bytes:
    """Give the bytes of an object as a file of PS3.10."""
    return save(dataset, folder, "made.dcm").read_bytes()


def body(
    parts: Sequence[bytes],
    *,
    headers: str = "Content-Type: application/dicom\r\n",
    boundary: str = BOUNDARY,
    closed: bool = True,
) -> bytes:
    """Write a multipart body."""
    written = io.BytesIO()
    for part in parts:
        written.write(f"--{boundary}\r\n{headers}\r\n".encode("latin-1") + part + b"\r\n")
    if closed:
        written.write(f"--{boundary}--\r\n".encode())
    return written.getvalue()


def post(
    port: int,
    content: bytes,
    *,
    path: str = STUDIES,
    content_type: str = CONTENT_TYPE,
    **headers: str,
) -> tuple[int, dict[str, str], bytes]:
    """Send a request whole; header names have underscores for their hyphens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20.0)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type:
        named["Content-Type"] = content_type
    connection.request("POST", path, content, named)
    with connection.getresponse() as response:
        answer = response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    connection.close()
    return answer


def raw(port: int, *pieces: bytes, timeout: float = 20.0) -> bytes:
    """Send bytes piece by piece, and give all that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        return until_closed(connection)


def until_closed(connection: socket.socket) -> bytes:
    """Read until the other end closes."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def head(length: int | None, *more: str) -> bytes:
    """Write the head of a store request."""
    lines = [
        f"POST {STUDIES} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {CONTENT_TYPE}",
        *([] if length is None else [f"Content-Length: {length}"]),
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
