"""Runs the `firstread` command as a user would, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).parents[2]


def firstread(
    *arguments: str, stdin: str = "", timeout: float = 120.0
) -> "subprocess.CompletedProcess[str]":
    """Run one command in a fresh process, and give what it said and its exit code."""
    return subprocess.run(
        _command(arguments),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=_environment(),
    )


def begin(*arguments: str, output: IO[str]) -> "subprocess.Popen[str]":
    """Start one command that goes on, and give its process; what it says goes into a file."""
    return subprocess.Popen(
        _command(arguments), stdin=subprocess.DEVNULL, stdout=output, text=True, env=_environment()
    )


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "firstread", *arguments]


def _environment() -> dict[str, str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTREAD_")}
    return quiet | {"PYTHONPATH": str(_ROOT), "TERM": "dumb", "COLUMNS": "200"}
