"""Codecs that crash, hang, devour memory or are killed cost their own film and nothing else.

The processes are real; a misbehaving codec is played by `odd_decoder`. Not covered: other systems
than Linux, where there is no limit of memory.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from core.errors import OutOfMemoryError, UnreadableObjectError
from imaging.bits import Cells
from imaging.decode import decode
from imaging.decode_limits import DecodeLimits
from imaging.decoders import Decoders, shared_decoders
from imaging.header import read_header
from imaging.layout import Layout
from tests.imaging.making import film, smooth
from tests.waiting import wait_until

ODD = (sys.executable, "-m", "tests.imaging.odd_decoder")
QUICK = DecodeLimits(memory=128 << 20, seconds=1.5, seconds_per_megapixel=0.1, patience=20.0)
_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def odd() -> Iterator[Decoders]:
    environment = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(_ROOT)
    decoders = Decoders(QUICK, command=ODD)
    yield decoders
    decoders.close()
    if environment is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = environment


def ask(decoders: Decoders, path: Path) -> Cells:
    return decoders.decode(path, Layout.of(read_header(path)), maximum_pixels=1_000_000)


def children() -> set[int]:
    """Process ids of this process' children, ended ones that nobody waited for among them."""
    while True:
        # What a thread leaves behind that ends meanwhile is another one's: listed anew.
        with suppress(FileNotFoundError, ProcessLookupError):
            return {
                int(pid)
                for task in Path(f"/proc/{os.getpid()}/task").iterdir()
                for pid in (task / "children").read_text(encoding="ascii").split()
            }


def runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("segfault", r"crashed \(SIGSEGV\)"),
        ("abort", r"crashed \(SIGABRT\)"),
        ("loop", "took too long"),
        ("devour", "need more than 128 MiB"),
        ("panic", "ended with status 1"),
        ("exit", "ended with status 1"),
        ("short", "answered nonsense"),
    ],
)
def test_a_codec_that_fails_costs_its_own_film(
    odd: Decoders, tmp_path: Path, deed: str, reason: str
) -> None:
    before = children()
    with pytest.raises(UnreadableObjectError, match=reason):
        ask(odd, film(tmp_path / f"{deed}.dcm", syntax=RLELossless))
    good = film(tmp_path / "good.dcm", syntax=RLELossless)
    np.testing.assert_array_equal(ask(odd, good), smooth())
    gone = before - children()
    assert not any(runs(pid) for pid in gone)
    assert len(children() - before) <= 1


def test_a_codec_that_sleeps_is_ended_by_the_clock(tmp_path: Path) -> None:
    decoders = Decoders(
        DecodeLimits(seconds=0.2, seconds_per_megapixel=0.1, patience=1.0), command=ODD
    )
    began = time.monotonic()
    with pytest.raises(UnreadableObjectError, match="took too long"):
        ask(decoders, film(tmp_path / "sleep.dcm", syntax=RLELossless))
    assert time.monotonic() - began < 10
    decoders.close()


def test_a_process_that_is_killed_from_outside_is_no_fault_of_the_film(
    odd: Decoders, tmp_path: Path
) -> None:
    with pytest.raises(OutOfMemoryError, match="killed from outside"):
        ask(odd, film(tmp_path / "killed.dcm", syntax=RLELossless))


def test_a_waiting_process_that_was_killed_is_replaced(tmp_path: Path) -> None:
    decoders = Decoders()
    path = film(tmp_path / "film.dcm", syntax=JPEGLSLossless)
    before = children()
    ask(decoders, path)
    (waiting,) = children() - before
    os.kill(waiting, signal.SIGKILL)
    wait_until(lambda: not runs(waiting), what="its end")
    np.testing.assert_array_equal(ask(decoders, path), smooth())
    decoders.close()
    assert children() <= before


def test_what_a_codec_prints_gets_into_no_answer(odd: Decoders, tmp_path: Path) -> None:
    path = film(tmp_path / "chatter.dcm", syntax=RLELossless)
    np.testing.assert_array_equal(ask(odd, path), smooth())


def test_an_unreadable_stream_keeps_its_own_reason_and_the_process(tmp_path: Path) -> None:
    decoders = Decoders()
    path = film(tmp_path / "film.dcm", syntax=RLELossless)
    layout = Layout.of(read_header(path))
    before = children()
    ask(decoders, path)
    started = children() - before
    with pytest.raises(UnreadableObjectError, match="at most 10 are decoded"):
        decoders.decode(path, layout, maximum_pixels=10)
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        decoders.decode(path, layout, maximum_pixels=10)
    assert children() - before == started
    decoders.close()


