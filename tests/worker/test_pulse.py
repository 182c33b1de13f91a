"""The pulse between two mappings of one file, and the watchdog's judgement of it."""

import os
import stat
from collections.abc import Iterator

import pytest

from tests.waiting import wait_until
from worker.pulse import Pulse
from worker.watchdog import Watchdog


@pytest.fixture
def parent() -> Iterator[Pulse]:
    with Pulse() as made:
        yield made


@pytest.fixture
def child(parent: Pulse) -> Iterator[Pulse]:
    with Pulse(parent.path) as opened:
        yield opened


def test_nobody_is_silent_before_the_work_begins(parent: Pulse, child: Pulse) -> None:
    assert parent.silence(os.getpid()) == 0.0
    child.begin()
    assert parent.silence(os.getpid()) == 0.0


def test_silence_grows_from_a_beat_to_the_next(parent: Pulse, child: Pulse) -> None:
    child.begin()
    child.beat()
    wait_until(lambda: parent.silence(os.getpid()) > 0.1, what="some silence")
    child.beat()
    assert parent.silence(os.getpid()) < 0.1


def test_a_new_process_is_not_judged_by_the_old_ones_beat(parent: Pulse, child: Pulse) -> None:
    child.begin()
    child.beat()
    wait_until(lambda: parent.silence(os.getpid()) > 0.0, what="some silence")
    assert parent.silence(os.getpid() + 1) == 0.0
    child.begin()
    assert parent.silence(os.getpid()) == 0.0


def test_the_file_is_private_and_goes_with_its_maker() -> None:
    with Pulse() as made:
        assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
        with Pulse(made.path):
            pass
        assert made.path.exists()
    assert not made.path.exists()


def test_the_watchdog_waits_for_its_timeout(parent: Pulse, child: Pulse) -> None:
    patient, strict = Watchdog(parent, 3600.0), Watchdog(parent, 0.05)
    child.begin()
    assert not strict.stuck(os.getpid())
    child.beat()
    wait_until(lambda: strict.stuck(os.getpid()), what="the watchdog")
    assert not patient.stuck(os.getpid())
    child.beat()
    assert not strict.stuck(os.getpid())
