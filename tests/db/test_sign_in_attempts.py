"""Pauses for who gives wrong passwords: they grow, are forgotten, and count what comes at once.

On both databases. What a stranger is told is `tests/web/test_sign_in.py`'s.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.clock import now
from db.engine import Database
from db.models import FailedSignIn
from db.sign_in_attempts import Attempt, TooManyAttemptsError, attempt_was_right, begin_attempt


def _fail(db: Database, times: int, name: str = "jane", address: str = "10.0.0.1") -> int:
    """Try in vain, and give how long the pause is that was met; 0 where none was."""
    for _ in range(times):
        try:
            begin_attempt(db, name, address)
        except TooManyAttemptsError as error:
            return error.seconds
    return 0


def _later(db: Database, seconds: float) -> None:
    """Let time go by."""
    by = timedelta(seconds=seconds)
    with db.write() as session:
        for row in session.scalars(select(FailedSignIn)):
            row.last_at -= by
            row.pause_until = row.pause_until and row.pause_until - by


def test_the_pause_doubles_up_to_a_quarter_of_an_hour(db: Database) -> None:
    assert _fail(db, 5) == 0
    met = []
    for _ in range(7):
        met.append(_fail(db, 1))
        _later(db, met[-1] + 1)
        assert _fail(db, 1) == 0
    assert met == [30, 60, 120, 240, 480, 900, 900]


def test_an_attempt_in_a_pause_makes_it_no_longer(db: Database) -> None:
    assert _fail(db, 20) == 30
    assert _fail(db, 1) <= 30


def test_an_attempt_in_a_pause_costs_no_write(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail(db, 5)
    monkeypatch.setattr(Database, "write", None)
    with pytest.raises(TooManyAttemptsError):
        begin_attempt(db, "jane", "10.0.0.1")


def test_a_right_one_clears_the_name_and_the_address(db: Database) -> None:
    for _ in range(30):
        attempt = begin_attempt(db, "jane", "10.0.0.1")
        with db.write() as session:
            attempt_was_right(session, attempt)
    with db.read() as session:
        assert session.scalars(select(FailedSignIn)).all() == []


def test_a_name_is_held_up_from_everywhere_after_many(db: Database) -> None:
    for number in range(20):
        assert _fail(db, 1, address=f"10.0.1.{number}") == 0
    assert _fail(db, 1, address="10.0.2.1") == 30
    assert _fail(db, 1, name="other", address="10.0.2.1") == 0


def test_an_address_is_held_up_for_every_name_after_more(db: Database) -> None:
    for number in range(50):
        assert _fail(db, 1, name=f"name{number}") == 0
    assert _fail(db, 1, name="another") == 30
    assert _fail(db, 1, name="another", address="10.0.0.2") == 0


def test_a_session_is_counted_by_itself(db: Database) -> None:
    """No name or address holds it up, another address with its cookie is no way round."""
    _fail(db, 20)
    for number in range(5):
        begin_attempt(db, "jane", f"10.0.0.{number}", sign_in_id=7)
    with pytest.raises(TooManyAttemptsError):
        begin_attempt(db, "jane", "10.0.0.9", sign_in_id=7)
    _later(db, 31)
    with db.write() as session:
        attempt_was_right(session, begin_attempt(db, "jane", "10.0.0.1", sign_in_id=7))


def test_failures_are_forgotten_after_a_day(db: Database) -> None:
    _fail(db, 4)
    _later(db, 25 * 3600)
    assert _fail(db, 4) == 0
    with db.read() as session:
        assert max(session.scalars(select(FailedSignIn.failures))) == 4


def test_what_is_typed_as_a_name_is_not_kept(db: Database) -> None:
    _fail(db, 1, name="my-password-by-mistake")
    with db.read() as session:
        keys = session.scalars(select(FailedSignIn.key)).all()
    assert sorted(keys) == sorted(Attempt.of("my-password-by-mistake", "10.0.0.1").free)
    assert not any("password" in key for key in keys)


def test_many_at_once_are_counted_like_many_in_a_row(db: Database) -> None:
    def attempt(_number: int) -> bool:
        try:
            begin_attempt(db, "jane", "10.0.0.1")
        except TooManyAttemptsError:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        let_through = sum(pool.map(attempt, range(24)))
    assert let_through == 5


@pytest.mark.parametrize("name", ["", "\ud800", "x" * 10_000])
def test_any_name_can_be_tried(db: Database, name: str) -> None:
    assert _fail(db, 1, name=name) == 0
    with db.write() as session:
        session.execute(update(FailedSignIn).values(last_at=now()))
