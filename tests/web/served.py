"""A reading room on a free port of this machine, for clients that speak HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.waiting import wait_until
from tests.web.room import Room
from web.door import room_config


@contextmanager
def served(room: Room) -> Iterator[str]:
    """Serve a room; give its address."""
    server = uvicorn.Server(room_config(room.application, port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the server")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10.0)
