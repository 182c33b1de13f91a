"""What a person typed and did not sign, on both databases: nothing is overwritten unasked."""

import pytest

from core.accounts import AccountRole
from core.errors import ReviewRefusedError
from core.labels import Label
from core.reading import Reading
from db.accounts import add_account
from db.engine import Database
from db.reviews import LONGEST_SECTION, latest_draft
from db.spool import Spool
from db.unsigned_edits import (
    KeptEdit,
    OtherPageError,
    TypedText,
    discard_edit,
    edits_of,
    keep_edit,
)
from tests.db.builders import film, read_next, reading
from tests.db.reviewing import STUDY


@pytest.fixture
def said(db: Database, spool: Spool) -> Reading:
    """A film's draft, and two persons."""
    film(db, spool)
    whole = reading(Label.EDEMA)
    read_next(db, whole)
    with db.write() as session:
        for name in ("dora", "sam"):
            add_account(session, name, person=name.capitalize(), roles=[AccountRole.RADIOLOGIST])
    return whole


def _keep(
    db: Database,
    said: Reading,
    words: str,
    *,
    page: str = "here",
    step: int = 1,
    known: int = 0,
    account: int = 1,
) -> KeptEdit:
    with db.write() as session:
        base = latest_draft(session, STUDY).version.id
        text = TypedText(base, words, "", page, step)
        return keep_edit(session, said.id, account, text, known_revision=known)


def _kept(db: Database, account: int = 1) -> list[str]:
    with db.read() as session:
        return [edit.findings for edit in edits_of(session, 1, account)]


def _discard(db: Database, said: Reading, revision: int) -> None:
    with db.write() as session:
        discard_edit(session, said.id, 1, revision)


def test_each_save_is_counted(db: Database, said: Reading) -> None:
    first = _keep(db, said, "One").revision
    # The column holds twice as much.
    assert 1 <= first <= 2**30
    assert _keep(db, said, "One two", step=2, known=first).revision == first + 1
    assert _kept(db) == ["One two"]


def test_a_save_whose_answer_was_lost_is_known_again(db: Database, said: Reading) -> None:
    first = _keep(db, said, "One").revision
    assert _keep(db, said, "One two", step=2, known=0).revision == first + 1
    assert _kept(db) == ["One two"]


def test_what_comes_late_changes_nothing(db: Database, said: Reading) -> None:
    _keep(db, said, "One two", step=2)
    assert _keep(db, said, "One", step=1).findings == "One two"


def test_another_window_is_told_and_nothing_is_overwritten(db: Database, said: Reading) -> None:
    here = _keep(db, said, "Here").revision
    with pytest.raises(OtherPageError, match="another of your windows"):
        _keep(db, said, "There", page="there")
    assert _kept(db) == ["Here"]
    # Who has seen it may go on.
    assert _keep(db, said, "There", page="there", known=here).revision == here + 1


def test_a_text_that_began_anew_is_not_taken_for_the_one_before(
    db: Database, said: Reading
) -> None:
    known = _keep(db, said, "Here").revision
    _discard(db, said, known)
    anew = _keep(db, said, "There", page="there").revision
    with pytest.raises(OtherPageError):
        _keep(db, said, "Here.", step=2, known=known)
    with pytest.raises(OtherPageError):
        _discard(db, said, known)
    assert _kept(db) == ["There"]
    assert _keep(db, said, "Here.", step=2, known=anew).revision == anew + 1


def test_the_same_text_from_two_windows_is_no_conflict(db: Database, said: Reading) -> None:
    first = _keep(db, said, "One", page="before").revision
    assert _keep(db, said, "One", page="after").revision == first
    assert _keep(db, said, "One two", page="after", step=2, known=first).revision == first + 1
    with pytest.raises(OtherPageError):
        _keep(db, said, "One", page="before", step=2)
    assert _kept(db) == ["One two"]


def test_each_person_has_a_text_of_their_own(db: Database, said: Reading) -> None:
    _keep(db, said, "Dora's")
    _keep(db, said, "Sam's", account=2)
    assert (_kept(db, 1), _kept(db, 2)) == (["Dora's"], ["Sam's"])


def test_only_what_was_seen_is_discarded(db: Database, said: Reading) -> None:
    kept = _keep(db, said, "One")
    with pytest.raises(OtherPageError):
        _discard(db, said, 0)
    _discard(db, said, kept.revision)
    assert _kept(db) == []


def test_a_text_begins_from_a_version_of_its_reading(db: Database, said: Reading) -> None:
    text = TypedText("no such version", "One", "", "here", 1)
    with pytest.raises(ReviewRefusedError, match="another draft"), db.write() as session:
        keep_edit(session, said.id, 1, text, known_revision=0)


def test_a_text_longer_than_a_report_is_refused() -> None:
    with pytest.raises(ReviewRefusedError, match="20001 characters"):
        TypedText("version", "x" * (LONGEST_SECTION + 1), "", "here", 1)
    with pytest.raises(ReviewRefusedError, match="name itself"):
        TypedText("version", "x", "", "", 1)
