"""The doorbell and the desk together: a broker that is away, frozen or empty holds up no reading.

Redis and PostgreSQL are real; desk and bell run in threads of this process.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.broker import celery_app
from core.ringer import Ringer
from core.states import FilmState
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.waiting import wait_until
from tests.worker.desks import make_desk, working
from tests.worker.house import House
from worker.bell import Bell
from worker.pulse import Pulse


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with Pulse() as made:
        yield made


@pytest.fixture
def redis_house(tmp_path: Path, upgraded: Path, redis_server: RedisServer) -> Iterator[House]:
    made = House(tmp_path, upgraded=upgraded, broker=redis_server.url)
    yield made
    made.close()


def _read(house: House, film: int) -> bool:
    return house.film(film).state is FilmState.READ


def test_a_ring_through_redis_wakes_the_desk(redis_house: House, pulse: Pulse) -> None:
    desk = make_desk(redis_house, pulse)
    with (
        working(desk),
        Bell(celery_app(redis_house.settings), desk.ring) as bell,
        Ringer(celery_app(redis_house.settings)) as ringer,
    ):
        assert bell.ready.wait(30.0)
        film = redis_house.add_film()
        ringer.ring()
        wait_until(lambda: _read(redis_house, film), what="the film")


@pytest.mark.parametrize(
    ("harm", "mend"), [("stop", "start"), ("pause", "resume"), ("flush", "start")]
)
def test_reading_goes_on_without_redis_and_rings_count_again_with_it(
    redis_house: House, pulse: Pulse, redis_server: RedisServer, harm: str, mend: str
) -> None:
    settings = redis_house.settings
    # The first desk looks by its own clock, the second only when it is rung.
    looking, rung = (make_desk(redis_house, pulse, look_seconds=pause) for pause in (0.2, 600.0))
    desks = [looking]

    def ring() -> None:
        desks[-1].ring()

    with Bell(celery_app(settings), ring) as bell:
        assert bell.ready.wait(30.0)
        getattr(redis_server, harm)()
        with working(looking):
            film = redis_house.add_film()
            wait_until(lambda: _read(redis_house, film), what="the film without rings")
        getattr(redis_server, mend)()
        desks.append(rung)
        with working(rung), Ringer(celery_app(settings)) as ringer:
            another = redis_house.add_film()

            def read_after_a_ring() -> bool:
                ringer.ring()
                return _read(redis_house, another)

            wait_until(read_after_a_ring, timeout=60.0, what="the film with rings")


def test_two_workers_on_postgresql_read_every_film_once(
    tmp_path: Path, postgres_server: PostgresServer, pulse: Pulse
) -> None:
    house = House(tmp_path, database=postgres_server.new_database())
    films = [house.add_film() for _ in range(8)]
    with ExitStack() as workers:
        for name in ("w1", "w2"):
            workers.enter_context(working(make_desk(house, pulse, name=name)))
        wait_until(lambda: all(_read(house, film) for film in films), what="all films")
    assert [len(house.readings(film)) for film in films] == [1] * 8
    assert {house.draft(film).attempts for film in films} == {1}
    house.close()
