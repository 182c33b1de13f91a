"""Small files that ask for a great deal end as soon and as cheaply as any other.

Covered: bombs of compression, of items, of depth, of claimed sizes (`tests.fuzz.bombs`), through
receiving and reading. What each limit is, is tested where it stands, in tests/imaging.
"""

from pathlib import Path

import pytest

from core.states import FilmState
from tests.fuzz.bombs import BOMBS
from tests.fuzz.watched import check, run


@pytest.mark.timeout(300)
def test_bombs_do_not_go_off(tmp_path: Path) -> None:
    rows = run(tmp_path, "bombs")
    check(tmp_path, rows)
    ends = {fate["name"]: fate["state"] for fate in rows[:-1]}
    assert ends.keys() == BOMBS.keys()
    # Two of them hide nothing worse than what nobody looks at, on a film too small to be read.
    unread = {name for name, state in ends.items() if state == FilmState.NOT_READ}
    assert unread == {"items_of_known_number", "endless_text"}
    assert {ends[name] for name in ends.keys() - unread} == {FilmState.QUARANTINED}
