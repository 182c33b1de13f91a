"""Finds outside programs."""

import shutil
from pathlib import Path

from core.errors import FirstReadError

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where Debian keeps servers; an ordinary user's PATH lacks them."""


class MissingProgramError(FirstReadError):
    """A program is not installed; the text says what brings it."""


def program(name: str, package: str, *, first: tuple[Path, ...] = ()) -> Path:
    """Give the path of a program.

    Parameters
    ----------
    name
        The program's file name.
    package
        The Debian package that brings it, for the message.
    first
        Folders to look in before the PATH.

    Raises
    ------
    MissingProgramError
        If it is not installed.
    """
    for folder in first:
        if (folder / name).is_file():
            return folder / name
    found = shutil.which(name) or shutil.which(name, path=_SYSTEM_FOLDERS)
    if found is None:
        message = f"{name} is not installed (Debian package {package}; `make peers` brings it)"
        raise MissingProgramError(message)
    return Path(found)
