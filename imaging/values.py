"""The value of an element of a header that anybody may have sent."""

from typing import Any, Final

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

MOST_BYTES: Final = 1 << 16
"""Of one element whose value is asked for: as a sequence, it still converts in a fraction of a
second, and no text or code of a film comes near it."""


def value_of(header: Dataset, keyword: str, *, most_bytes: int = MOST_BYTES) -> Any:
    """Give an element's value; None where it is missing, too long, or cannot be converted.

    pydicom converts a value when it is first asked for, and a hostile one raises whatever its
    converter meets: an unknown VR, a sequence without an end, text in no character set, a depth
    beyond Python's stack. One of megabytes would keep it busy for minutes.

    Parameters
    ----------
    header
        The data set.
    keyword
        Of the element.
    most_bytes
        A longer encoded value counts as missing.
    """
    try:
        tag = tag_for_keyword(keyword)
        raw: Any = None if tag is None else header.get_item(tag)
        if not isinstance(raw, RawDataElement):
            return None if raw is None else raw.value
        if len(raw.value or b"") > most_bytes:
            return None
        return header[raw.tag].value
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - see above: there is no list of what it may be
        return None
