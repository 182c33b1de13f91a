"""Finds the outside programs that tests talk to, and skips with a clear message without them."""

import shutil
from pathlib import Path

import pytest

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where Debian keeps servers; an ordinary user's PATH lacks them."""


def program(name: str, package: str, *, first: tuple[Path, ...] = ()) -> Path:
    """Give the path of a program, or skip the test that asked for it.

    Parameters
    ----------
    name
        The program's file name.
    package
        The Debian package that brings it, for the message.
    first
        Folders to look in before the PATH.
    """
    for folder in first:
        if (folder / name).is_file():
            return folder / name
    found = shutil.which(name) or shutil.which(name, path=_SYSTEM_FOLDERS)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian package {package}; `make test` brings it)")
    return Path(found)
