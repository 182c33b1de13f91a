"""The value of an element of a header that anybody may have sent."""

from typing import Any

from pydicom.dataset import Dataset


def value_of(header: Dataset, keyword: str) -> Any:
    """Give an element's value; None where it is missing, or cannot be converted.

    pydicom converts a value when it is first asked for, and a hostile one raises whatever its
    converter meets: an unknown VR, a sequence without an end, text in no character set, a depth
    beyond Python's stack.
    """
    try:
        return header.get(keyword)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - see above: there is no list of what it may be
        return None
