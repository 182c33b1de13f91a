"""Who a process is: known as gone only where that very process is.

Real processes are started, killed and left unwaited for. That the kernel gives an id out again is
shown by a wrong time of start; a start of the machine cannot be shown here.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.process_mark import ProcessMark, is_gone, own_mark, process_name
from tests.waiting import wait_until

_TELL = (
    "import sys; from core.process_mark import process_name;"
    "print(process_name(), flush=True); sys.stdin.read()"
)


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Another process, which tells its name."""
    with subprocess.Popen(
        [sys.executable, "-c", _TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def mark() -> ProcessMark:
    found = own_mark()
    assert found is not None
    return found


def test_this_process_is_not_gone_and_has_one_name() -> None:
    assert process_name() == process_name()
    assert not is_gone(process_name())
    assert not is_gone(f"{process_name('any-name')}:deliverer-3")
    assert mark().pid == os.getpid()


def test_a_mark_is_read_as_it_was_written() -> None:
    assert ProcessMark.parse(str(mark())) == mark()


def test_a_killed_process_is_gone_before_anybody_waited_for_it(
    other: subprocess.Popen[str],
) -> None:
    name = name_of(other)
    assert name != process_name()
    assert not is_gone(name)
    os.kill(other.pid, signal.SIGKILL)
    wait_until(lambda: is_gone(name), what="the end to be seen")
    other.wait()
    assert is_gone(f"{name}:0badcafe")


def test_a_frozen_process_is_not_gone(other: subprocess.Popen[str]) -> None:
    name = name_of(other)
    os.kill(other.pid, signal.SIGSTOP)
    assert not is_gone(name)
    os.kill(other.pid, signal.SIGCONT)


def test_an_id_that_was_given_out_again_is_another_process() -> None:
    own = mark()
    assert ProcessMark(own.pid, own.space, own.start - 1).gone
    assert not ProcessMark(own.pid, own.space, own.start).gone


@pytest.mark.parametrize(
    "name",
    [
        "",
        "worker-1",
        "gpu-host:4194304",
        "gpu-host:4194304:1a2b3c4d",
        # Of another machine, or of this one before it was started anew.
        "gpu-host:4194304-00000000-1",
        "gpu-host:4194304-zzzzzzzz-1",
        ":",
        "a:b:c",
    ],
)
def test_of_what_is_unknown_nothing_is_claimed(name: str) -> None:
    assert not is_gone(name)


def test_an_id_beyond_all_processes_is_gone_or_unknown_but_no_error() -> None:
    own = mark()
    assert ProcessMark(4_194_304, own.space, own.start).gone
    assert not ProcessMark(9_999_999_999, own.space, own.start).gone
