"""Files and folders that nobody but this account may enter, whatever the process's umask."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Have this process, and those that it starts, make files and folders for its account alone."""
    os.umask(_OTHERS)


def private_folder(path: Path) -> None:
    """Make a folder with those above it where they are missing, and close it to others.

    A folder above it that is there already stays as it is, and so does the folder itself where it
    is another account's, or one that all accounts share (`/tmp`): `open_to_others` tells of it.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    if not path.is_dir():
        if not path.parent.is_dir():
            private_folder(path.parent)
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    if not path.stat().st_mode & stat.S_ISVTX:
        close_to_others(path, FOLDER_MODE)


def close_to_others(path: Path, mode: int = FILE_MODE) -> None:
    """Take others' rights at a file or folder away, where it is this account's; else nothing."""
    status = path.stat()
    if status.st_mode & _OTHERS and status.st_uid == os.geteuid():
        path.chmod(mode)


def open_to_others(path: Path) -> bool:
    """Tell whether others may read, write or enter a file or folder that is there."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except FileNotFoundError:
        return False


def create_private(path: Path, buffering: int = -1) -> BinaryIO:
    """Make a new file for this account alone, and open it to be written.

    Raises
    ------
    OSError
        If it cannot be made, or is there already.
    """
    return open(path, "xb", buffering, opener=_opener)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file for this account alone; as `create_private`."""
    with create_private(path) as file:
        file.write(content)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)
