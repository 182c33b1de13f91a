"""Hashes that cost next to nothing, for tests that are not about their cost."""

import pytest
from argon2 import PasswordHasher

from db import passwords


def make_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashes be made and compared with at once, for this test."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash("nobody's"))
