"""The supervisor with real child processes: start, restart, stuck, orderly end, kill -9.

Not covered: other systems than Linux, where a killed supervisor leaves its children.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.child import MAXIMUM_INPUT
from core.supervisor import ChildSpec, Pauses, Supervisor
from tests.waiting import wait_until

_QUICK = Pauses(first=0.05, longest=0.2, settled=60.0, grace=5.0)
_ROOT = Path(__file__).parents[2]

_TELL_PID = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
_FOR_EVER = _TELL_PID + "import signal; signal.pause()"
_END_AT_ONCE = _TELL_PID + "sys.exit(3)"
_DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _TELL_PID + "\n"
    "while True: signal.pause()"
)
_ORDERLY = (
    "import pathlib, signal, sys\n"
    "def end(*_): pathlib.Path(sys.argv[1] + '.ended').touch(); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end); " + _TELL_PID + "signal.pause()"
)


def _spec(code: str, pids: Path, name: str = "child") -> ChildSpec:
    return ChildSpec(name, (sys.executable, "-c", code, str(pids)))


def _pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def _alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for (a zombie) does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def _running(supervisor: Supervisor) -> Iterator[None]:
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield
    finally:
        supervisor.stop()
        thread.join(timeout=20.0)
        assert not thread.is_alive()


def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with _running(Supervisor([_spec(_END_AT_ONCE, pids)], _QUICK)):
        wait_until(lambda: len(_pids(pids)) >= 3, what="a third start")
    assert len(set(_pids(pids))) == len(_pids(pids))


def test_a_killed_child_is_started_again_and_the_other_left_alone(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    specs = [_spec(_FOR_EVER, one, "one"), _spec(_FOR_EVER, other, "other")]
    with _running(Supervisor(specs, _QUICK)):
        wait_until(lambda: _pids(one) and _pids(other), what="both children")
        os.kill(_pids(one)[0], signal.SIGKILL)
        wait_until(lambda: len(_pids(one)) == 2, what="another child")
        assert len(_pids(other)) == 1


def test_the_pause_grows_up_to_its_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pids = tmp_path / "pids"
    pauses = Pauses(first=0.01, longest=0.03, settled=60.0, grace=5.0)
    with _running(Supervisor([_spec(_END_AT_ONCE, pids)], pauses)):
        wait_until(lambda: len(_pids(pids)) >= 5, what="a fifth start")
    lines = [line for line in capsys.readouterr().err.splitlines() if "child_ended" in line]
    told = [line.split("pause_seconds=")[1].split()[0] for line in lines]
    assert told[:4] == ["0.01", "0.02", "0.03", "0.03"]


def test_a_settled_child_starts_with_the_first_pause_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pids = tmp_path / "pids"
    pauses = Pauses(first=0.01, longest=10.0, settled=0.0, grace=5.0)
    with _running(Supervisor([_spec(_END_AT_ONCE, pids)], pauses)):
        wait_until(lambda: len(_pids(pids)) >= 3, what="a third start")
    ended = [line for line in capsys.readouterr().err.splitlines() if "child_ended" in line]
    assert all("pause_seconds=0.01" in line for line in ended)


def test_a_stuck_child_is_killed_and_replaced(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    spec = _spec(_DEAF, pids)
    stuck = ChildSpec(spec.name, spec.command, stuck=lambda pid: _pids(pids) == [pid])
    with _running(Supervisor([stuck], Pauses(first=0.05, grace=0.2))):
        wait_until(lambda: len(_pids(pids)) == 2, what="another child")
        assert not _alive(_pids(pids)[0])


def test_stopping_lets_a_child_end_in_order(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with _running(Supervisor([_spec(_ORDERLY, pids)], _QUICK)):
        wait_until(lambda: _pids(pids), what="the child")
    assert (tmp_path / "pids.ended").exists()
    assert not _alive(_pids(pids)[0])


def test_a_child_deaf_to_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    pauses = Pauses(grace=0.3)
    with _running(Supervisor([_spec(_DEAF, pids)], pauses)):
        wait_until(lambda: _pids(pids), what="the child")
    assert not _alive(_pids(pids)[0])


def test_a_child_reads_its_input_and_sees_its_environment(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import os, pathlib, signal, sys; told = pathlib.Path(sys.argv[1]); "
        "told.with_suffix('.new').write_text(sys.stdin.read() + os.environ['SAID']); "
        "told.with_suffix('.new').rename(told); signal.pause()"
    )
    spec = ChildSpec(
        "child",
        (sys.executable, "-c", code, str(told)),
        input="a secret, ",
        environment={"SAID": "and more"},
    )
    with _running(Supervisor([spec], _QUICK)):
        wait_until(told.exists, what="the child's words")
    assert told.read_text() == "a secret, and more"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_supervisor_and_its_children(tmp_path: Path, number: int) -> None:
    pids = tmp_path / "pids"
    with _supervisor_process(_ORDERLY, pids) as process:
        wait_until(lambda: _pids(pids), what="the child")
        process.send_signal(number)
        assert process.wait(timeout=20.0) == 0
    assert (tmp_path / "pids.ended").exists()


def test_a_second_signal_does_not_wait_for_a_straggler(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with _supervisor_process(_DEAF, pids, grace=600.0) as process:
        wait_until(lambda: _pids(pids), what="the child")
        process.send_signal(signal.SIGTERM)
        # The first must have been taken, or the two become one; then there is no more restart.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20.0) == 0
    assert not _alive(_pids(pids)[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_no_child_outlives_a_supervisor_killed_by_force(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with _supervisor_process(_DEAF, pids) as process:
        wait_until(lambda: _pids(pids), what="the child")
        process.kill()
        wait_until(lambda: not _alive(_pids(pids)[0]), timeout=10.0, what="the orphan's end")


def test_a_leash_whose_parent_is_gone_starts_nothing(tmp_path: Path) -> None:
    leash = _ROOT / "core" / "leash.py"
    mark = tmp_path / "mark"
    nobody = str(os.getpid() + 1)
    ended = subprocess.run([sys.executable, "-I", leash, nobody, "touch", mark], check=False)
    assert ended.returncode == 125
    assert not mark.exists()


@pytest.mark.parametrize("names", [[], ["same", "same"]])
def test_children_need_different_names(names: list[str]) -> None:
    with pytest.raises(ValueError, match="different names"):
        Supervisor([ChildSpec(name, ("true",)) for name in names])


def test_an_input_over_the_pipes_buffer_is_refused() -> None:
    ChildSpec("child", ("true",), input="x" * MAXIMUM_INPUT)
    with pytest.raises(ValueError, match="input of child is over"):
        ChildSpec("child", ("true",), input="x" * (MAXIMUM_INPUT + 1))


@contextmanager
def _supervisor_process(
    code: str, pids: Path, grace: float = 5.0
) -> Iterator[subprocess.Popen[bytes]]:
    program = (
        "import sys; from core.supervisor import *; "
        f"Supervisor([ChildSpec('child', (sys.executable, '-c', {code!r}, {str(pids)!r}))], "
        f"Pauses(grace={grace})).run()"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=_ROOT) as process:
        try:
            yield process
        finally:
            process.kill()
