"""Numbers of a header, which may be missing, several, or no numbers at all."""

import math
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from imaging.values import value_of


def numbers(header: Dataset, keyword: str) -> list[float | None]:
    """Give an element's values as finite numbers, None in the place of what is no number."""
    try:
        value = value_of(header, keyword)
    except (TypeError, ValueError, ArithmeticError):
        return []
    values = value if isinstance(value, MultiValue | list | tuple) else [value]
    return [_finite(each) for each in values]


def first_number(header: Dataset, keyword: str) -> float | None:
    """Give an element's first value as a finite number; None where there is none."""
    found = numbers(header, keyword)
    return found[0] if found else None


def whole_number(header: Dataset, keyword: str) -> int | None:
    """Give an element's first value as a whole number; None where there is none."""
    number = first_number(header, keyword)
    return int(number) if number is not None and number == int(number) else None


def word(header: Dataset, keyword: str) -> str:
    """Give an element's text in capitals without surrounding blanks; empty where there is none."""
    return str(value_of(header, keyword) or "").strip().upper()


def _finite(value: Any) -> float | None:
    try:
        number = math.nan if value is None or value == "" else float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None
