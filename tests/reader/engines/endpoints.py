"""Endpoints for tests: plain sockets that answer whatever a test wants, however odd."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reader.answers import Answer
from reader.engines.remote_client import RemoteClient
from reader.engines.remote_line import Line
from reader.engines.remote_options import RemoteOptions
from reader.protocol import ignore

WORDS = "Erika Testfrau, cough"
QUESTION = [{"role": "user", "content": WORDS}]
Act = Callable[[socket.socket], None]


@dataclass
class Endpoint:
    """A server that does one act for each connection, the last one again and again."""

    acts: Sequence[Act]
    listener: socket.socket = field(default_factory=socket.socket)
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until the listener is closed."""
        threads = []
        for number in range(1000):
            try:
                connection, _ = self.listener.accept()
            except OSError:
                break
            act = self.acts[min(number, len(self.acts) - 1)]
            thread = threading.Thread(target=self._one, args=(connection, act))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()

    def _one(self, connection: socket.socket, act: Act) -> None:
        with connection:
            connection.settimeout(20)
            try:
                self.requests.append(_request(connection))
                act(connection)
            except OSError:
                return


def _request(connection: socket.socket) -> bytes:
    """Take a whole request in: what is left unread would reset the connection."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    got = connection.recv(1 << 16)
    if not got:
        message = "the client left"
        raise ConnectionAbortedError(message)
    return got


@contextmanager
def endpoint(*acts: Act) -> Iterator[Endpoint]:
    """Run a server for as long as the context lasts."""
    served = Endpoint(acts)
    served.listener.bind(("127.0.0.1", 0))
    served.listener.listen(64)
    thread = threading.Thread(target=served.serve)
    thread.start()
    try:
        yield served
    finally:
        served.ended.set()
        served.listener.shutdown(socket.SHUT_RDWR)
        served.listener.close()
        thread.join()


def says(status: str, *headers: str, body: bytes = b"") -> Act:
    """Answer with a status, some headers and a body, then close."""

    def act(connection: socket.socket) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""])
        connection.sendall(head.encode() + body)

    return act


def streams(*events: bytes | dict[str, Any]) -> Act:
    """Answer with a stream of events."""
    lines = b"".join(
        b"data: " + (event if isinstance(event, bytes) else json.dumps(event).encode()) + b"\n\n"
        for event in events
    )
    return says("200 OK", "Content-Type: text/event-stream; charset=utf-8", body=lines)


def piece(text: object, reason: object = None) -> dict[str, Any]:
    """Give one event of an answer."""
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]}


def hangs(connection: socket.socket) -> None:
    """Say nothing until the other side goes."""
    connection.recv(1)


def resets(connection: socket.socket) -> None:
    """Cut the connection the hard way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def drips(connection: socket.socket) -> None:
    """Send a comment every moment, so that no socket's time-out ever runs out."""
    says("200 OK", "Content-Type: text/event-stream")(connection)
    while True:
        connection.sendall(b": still there\n")
        if not _quiet(connection):
            return


def _quiet(connection: socket.socket) -> bool:
    connection.settimeout(0.02)
    try:
        return bool(connection.recv(1))
    except TimeoutError:
        return True


WELL = streams(piece("All "), piece("clear."), piece("", "stop"), b"[DONE]")


def ask(
    url: str, on_text: Callable[[str], None] = ignore, line: Line | None = None, **options: Any
) -> Answer:
    """Ask an endpoint."""
    client = RemoteClient(RemoteOptions(url=url, model="m", family="radvlm", **options))
    return client.complete(QUESTION, 50, on_text, line or Line())
