"""Runs the `firstread` command as a user would, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def firstread(
    *arguments: str, stdin: str = "", timeout: float = 120.0
) -> "subprocess.CompletedProcess[str]":
    """Run one command in a fresh process, and give what it said and its exit code."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTREAD_")}
    return subprocess.run(
        [sys.executable, "-m", "firstread", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=quiet | {"PYTHONPATH": str(_ROOT), "TERM": "dumb", "COLUMNS": "200"},
    )
