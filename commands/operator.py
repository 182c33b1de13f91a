"""Who works at the command line, as the audit names it."""

import os
import pwd
import socket
from pathlib import Path
from typing import Final

_LOGIN: Final = Path("/proc/self/loginuid")
_NOBODY: Final = 0xFFFF_FFFF
"""What the kernel says of a process that no login began."""


def operator() -> str:
    """Give the account that runs this command, and its machine: `alice@workstation`.

    It is what the kernel knows, never what the environment says. Where somebody became another
    account since logging in, as by sudo(8), both are named: `root@workstation, logged in as alice`;
    the kernel keeps that only where pam_loginuid(8) or its like told it.
    """
    host = socket.gethostname()
    login = _login()
    if login in {None, os.geteuid()}:
        return f"{_name(os.geteuid())}@{host}"
    return f"{_name(os.geteuid())}@{host}, logged in as {_name(login)}"


def _login() -> int | None:
    try:
        number = int(_LOGIN.read_text())
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY else number


def _name(number: int | None) -> str:
    try:
        return "?" if number is None else pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
