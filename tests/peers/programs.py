"""Finds the outside programs that tests talk to, and skips with a clear message without them.

Where `FIRSTREAD_REQUIRE_PEERS` is set, as in continuous integration, a missing program fails.
"""

import os
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
        message = f"{name} is not installed (Debian package {package}; `make peers` brings it)"
        if os.environ.get("FIRSTREAD_REQUIRE_PEERS"):
            pytest.fail(message)
        pytest.skip(message)
    return Path(found)
