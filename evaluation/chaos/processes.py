"""The processes of an installation, found by what the system says of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a process of ours is."""

    GATEWAY = "gateway"
    DELIVER = "deliver"
    WORKER = "worker"
    """The watchdog of a worker."""
    READING = "reading"
    """The process that holds the model, below a worker."""
    SUPERVISOR = "supervisor"
    """`firstread up`."""


_COMMANDS = {
    "gateway": Kind.GATEWAY,
    "deliver": Kind.DELIVER,
    "worker": Kind.WORKER,
    "up": Kind.SUPERVISOR,
}
_CHILD = "worker.child"


@dataclass(frozen=True, slots=True)
class Process:
    """A process of ours.

    Parameters
    ----------
    pid, parent
        Its id, and that of the process that started it.
    kind
        What it is.
    """

    pid: int
    parent: int
    kind: Kind


def kinds(*, embedded: bool) -> tuple[Kind, ...]:
    """Give the kinds of processes of a form."""
    return tuple(kind for kind in Kind if embedded or kind is not Kind.SUPERVISOR)


def processes(settings_file: Path) -> list[Process]:
    """List the processes that run the installation with these settings."""
    commands = dict(_commands())
    services = [
        Process(pid, _parent(pid), kind)
        for pid, command in commands.items()
        if (kind := _service(command, str(settings_file))) is not None
    ]
    workers = {one.pid for one in services if one.kind is Kind.WORKER}
    reading = [
        Process(pid, parent, Kind.READING)
        for pid, command in commands.items()
        if _CHILD in command and (parent := _parent(pid)) in workers
    ]
    return services + reading


def dies_with(killed: Process, among: list[Process]) -> list[Process]:
    """List what the kernel kills with a process: all that it keeps on a leash (`core.leash`)."""
    below = [one for one in among if one.parent == killed.pid]
    return below + [further for one in below for further in dies_with(one, among)]


def _service(command: list[str], settings_file: str) -> Kind | None:
    # Before it becomes the command, a child is still the leash or the shell that will.
    if command[1:5] != ["-P", "-m", "firstread", "--settings"] or settings_file not in command:
        return None
    return _COMMANDS.get(command[-1])


def _commands() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "cmdline").read_text(errors="replace")
            except OSError:
                continue
            if text:
                yield int(entry.name), text.rstrip("\0").split("\0")


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return 0
    return int(stat.rsplit(")", 1)[1].split()[1])
