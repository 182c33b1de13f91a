"""Finds the outside programs that tests talk to, and skips with a clear message without them.

Where `FIRSTREAD_REQUIRE_PEERS` is set, as in continuous integration, a missing program fails.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evaluation.servers import program as programs


def program(name: str, package: str, *, first: tuple[Path, ...] = ()) -> Path:
    """Give the path of a program as `evaluation.servers.program`, or skip the test."""
    with skipped_without_programs():
        return programs.program(name, package, first=first)


@contextmanager
def skipped_without_programs() -> Iterator[None]:
    """Skip the test within which a program turns out to be missing."""
    try:
        yield
    except programs.MissingProgramError as error:
        if os.environ.get("FIRSTREAD_REQUIRE_PEERS"):
            pytest.fail(str(error))
        pytest.skip(str(error))
