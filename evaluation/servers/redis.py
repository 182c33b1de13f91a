"""A real Redis server."""

import contextlib
from pathlib import Path

import redis

from evaluation.servers.process import ServerProcess, free_port
from evaluation.servers.program import program


class RedisServer:
    """A Redis server without persistence, on a free port.

    Parameters
    ----------
    folder
        Where it keeps its log.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process = ServerProcess(
            [
                program("redis-server", "redis-server"),
                *("--bind", "127.0.0.1", "--port", str(self.port)),
                *("--save", "", "--appendonly", "no", "--dir", folder),
            ],
            folder / "redis.log",
            self.answers,
        )

    @property
    def running(self) -> bool:
        """Whether the process lives (it may be frozen)."""
        return self._process.running

    def answers(self) -> bool:
        """Tell whether the server answers a PING within a second."""
        with contextlib.closing(
            redis.Redis("127.0.0.1", self.port, socket_timeout=1.0, socket_connect_timeout=1.0)
        ) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def start(self) -> None:
        """Start it, empty, on the same port as ever; nothing happens where it runs."""
        self._process.start()

    def stop(self) -> None:
        """End it: connections are refused until `start`."""
        self._process.stop()

    def pause(self) -> None:
        """Freeze it: connections are taken and nothing is answered until `resume`."""
        self._process.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._process.resume()

    def flush(self) -> None:
        """Empty it."""
        with contextlib.closing(redis.Redis("127.0.0.1", self.port, socket_timeout=10.0)) as client:
            client.flushall()
