"""A whole worker, parent and child, as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import Settings

_ROOT = Path(__file__).parents[2]
_PROGRAM = """
import sys
from core.settings import Settings
from worker.run import run_worker
run_worker(Settings.model_validate_json(sys.stdin.read()), ("-m", sys.argv[1]))
"""


class WorkerProcess:
    """A running `run_worker`.

    Parameters
    ----------
    process
        The parent.
    mark
        The file that the child makes at its first odd act.
    """

    def __init__(self, process: subprocess.Popen[str], mark: Path) -> None:
        self.process = process
        self._mark = mark

    @property
    def acting(self) -> bool:
        """Whether the odd act has begun."""
        return self._mark.exists() and bool(self._mark.read_text())

    @property
    def acting_pid(self) -> int:
        """The process in which the odd act began."""
        return int(self._mark.read_text())


@contextmanager
def worker_process(
    settings: Settings, act: str = "", program: str = "tests.worker.odd_child"
) -> Iterator[WorkerProcess]:
    """Run a worker; ended by force at the exit, and its child with it."""
    mark = settings.data / "mark"
    environment = {**os.environ, "ODD_ACT": act, "ODD_MARK": str(mark)}
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, program],
        stdin=subprocess.PIPE,
        env=environment,
        cwd=_ROOT,
        text=True,
    ) as process:
        assert process.stdin is not None
        try:
            process.stdin.write(settings.model_dump_json())
            process.stdin.close()
            yield WorkerProcess(process, mark)
        finally:
            process.kill()


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie, which nobody has waited for, does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
