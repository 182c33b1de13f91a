"""What an installation takes of its machine: memory, threads, descriptors, files."""

from dataclasses import dataclass
from pathlib import Path

from evaluation.chaos.processes import Kind, processes
from evaluation.house import House


@dataclass(frozen=True, slots=True)
class Process:
    """What one process takes, as Linux' /proc says.

    Parameters
    ----------
    memory_mb
        Resident set, in MB.
    threads, descriptors
        How many.
    """

    memory_mb: float
    threads: int
    descriptors: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What an installation takes at one moment.

    Parameters
    ----------
    processes
        By kind.
    spool_files, spool_mb
        What lies in the spool.
    other_files
        Files elsewhere in the data folder: rings, ports, the database.
    """

    processes: dict[str, Process]
    spool_files: int
    spool_mb: float
    other_files: int


def sample(house: House) -> Sample:
    """Look at a running installation."""
    spool = _files(house.settings.spool_folder)
    return Sample(
        processes={
            one.kind.value: _process(one.pid)
            for one in processes(house.settings_file)
            if one.kind is not Kind.SUPERVISOR
        },
        spool_files=len(spool),
        spool_mb=round(sum(spool) / 1e6, 1),
        other_files=len(_files(house.settings.data)) - len(spool),
    )


def _process(pid: int) -> Process:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    )
    return Process(
        memory_mb=round(int(status["VmRSS"].split()[0]) / 1024, 1),
        threads=int(status["Threads"]),
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
    )


def _files(folder: Path) -> list[int]:
    """Give the sizes of all files below a folder that changes meanwhile, in bytes."""
    sizes = []
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return sizes
