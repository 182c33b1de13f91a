"""Derived UIDs: valid, the same for the same parts, another for others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.uids import derived_uid, is_uid, only_uid

_parts = st.lists(st.text(max_size=10) | st.integers(), min_size=1, max_size=4)


@given(_parts)
def test_a_derived_uid_is_a_uid_without_leading_zeros(parts: list[str | int]) -> None:
    uid = derived_uid(*parts)
    assert is_uid(uid)
    assert len(uid) <= 44
    assert all(part == str(int(part)) for part in uid.split("."))


@given(_parts, _parts)
def test_other_parts_make_another_uid(one: list[str | int], other: list[str | int]) -> None:
    same = [str(part) for part in one] == [str(part) for part in other]
    assert (derived_uid(*one) == derived_uid(*other)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", "b"), ("b", "a")),
        (("a\x1f1:b",), ("a", "b")),
        (("a", ""), ("a",)),
    ],
)
def test_the_division_into_parts_counts(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert derived_uid(*one) != derived_uid(*other)


def test_a_derived_uid_stays_the_same_for_ever() -> None:
    # Objects in a hospital's archive bear these: another value would make new objects of old.
    assert derived_uid("findings_sr", "r1") == "2.25.208652243652249511684600244009282269052"


def test_no_part_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        derived_uid()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("1.2.840.10008.1.1", True),
        ("1", True),
        ("1.02.3", True),
        ("1" * 64, True),
        ("1" * 65, False),
        ("", False),
        ("1..2", False),
        (".1", False),
        ("1.", False),
        ("1.2a", False),
        ("1.2 ", False),
        ("1.2\n", False),
        ("../../etc", False),
        ("1.\u0662", False),
        ("1.\u00b2", False),
    ],
)
def test_what_counts_as_a_uid(text: str, valid: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_uid(text) is valid
    assert only_uid(text) == (text if valid else "")
