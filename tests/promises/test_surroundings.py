"""Promises on the broker, the database and the disk.

Covered: what dcmtk is answered, and what Orthanc gets, while one of them is away or full and after
it is back. Not covered here: each of the ways in which they fail (`tests/db`, `tests/gateway`).
"""

import time

from evaluation.chaos.processes import Kind
from tests.promises.place import OUT_OF_RESOURCES, SUCCESS, Place
from tests.waiting import wait_until

_AS_FAST_AS_EVER_SECONDS = 5.0
"""An ordinary store takes a fraction of a second; one that waited for Redis would take longer than
its time-outs."""


def test_redis_is_gone_frozen_or_empty(place: Place) -> None:
    redis = place.around.redis
    assert redis is not None
    for breaking in (redis.pause, redis.stop, redis.flush):
        film = place.film()
        with place.broken(breaking):
            begun = time.monotonic()
            assert place.send(film) == [SUCCESS]
            assert time.monotonic() - begun < _AS_FAST_AS_EVER_SECONDS
            if breaking != redis.pause:
                # Nobody rings, so that the worker looks by its own clock.
                place.wait_for_results(film)
        place.wait_for_results(film)


def test_the_database_is_away(place: Place) -> None:
    postgres = place.around.postgres
    assert postgres is not None
    gateways, refused, taken = place.pids(Kind.GATEWAY), place.film(), place.film()
    with place.broken(postgres.stop_immediately):
        assert place.send(refused) in ([OUT_OF_RESOURCES], [])
    place.send_until_taken(taken)
    assert place.state(refused) is None
    place.send_until_taken(refused)
    place.wait_for_results(taken, refused)
    assert place.pids(Kind.GATEWAY) == gateways


def test_the_disk_passes_its_mark(place: Place) -> None:
    before, refused = place.film(), place.film()
    disk = place.around.disk
    assert place.send(before) == [SUCCESS]
    with place.broken(lambda: disk.fill(past_the_end=False)):
        assert place.send(refused) == [OUT_OF_RESOURCES]
        place.wait_for_results(before)
        assert place.state(refused) is None
    wait_until(lambda: place.send(refused) == [SUCCESS], 30.0, "room again")
    place.wait_for_results(refused)
