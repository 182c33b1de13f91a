"""Identifiers of SNOMED CT: form and check digit, over published ones and slips of them.

Whether a well-formed identifier exists no test can ask.
"""

import pytest

from dicom_sr.codes_toml import built_in_codes
from dicom_sr.snomed import is_concept

_OWN = sorted(
    entry.code.value
    for rows in built_in_codes().rows.values()
    for entry in rows.values()
    if entry.code.scheme_designator == "SCT"
)


@pytest.mark.parametrize("value", [*_OWN, "138875005", "999999990989121104"])
def test_a_concept_is_one(value: str) -> None:
    assert is_concept(value)


@pytest.mark.parametrize(
    "value",
    ["", "hello", "7771", "07771000", "7771000 ", "\u0667771000", "7771001", "1234567890123456789"],
)
def test_another_text_is_none(value: str) -> None:
    assert not is_concept(value)


def test_a_description_is_no_concept() -> None:
    assert not is_concept("680946014")


@pytest.mark.parametrize("value", _OWN)
def test_each_wrong_digit_and_each_swap_of_neighbours_is_found(value: str) -> None:
    for place, digit in enumerate(value):
        others = (other for other in "0123456789" if other != digit)
        slips = [value[:place] + other + value[place + 1 :] for other in others]
        if place and value[place - 1] != digit:
            slips.append(value[: place - 1] + digit + value[place - 1] + value[place + 1 :])
        assert not any(is_concept(slip) for slip in slips)
