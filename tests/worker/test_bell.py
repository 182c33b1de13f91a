"""The bell over a real Redis and a real folder: it hears, and goes on hearing.

The broker's side of rings is tested with core.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError

from core.broker import QUEUE, WAKE_TASK, celery_app
from core.settings import BrokerSettings, Settings
from tests.peers.redis import RedisServer
from tests.waiting import wait_until
from worker import bell
from worker.bell import Bell


def _settings(tmp_path: Path, url: str | None = None) -> Settings:
    return Settings(data=tmp_path, broker=BrokerSettings(url=url, polling_interval=0.01))


@contextmanager
def _listening(settings: Settings) -> Iterator[Callable[[], int]]:
    """Listen, and give a function that counts what was heard."""
    heard: list[None] = []
    with Bell(celery_app(settings), lambda: heard.append(None)) as ringing:
        assert ringing.ready.wait(10.0)
        yield lambda: len(heard)
    assert not any(thread.name == "bell" for thread in threading.enumerate())


def _ring(settings: Settings) -> None:
    app = celery_app(settings)
    app.send_task(WAKE_TASK, queue=QUEUE, retry=False)
    app.close()


def _rings_until_heard(settings: Settings, heard: Callable[[], int]) -> None:
    before = heard()

    def heard_after_a_ring() -> bool:
        try:
            _ring(settings)
        except OperationalError:
            return False
        return heard() > before

    wait_until(heard_after_a_ring, what="a ring after the return")


def test_rings_through_a_folder_are_heard(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with _listening(settings) as heard:
        _ring(settings)
        wait_until(lambda: heard() == 1, what="a ring")
        _ring(settings)
        wait_until(lambda: heard() == 2, what="another ring")
    assert not list((tmp_path / "broker").iterdir())


def test_rings_through_redis_are_heard(tmp_path: Path, redis_server: RedisServer) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with _listening(settings) as heard:
        _ring(settings)
        wait_until(lambda: heard() == 1, what="a ring")


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        b'{"body": "W1tdLCB7fSwgeyJjYWxs',
        b"[1, 2]",
        b'{"headers": {}}',
        b"\xff\xfe\x00",
        b'{"body": 1, "properties": {}}',
        b'{"body": "", "properties": {"delivery_tag": 1, "delivery_info": {}}, "headers": 3}',
    ],
    ids=["empty", "cut", "no object", "no body", "no text", "no tag", "wrong types"],
)
def test_a_torn_ring_does_no_harm(
    tmp_path: Path, torn: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "_PAUSE_SECONDS", 0.05)
    settings = _settings(tmp_path)
    file = tmp_path / "broker" / f"{QUEUE}.ring"
    file.parent.mkdir()
    file.write_bytes(torn)
    with _listening(settings) as heard:
        wait_until(lambda: not file.exists(), what="the torn ring's end")
        _rings_until_heard(settings, heard)


def test_the_bell_hears_again_after_redis_was_away(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with _listening(settings) as heard:
        redis_server.stop()
        redis_server.start()
        _rings_until_heard(settings, heard)


def test_the_bell_hears_again_after_redis_was_emptied(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with _listening(settings) as heard:
        redis_server.flush()
        _rings_until_heard(settings, heard)


def test_the_bell_hears_again_after_redis_was_frozen(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = _settings(tmp_path, redis_server.url)
    with _listening(settings) as heard:
        redis_server.pause()
        with pytest.raises(OperationalError):
            _ring(settings)
        redis_server.resume()
        _rings_until_heard(settings, heard)
