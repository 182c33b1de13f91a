"""What is done to the surroundings: each trouble begins, and what ends it is given back."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from evaluation.chaos.killing import Killer
from evaluation.chaos.processes import Kind
from evaluation.chaos.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends a trouble.

    Parameters
    ----------
    after_seconds
        When.
    act
        Ends it.
    """

    after_seconds: float
    act: Callable[[], object]


class _Freezable(Protocol):
    @property
    def running(self) -> bool: ...

    def resume(self) -> None: ...


def _thawing(server: _Freezable) -> Callable[[], None]:
    """Give what lets a server go on, if another trouble did not end it meanwhile."""

    def thaw() -> None:
        if server.running:
            server.resume()

    return thaw


_NOTHING: Final = Ending(0.0, lambda: None)


class Troubles:
    """Fails the surroundings, and freezes processes of ours.

    Parameters
    ----------
    around
        What is failed.
    killer
        Freezes ours.
    rng
        How, and for how long.
    """

    def __init__(self, around: Surroundings, killer: Killer, rng: np.random.Generator) -> None:
        self.restarts: Counter[str] = Counter()
        self.frozen: Counter[str] = Counter()
        self.filled: Counter[str] = Counter()
        self.emptied = 0
        """How often Redis lost all it held (FLUSHALL)."""
        self._around = around
        self._killer = killer
        self._rng = rng

    def all(self) -> list[Callable[[], Ending]]:
        """Give what may be done, each with the weight of its place in the list."""
        common = [self.frozen_orthanc, self.orthanc_away, self.storescp_away, self.slow_orthanc]
        common += [self.frozen_storescp, self.full_disk, self.frozen_process, self.frozen_process]
        if self._around.redis is None:
            return common
        return [
            *common,
            *(self.frozen_redis, self.redis_away, self.empty_redis),
            *(self.postgres_crashes, self.postgres_restarts),
        ]

    def frozen_redis(self) -> Ending:
        """Freeze Redis."""
        redis = self._around.redis
        if redis is None or not redis.running:
            return _NOTHING
        redis.pause()
        self.frozen["redis"] += 1
        return Ending(self._seconds(1.0, 5.0), _thawing(redis))

    def redis_away(self) -> Ending:
        """End Redis, and start it empty."""
        redis = self._around.redis
        if redis is None:
            return _NOTHING
        redis.stop()
        self.restarts["redis"] += 1
        return Ending(self._seconds(0.5, 4.0), redis.start)

    def empty_redis(self) -> Ending:
        """Empty Redis."""
        redis = self._around.redis
        if redis is not None and redis.running and redis.answers():
            redis.flush()
            self.emptied += 1
        return _NOTHING

    def postgres_crashes(self) -> Ending:
        """End PostgreSQL as `pg_ctl -m immediate` does: nothing is written, it recovers."""
        postgres = self._around.postgres
        if postgres is None:
            return _NOTHING
        postgres.stop_immediately()
        self.restarts["postgres_immediate"] += 1
        return Ending(self._seconds(0.3, 3.0), postgres.start)

    def postgres_restarts(self) -> Ending:
        """End PostgreSQL in order, every session cut off."""
        postgres = self._around.postgres
        if postgres is None:
            return _NOTHING
        postgres.stop()
        self.restarts["postgres"] += 1
        return Ending(self._seconds(0.3, 3.0), postgres.start)

    def frozen_orthanc(self) -> Ending:
        """Freeze Orthanc for longer than it is waited for, or shorter."""
        orthanc = self._around.orthanc
        if not orthanc.running:
            return _NOTHING
        orthanc.pause()
        self.frozen["orthanc"] += 1
        return Ending(self._seconds(1.0, 9.0), _thawing(orthanc))

    def slow_orthanc(self) -> Ending:
        """Freeze Orthanc for a blink, as a busy archive is."""
        orthanc = self._around.orthanc
        if not orthanc.running:
            return _NOTHING
        orthanc.pause()
        self.frozen["orthanc_for_a_blink"] += 1
        return Ending(self._seconds(0.1, 0.6), _thawing(orthanc))

    def orthanc_away(self) -> Ending:
        """End Orthanc."""
        self._around.orthanc.stop()
        self.restarts["orthanc"] += 1
        return Ending(self._seconds(0.5, 5.0), self._around.orthanc.start)

    def storescp_away(self) -> Ending:
        """Kill storescp, in mid-object if need be."""
        server = self._around.storing.server
        if not server.running:
            return _NOTHING
        server.kill()
        self.restarts["storescp"] += 1
        return Ending(self._seconds(0.5, 5.0), server.start)

    def frozen_storescp(self) -> Ending:
        """Freeze storescp."""
        server = self._around.storing.server
        if not server.running:
            return _NOTHING
        server.pause()
        self.frozen["storescp"] += 1
        return Ending(self._seconds(1.0, 9.0), _thawing(server))

    def full_disk(self) -> Ending:
        """Fill the spool's disk to its mark, or to the last byte."""
        past = bool(self._rng.random() < 0.5)  # noqa: PLR2004 - half of the times
        self._around.disk.fill(past_the_end=past)
        self.filled["to the last byte" if past else "to the mark"] += 1
        return Ending(self._seconds(1.0, 5.0), self._around.disk.empty)

    def frozen_process(self) -> Ending:
        """Freeze a process of ours, at times for longer than its lease, so that another has it."""
        kinds = (Kind.GATEWAY, Kind.DELIVER, Kind.READING, Kind.READING)
        pid = self._killer.freeze(kinds[int(self._rng.integers(len(kinds)))])
        if pid is None:
            return _NOTHING
        return Ending(self._seconds(0.5, 12.0), lambda: self._killer.thaw(pid))

    def _seconds(self, least: float, most: float) -> float:
        return float(self._rng.uniform(least, most))
