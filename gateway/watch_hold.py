"""Takes hold of a file of a watched folder, so that only what was read can be put away.

Whoever fills the folder may replace a file, under the same name, at any moment. So a name is never
trusted: the file is first renamed into a folder of ours beside it, which nobody else writes to,
and only what is found there is compared with what was read. It is put away, or given back.

A kill in between leaves that folder behind; the next look gives back what is in it.
"""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FOLDER: Final = re.compile(r"\.firstread-[0-9a-f]{32}")
_LONGEST_NAME: Final = 255
"""Bytes, of most file systems."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looked like.

    Parameters
    ----------
    device, inode
        Which file it is.
    size
        In bytes.
    modified_ns
        When its content was last changed, by what its writer says.
    changed_ns
        When anything of it was last changed, permissions and name too; nobody can set it.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Look":
        """Give the look of a file by its status."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )

    def same_content(self, other: "Look") -> bool:
        """Tell whether both are of one file and its content, whatever its name by now."""
        return (self.device, self.inode, self.size, self.modified_ns) == (
            other.device,
            other.inode,
            other.size,
            other.modified_ns,
        )


def is_hold(name: str) -> bool:
    """Tell whether a folder of this name is one of ours."""
    return _FOLDER.fullmatch(name) is not None


@contextmanager
def held(path: Path, look: Look) -> Iterator[Path | None]:
    """Take a file out of everybody's reach, and give back whatever is left of it at the end.

    Parameters
    ----------
    path
        The file.
    look
        What was read of it. Its reader has it open still, or its inode could be another's by now.

    Yields
    ------
    pathlib.Path or None
        Where it lies; None where it is not what was read.

    Raises
    ------
    OSError
        If it cannot be renamed; it lies where it was.
    """
    if Look.of(path.lstat()) != look:
        yield None
        return
    folder = path.with_name(f".firstread-{uuid.uuid4().hex}")
    folder.mkdir(mode=0o700)
    ours = folder / path.name
    try:
        path.rename(ours)
        # Its name changed, and with it `changed_ns`.
        yield ours if Look.of(ours.lstat()).same_content(look) else None
    finally:
        give_back(folder)


def give_back(folder: Path) -> None:
    """Give the files of a folder of ours back to the one above, and remove it.

    A file whose name is taken there by now gets another one: both are to be read.

    Raises
    ------
    OSError
        If one cannot be given back; it lies where it was.
    """
    for ours in sorted(folder.iterdir()):
        _give_back(ours, folder.with_name(ours.name))
    folder.rmdir()


def _give_back(ours: Path, wanted: Path) -> None:
    with suppress(OSError):
        # Unlike a rename it never replaces what has the name.
        os.link(ours, wanted, follow_symlinks=False)
        ours.unlink()
        return
    name = f"{uuid.uuid4().hex}-{wanted.name}"
    fits = len(os.fsencode(name)) <= _LONGEST_NAME
    ours.rename(wanted.with_name(name if fits else uuid.uuid4().hex))
