"""The doorbell over a real folder and a real Redis: rings arrive, torn ones do no harm.

Each test runs the worker side of Celery (solo pool) in a thread. What a ring leads to is
tested with the worker package.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery
from celery.worker import WorkController

from core.broker import QUEUE, WAKE_TASK, celery_app, clear_rings
from core.ringer import Ringer
from core.settings import BrokerSettings, Settings
from tests.peers.redis import RedisServer
from tests.waiting import wait_until


def _settings(tmp_path: Path, url: str | None = None) -> Settings:
    return Settings(data=tmp_path, broker=BrokerSettings(url=url, polling_interval=0.01))


@contextmanager
def _listening(settings: Settings) -> Iterator[Callable[[], int]]:
    """Consume rings in a thread; gives a function that counts them."""
    app = celery_app(settings)
    heard: list[None] = []

    def wake() -> None:
        heard.append(None)

    app.task(wake, name=WAKE_TASK, shared=False)
    ready = threading.Event()
    worker = WorkController(
        app=app,
        pool="solo",
        concurrency=1,
        queues=[QUEUE],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        ready_callback=lambda _consumer: ready.set(),
    )
    thread = threading.Thread(target=worker.start)
    thread.start()
    try:
        assert ready.wait(10.0)
        yield lambda: len(heard)
    finally:
        worker.stop()
        thread.join(10.0)
        assert not thread.is_alive()


def _ring(app: Celery) -> None:
    app.send_task(WAKE_TASK, queue=QUEUE, retry=False)


def _ring_file(tmp_path: Path) -> Path:
    return tmp_path / "broker" / f"{QUEUE}.ring"


def test_rings_arrive_through_a_folder(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with _listening(settings) as heard:
        _ring(celery_app(settings))
        wait_until(lambda: heard() == 1, what="a ring")
        _ring(celery_app(settings))
        wait_until(lambda: heard() == 2, what="another ring")
    assert not list((tmp_path / "broker").iterdir())


def test_rings_arrive_through_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with _listening(settings) as heard:
        _ring(celery_app(settings))
        wait_until(lambda: heard() == 1, what="a ring")
    assert not (tmp_path / "broker").exists()


def test_many_rings_that_nobody_hears_wait_as_one(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    app = celery_app(settings)
    for _ in range(5):
        _ring(app)
    assert [path.name for path in (tmp_path / "broker").iterdir()] == [f"{QUEUE}.ring"]
    with _listening(settings) as heard:
        wait_until(lambda: heard() == 1, what="the ring")
        wait_until(lambda: not list((tmp_path / "broker").iterdir()), what="an empty folder")
        assert heard() == 1


@pytest.mark.parametrize(
    "torn",
    [b"", b'{"body": "W1tdLCB7fSwgeyJjYWxs', b"[1, 2]", b'{"headers": {}}', b"\xff\xfe\x00"],
    ids=["empty", "cut", "no object", "no body", "no text"],
)
def test_a_torn_ring_is_dropped_and_the_next_is_heard(tmp_path: Path, torn: bytes) -> None:
    settings = _settings(tmp_path)
    app = celery_app(settings)
    _ring_file(tmp_path).parent.mkdir()
    _ring_file(tmp_path).write_bytes(torn)
    with _listening(settings) as heard:
        wait_until(lambda: not _ring_file(tmp_path).exists(), what="the torn ring's end")
        _ring(app)
        wait_until(lambda: heard() == 1, what="the next ring")
    assert not list((tmp_path / "broker").iterdir())


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
    settings = _settings(tmp_path)
    with _listening(settings) as heard, Ringer(celery_app(settings)) as ringer:
        ringer.ring()
        wait_until(lambda: heard() == 1, what="the first ring")
        ringer.ring()
        wait_until(lambda: heard() == 2, what="the second ring")


def test_a_ring_is_lost_without_harm_while_redis_is_away(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with Ringer(celery_app(settings)) as ringer:
        redis_server.stop()
        ringer.ring()
        wait_until(lambda: not ringer._wanted.is_set(), what="the ringer to try")
        redis_server.start()
        with _listening(settings) as heard:

            def heard_after_a_ring() -> bool:
                ringer.ring()
                return heard() > 0

            wait_until(heard_after_a_ring, what="a ring after the return")


def test_a_ring_returns_at_once_while_redis_is_frozen(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with Ringer(celery_app(settings)) as ringer:
        redis_server.pause()
        done = threading.Event()

        def ring_often() -> None:
            for _ in range(1000):
                ringer.ring()
            done.set()

        thread = threading.Thread(target=ring_often)
        thread.start()
        assert done.wait(1.0)
        thread.join()