def test_no_process_no_verdict_on_the_film(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", syntax=RLELossless)
    for command in ([sys.executable, "-c", "exit(1)"], [sys.executable, "-c", "print('hello')"]):
        with pytest.raises(ChildProcessError, match="no decoding process"):
            ask(Decoders(command=command), path)
    with pytest.raises(FileNotFoundError):
        ask(Decoders(command=["/nowhere/python"]), path)


def test_many_threads_share_few_processes(tmp_path: Path) -> None:
    syntaxes = (RLELossless, JPEGLSLossless, JPEG2000Lossless)
    paths = [film(tmp_path / f"{n}.dcm", smooth(90 + n), s) for n, s in enumerate(syntaxes * 4)]
    decoders = Decoders(at_a_time=2)
    before = children()
    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(lambda path: ask(decoders, path), paths))
    for number, values in enumerate(found):
        np.testing.assert_array_equal(values, smooth(90 + number))
    assert len(children() - before) <= 2
    decoders.close()
    assert children() <= before


def test_it_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    decoders = Decoders()
    path = film(tmp_path / "film.dcm", syntax=RLELossless)
    before = children()
    thread = threading.Thread(target=ask, args=(decoders, path))
    thread.start()
    thread.join()
    started = children() - before
    np.testing.assert_array_equal(ask(decoders, path), smooth())
    assert children() - before == started
    decoders.close()


def test_it_inherits_neither_sockets_nor_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTREAD_DATABASE__URL", "postgresql://someone:secret@nowhere/")
    decoders = Decoders()
    with socket.socket(socket.AF_UNIX) as kept:
        kept.bind(str(tmp_path / "socket"))
        before = children()
        ask(decoders, film(tmp_path / "film.dcm", syntax=RLELossless))
        (pid,) = children() - before
        held = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [name for name in held if name.startswith("socket:")]
    assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    decoders.close()


_BUSY = """
import sys, threading
from pathlib import Path
from imaging.decoders import Decoders
from imaging.header import read_header
from imaging.layout import Layout
odd = Decoders(command=(sys.executable, "-m", "tests.imaging.odd_decoder"))
for name in sys.argv[1:]:
    path = Path(name)
    odd.decode(path, Layout.of(read_header(path)), maximum_pixels=1_000_000)
    print("done", flush=True)
"""


@pytest.mark.parametrize("at_work", [False, True])
def test_it_ends_with_a_process_that_is_killed(tmp_path: Path, *, at_work: bool) -> None:
    good = film(tmp_path / "good.dcm", syntax=RLELossless)
    then = film(tmp_path / "sleep.dcm", syntax=RLELossless)
    code = _BUSY if at_work else f"{_BUSY}\nsys.stdin.read()\n"
    names = [str(good), str(then)] if at_work else [str(good)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"done\n"
        wait_until(lambda: len(_below(parent.pid)) == 1 + at_work, what="its processes")
        below = _below(parent.pid)
        parent.kill()
        wait_until(lambda: not any(runs(pid) for pid in below), 10, what="their end")


def _below(pid: int) -> list[int]:
    """Process ids of all descendants of a process with one thread."""
    try:
        own = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [found for child in own for found in (int(child), *_below(int(child)))]


def test_the_shared_ones_are_used_for_every_compressed_film(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", syntax=JPEG2000Lossless)
    np.testing.assert_array_equal(decode(path, maximum_pixels=10_000).values, smooth())
    assert shared_decoders() is shared_decoders()
    assert len(shared_decoders()._idle) >= 1
    gc.collect()  # a process that was left running would warn here


@pytest.mark.parametrize(
    "values",
    [{"memory": 0}, {"seconds": 0.0}, {"seconds_per_megapixel": -1.0}, {"patience": 0.5}],
)
def test_limits_that_limit_nothing_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no usable limits"):
        DecodeLimits(**values)  # type: ignore[arg-type]


def test_limits_grow_with_the_film_and_have_an_end() -> None:
    limits = DecodeLimits()
    assert limits.clock_seconds(100_000) < 10
    assert limits.clock_seconds(5_000_000) > 4 * limits.clock_seconds(100_000) / 2
    assert limits.clock_seconds(10**9) == limits.processor_seconds(10**9) == limits.longest
