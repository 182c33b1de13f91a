"""The table of loaders; what each of them does is covered by `test_loading.py` beside it."""

from reader.registry import FAMILIES
from reader.weights.loaders import LOADERS


def test_every_family_has_a_loader_and_none_is_for_nobody() -> None:
    assert list(LOADERS) == [family.key for family in FAMILIES]
