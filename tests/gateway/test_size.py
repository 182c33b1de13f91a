"""The cap on the claimed number of pixels."""

from typing import Any

import pytest

from gateway.size import refuse_huge
from tests.gateway.objects import film


def test_a_film_of_exactly_the_cap_is_let_through() -> None:
    assert refuse_huge(film(), 64 * 48) is None


@pytest.mark.parametrize(
    "values",
    [
        {"Rows": 65535, "Columns": 65535},
        {"NumberOfFrames": "100000"},
        {"NumberOfFrames": "+100000"},
        {"Rows": 64, "Columns": 49},
    ],
)
def test_more_than_the_cap_is_refused_with_the_number(values: dict[str, Any]) -> None:
    header = film(**values)
    total = header.Rows * header.Columns * int(header.get("NumberOfFrames", 1))
    reason = refuse_huge(header, 64 * 48)
    assert reason == f"{total} pixels, and at most {64 * 48} are accepted"


def test_what_is_no_picture_has_no_size() -> None:
    assert refuse_huge(film(Rows=None, Columns=None, PixelData=None), 1) is None
