"""Where rings go, and the ringer that sends them: a real folder and a real Redis.

Messages are taken out with Kombu itself; the worker that hears them, torn rings included, is
tested with the worker package (test_bell).
"""

import contextlib
import threading
from pathlib import Path

import pytest
import redis
from celery import Celery

from core.broker import QUEUE, WAKE_TASK, celery_app, clear_rings
from core.ringer import Ringer
from core.settings import BrokerSettings, Settings
from tests.peers.redis import RedisServer
from tests.waiting import wait_until


def _settings(tmp_path: Path, url: str | None = None) -> Settings:
    return Settings(data=tmp_path, broker=BrokerSettings(url=url, polling_interval=0.01))


def _ring(app: Celery) -> None:
    app.send_task(WAKE_TASK, queue=QUEUE, retry=False)


def _ring_file(tmp_path: Path) -> Path:
    return tmp_path / "broker" / f"{QUEUE}.ring"


def _take(app: Celery) -> str | None:
    """Take one ring out of the queue; give the task that it names."""
    with app.connection_for_read() as connection, connection.channel() as channel:
        message = channel.basic_get(QUEUE, no_ack=True)
        return None if message is None else str(message.headers["task"])


def _waiting_in_redis(server: RedisServer) -> int:
    with contextlib.closing(redis.Redis.from_url(server.url)) as client:
        length = client.llen(QUEUE)
        assert isinstance(length, int)
        return length


def test_a_ring_goes_through_a_folder_once(tmp_path: Path) -> None:
    app = celery_app(_settings(tmp_path))
    assert _take(app) is None
    _ring(app)
    assert _take(app) == WAKE_TASK
    assert _take(app) is None
    assert not list((tmp_path / "broker").iterdir())


def test_rings_that_nobody_hears_wait_as_one(tmp_path: Path) -> None:
    app = celery_app(_settings(tmp_path))
    for _ in range(5):
        _ring(app)
    assert [path.name for path in (tmp_path / "broker").iterdir()] == [f"{QUEUE}.ring"]
    assert _take(app) == WAKE_TASK
    assert _take(app) is None


@pytest.mark.parametrize("torn", [b"", b'{"body": "W1t', b"[1, 2]", b'{"headers": {}}', b"\xff"])
def test_a_torn_ring_is_dropped(tmp_path: Path, torn: bytes) -> None:
    app = celery_app(_settings(tmp_path))
    _ring_file(tmp_path).parent.mkdir()
    _ring_file(tmp_path).write_bytes(torn)
    assert _take(app) is None
    assert not list((tmp_path / "broker").iterdir())
    _ring(app)
    assert _take(app) == WAKE_TASK


def test_the_queue_can_be_counted_and_emptied(tmp_path: Path) -> None:
    app = celery_app(_settings(tmp_path))
    with app.connection_for_read() as connection, connection.channel() as channel:
        assert channel.queue_purge(QUEUE) == 0
        _ring(app)
        assert channel.queue_declare(QUEUE).message_count == 1
        assert channel.queue_purge(QUEUE) == 1
        assert channel.queue_declare(QUEUE).message_count == 0


def test_a_ring_goes_through_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    app = celery_app(_settings(tmp_path, redis_server.url))
    _ring(app)
    assert _waiting_in_redis(redis_server) == 1
    assert _take(app) == WAKE_TASK
    assert not (tmp_path / "broker").exists()


def test_clearing_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    _ring_file(tmp_path).parent.mkdir()
    _ring_file(tmp_path).with_suffix(".1.part").write_bytes(b"{")
    clear_rings(settings)
    assert not (tmp_path / "broker").exists()
    clear_rings(settings)


def test_clearing_leaves_a_folder_beside_redis_alone(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    clear_rings(_settings(tmp_path, "redis://127.0.0.1:1/0"))
    assert (tmp_path / "broker").exists()


def test_the_ringer_turns_calls_into_rings(tmp_path: Path) -> None:
    app = celery_app(_settings(tmp_path))
    with Ringer(app) as ringer:
        for _ in range(2):
            ringer.ring()
            wait_until(_ring_file(tmp_path).exists, what="a ring")
            assert _take(app) == WAKE_TASK


def test_a_ring_is_lost_without_harm_while_redis_is_away(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with Ringer(celery_app(_settings(tmp_path, redis_server.url))) as ringer:
        redis_server.stop()
        ringer.ring()
        wait_until(lambda: not ringer._wanted.is_set(), what="the ringer to try")
        redis_server.start()

        def arrived_after_a_ring() -> bool:
            ringer.ring()
            return _waiting_in_redis(redis_server) > 0

        wait_until(arrived_after_a_ring, what="a ring after the return")


def test_ringing_returns_at_once_while_redis_is_frozen(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with Ringer(celery_app(_settings(tmp_path, redis_server.url))) as ringer:
        redis_server.pause()
        done = threading.Event()

        def ring_often() -> None:
            for _ in range(1000):
                ringer.ring()
            done.set()

        thread = threading.Thread(target=ring_often)
        thread.start()
        # A message to a frozen Redis takes seconds; a thousand of them would take an hour.
        assert done.wait(10.0)
        thread.join()
