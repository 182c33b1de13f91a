"""What persons say of findings, on both databases: each word is kept, the last one counts."""

import pytest
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.errors import ReviewConflictError, ReviewRefusedError
from core.labels import Label
from core.reading import Box, Reading
from core.states import Verdict
from db.accounts import add_account
from db.engine import Database
from db.models import Account, AuditAction, FindingVerdict, ReadingRow
from db.spool import Spool
from db.verdicts import LONGEST_NOTE, MOST_BOXES, Judgement, judge, judgements_of
from tests.db.builders import film, read_next, reading
from tests.db.reviewing import events, read_again, rejected

_BOX = Box(0.1, 0.2, 0.3, 0.4)


@pytest.fixture
def said(db: Database, spool: Spool) -> Reading:
    """A film's draft with two findings, and two persons."""
    film(db, spool)
    whole = reading(Label.EDEMA, Label.FRACTURE)
    read_next(db, whole)
    with db.write() as session:
        for name in ("dora", "sam"):
            add_account(session, name, person=name.capitalize(), roles=[AccountRole.RADIOLOGIST])
    return whole


def _judge(
    db: Database,
    said: Reading,
    verdict: Verdict | None,
    *,
    finding_id: str | None,
    account: int = 1,
    label: Label | None = None,
    boxes: tuple[Box, ...] = (),
    note: str = "",
) -> Judgement:
    with db.write() as session:
        return judge(
            session,
            said.id,
            session.get_one(Account, account),
            verdict,
            finding_id=finding_id,
            label=label,
            boxes=boxes,
            note=note,
        )


def _now(db: Database, said: Reading) -> list[tuple[str, Verdict | None]]:
    with db.read() as session:
        return [(one.person_name, one.verdict) for one in judgements_of(session, said.id)]


def test_the_last_word_of_each_person_counts_and_all_are_kept(db: Database, said: Reading) -> None:
    finding = said.findings[0].id
    _judge(db, said, Verdict.RIGHT, finding_id=finding)
    _judge(db, said, Verdict.WRONG, finding_id=finding)
    _judge(db, said, Verdict.RIGHT, finding_id=finding, account=2)
    assert sorted(_now(db, said)) == [("Dora", Verdict.WRONG), ("Sam", Verdict.RIGHT)]
    with db.read() as session:
        assert len(session.scalars(select(FindingVerdict)).all()) == 3
    assert [event.actor for event in events(db, AuditAction.VERDICT_GIVEN)] == [
        "Dora",
        "Dora",
        "Sam",
    ]


def test_a_word_is_taken_back(db: Database, said: Reading) -> None:
    finding = said.findings[0].id
    _judge(db, said, Verdict.RIGHT, finding_id=finding)
    _judge(db, said, None, finding_id=finding)
    assert _now(db, said) == []


def test_what_was_missed_has_a_place_and_an_id_of_its_own(db: Database, said: Reading) -> None:
    added = _judge(
        db, said, Verdict.MISSED, finding_id=None, label=Label.PNEUMOTHORAX, boxes=(_BOX,)
    )
    again = _judge(db, said, Verdict.MISSED, finding_id=added.finding_id, note="apical")
    assert (again.finding_id, again.label, again.note) == (
        added.finding_id,
        Label.PNEUMOTHORAX,
        "apical",
    )
    with pytest.raises(ReviewRefusedError, match="you added none"):
        _judge(db, said, None, finding_id=added.finding_id, account=2)
    _judge(db, said, None, finding_id=added.finding_id)
    assert _now(db, said) == []


@pytest.mark.parametrize(
    ("verdict", "boxes", "note", "words"),
    [
        (Verdict.MOVED, (), "", "needs a box"),
        (Verdict.RIGHT, (_BOX,), "", "only of what was moved"),
        (Verdict.MISSED, (), "", "did say edema"),
        (Verdict.MOVED, (_BOX,) * (MOST_BOXES + 1), "", "9 boxes"),
        (Verdict.WRONG, (), "x" * (LONGEST_NOTE + 1), "one line"),
        (Verdict.WRONG, (), "a\nb", "one line"),
    ],
)
def test_a_word_that_does_not_fit_is_refused(
    db: Database,
    said: Reading,
    *,
    verdict: Verdict,
    boxes: tuple[Box, ...],
    note: str,
    words: str,
) -> None:
    with pytest.raises(ReviewRefusedError, match=words):
        _judge(db, said, verdict, finding_id=said.findings[0].id, boxes=boxes, note=note)
    assert _now(db, said) == []


def test_a_reading_that_stands_no_longer_is_not_judged(db: Database, said: Reading) -> None:
    read_again(db, 1, reading(Label.EDEMA))
    with pytest.raises(ReviewConflictError, match="took this one's place"):
        _judge(db, said, Verdict.RIGHT, finding_id=said.findings[0].id)


def test_a_rejected_draft_may_still_be_judged(db: Database, said: Reading) -> None:
    rejected(db)
    _judge(db, said, Verdict.WRONG, finding_id=said.findings[0].id)
    assert _now(db, said) == [("Dora", Verdict.WRONG)]


def test_what_a_model_in_shadow_said_is_not_judged(db: Database, said: Reading) -> None:
    with db.write() as session:
        session.execute(update(ReadingRow).values(shadow=True))
    with pytest.raises(ReviewRefusedError, match="no such reading"):
        _judge(db, said, Verdict.RIGHT, finding_id=said.findings[0].id)
