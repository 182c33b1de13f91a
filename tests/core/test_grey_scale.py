"""Values of the grey scale: what is no table is refused."""

import pytest

from core.grey_scale import LookupTable


@pytest.mark.parametrize(("bits", "count"), [(0, 1), (17, 1), (8, 0), (16, 65537)])
def test_what_is_no_table_is_refused(bits: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"no lookup table: {count} entries of {bits} bits"):
        LookupTable(0, bits, (0,) * count)


def test_the_largest_table() -> None:
    assert len(LookupTable(-32768, 16, tuple(range(65536))).entries) == 65536
