"""Reads a secret, such as a password, from a file of its own.

A file that others may read is refused: a password that every account of the machine can read
protects nothing. Secrets that a container engine mounts under `/run/secrets`, and those that
systemd puts under `/run/credentials`, belong to root and may have wider modes (Docker's have
0444): there the mount is what keeps others out.
"""

import os
import stat
from pathlib import Path
from typing import Final

from core.errors import SettingsError

MOUNTS: Final = (Path("/run/secrets"), Path("/run/credentials"))
"""Where secrets are mounted for one service alone."""
_LONGEST: Final = 4096
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def read_secret(path: Path, setting: str, mounts: tuple[Path, ...] = MOUNTS) -> str:
    """Give the secret that a file holds, without the line's end.

    Parameters
    ----------
    path
        The file: one line of printable UTF-8.
    setting
        The setting that names it, for errors.
    mounts
        Folders in which a file of root's may be readable by others.

    Raises
    ------
    SettingsError
        If the file cannot be read, may be read or written by others, belongs to another account, or
        holds anything but one line. No error quotes what it holds.
    """
    content, status = _read(path, setting)
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid not in {0, os.geteuid()}:
        message = f"{setting} {path} belongs to another account (user {status.st_uid})"
        raise SettingsError(message)
    mounted = status.st_uid == 0 and any(path.absolute().is_relative_to(one) for one in mounts)
    if mode & (_OTHERS_WRITE if mounted else _OTHERS):
        message = f"{setting} {path} has mode {mode:04o}: others may use it; chmod 600"
        raise SettingsError(message)
    try:
        secret = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        secret = ""
    if not secret or not secret.isprintable() or len(content) > _LONGEST:
        message = f"{setting} {path} must hold the secret in one line, and nothing else"
        raise SettingsError(message)
    return secret


def _read(path: Path, setting: str) -> tuple[bytes, os.stat_result]:
    try:
        # Not blocking: a pipe that stands there would hold the start up for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                message = f"{setting} {path} is no file"
                raise SettingsError(message)
            return os.read(descriptor, _LONGEST + 1), status
        finally:
            os.close(descriptor)
    except OSError as error:
        message = f"{setting} {path} cannot be read: {error.strerror}"
        raise SettingsError(message) from error
