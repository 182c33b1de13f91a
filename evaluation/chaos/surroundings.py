"""What stands around the installation: its database and broker, its peers, and the spool's disk."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluation.chaos.disk import SpoolDisk, spool_disk
from evaluation.chaos.storing import StoringPeer
from evaluation.servers.orthanc import Orthanc
from evaluation.servers.postgres import PostgresServer, postgres
from evaluation.servers.redis import RedisServer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The servers of a run.

    Parameters
    ----------
    orthanc, storing
        The peers that take results.
    disk
        Where the spool lies.
    postgres, redis
        None in the embedded form.
    """

    orthanc: Orthanc
    storing: StoringPeer
    disk: SpoolDisk
    postgres: PostgresServer | None
    redis: RedisServer | None

    def restore(self) -> None:
        """Have everything run again, whatever was done to it."""
        self.disk.empty()
        if self.postgres is not None:
            self.postgres.start()
        if self.redis is not None:
            if self.redis.running:
                self.redis.resume()
            self.redis.start()
        if self.orthanc.running:
            self.orthanc.resume()
        self.orthanc.start()
        if self.storing.server.running:
            self.storing.server.resume()
        self.storing.server.start()


@contextmanager
def surroundings(folder: Path, *, embedded: bool) -> Iterator[Surroundings]:
    """Start every server, in and below a folder.

    Raises
    ------
    MissingProgramError
        If one is not installed.
    """
    with ExitStack() as stack:
        parts = [folder / name for name in ("orthanc", "storescp", "redis")]
        for part in parts:
            part.mkdir()
        orthanc, storing, redis = Orthanc(parts[0]), StoringPeer(parts[1]), RedisServer(parts[2])
        stack.callback(orthanc.stop)
        orthanc.start()
        stack.callback(storing.server.stop)
        storing.server.start()
        disk = stack.enter_context(spool_disk())
        if embedded:
            yield Surroundings(orthanc, storing, disk, None, None)
            return
        stack.callback(redis.stop)
        redis.start()
        yield Surroundings(orthanc, storing, disk, stack.enter_context(postgres()), redis)
