"""Versions of the triage policy, and what the one in force makes of readings and of previews.

The documents are tested in `tests/core/test_triage_policy.py`, the rules in
`tests/core/test_triage.py`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from core.accounts import AccountRole
from core.clock import now
from core.errors import SettingsError
from core.labels import Label
from core.reading import Flag, Presence
from core.states import Purpose, Standing
from core.triage import Tier
from core.triage_policy import TriageEntry, TriagePolicy
from core.triage_toml import built_in_triage
from db.accounts import add_account
from db.engine import Database
from db.models import AuditAction, AuditEvent, ReadingRow, Study, TriagePolicyRow
from db.restrictions import restrict_study
from db.spool import Spool
from db.triage_policies import (
    TriageConflictError,
    save_triage,
    triage_at_work,
    triage_in_force,
    triage_of_version,
    triage_versions,
)
from db.triage_preview import preview_triage
from tests.db.builders import film, let_show, model, read_next, reading, sign

EDEMA_FIRST = TriagePolicy(rule=(TriageEntry(label=Label.EDEMA, tier="urgent", score=0.5),))
NOTHING = TriagePolicy()


def put(db: Database, policy: TriagePolicy = EDEMA_FIRST, *, after: int | None = None) -> int:
    """Put a policy in force."""
    with db.write() as session:
        return save_triage(session, policy, actor="anna", note="why", after=after)


def tiers(db: Database) -> list[Tier]:
    """Give the tiers of all studies, oldest first."""
    with db.read() as session:
        return list(session.scalars(select(Study.tier).order_by(Study.id)))


def test_the_newest_version_is_in_force_and_the_older_ones_stay(db: Database) -> None:
    with db.read() as session:
        assert triage_in_force(session) == triage_of_version(session, 0) == built_in_triage()
    assert [put(db), put(db, NOTHING)] == [1, 2]
    with db.read() as session:
        assert triage_in_force(session).policy == NOTHING
        assert triage_of_version(session, 1).policy == EDEMA_FIRST
        assert [row.version for row in triage_versions(session)] == [2, 1]
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).first()
        assert event is not None
        assert (event.action, event.actor) == (AuditAction.TRIAGE_CHANGED, "anna")
        assert event.details == {"version": 1, "note": "why"}
        with pytest.raises(SettingsError, match="no version 7"):
            triage_of_version(session, 7)


def test_the_second_of_two_administrators_is_told(db: Database) -> None:
    put(db, after=0)
    with pytest.raises(TriageConflictError, match="version 1 was put in force by anna"):
        put(db, NOTHING, after=0)
    with db.read() as session:
        assert triage_in_force(session).policy == EDEMA_FIRST


def test_two_at_the_same_moment_do_not_become_one_version(db: Database) -> None:
    together = Barrier(2)

    def try_it(_number: int) -> bool:
        together.wait(10.0)
        try:
            put(db, after=0)
        except TriageConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, range(2))) == [False, True]


@pytest.mark.parametrize("note", ["x" * 501, "one\ntwo"])
def test_a_note_that_does_not_fit_changes_nothing(db: Database, note: str) -> None:
    with db.write() as session, pytest.raises(SettingsError, match="a note has at most 500"):
        save_triage(session, NOTHING, note=note)
    with db.read() as session:
        assert triage_versions(session) == []


def test_a_later_versions_document_gives_way_to_one_that_is_understood(db: Database) -> None:
    put(db)
    with db.write() as session:
        session.add(TriagePolicyRow(version=2, document={"format": 2}, actor="later"))
    with db.read() as session:
        with pytest.raises(SettingsError, match=r"version 2 .* understood"):
            triage_in_force(session)
        assert triage_at_work(session).version == 1


def test_readings_earn_their_tier_by_the_policy_in_force(db: Database, spool: Spool) -> None:
    put(db)
    for number, label in enumerate((Label.EDEMA, Label.PNEUMOTHORAX)):
        film(db, spool, study=f"1.2.{number}")
        read_next(db, reading(label))
    assert tiers(db) == [Tier.URGENT, Tier.ROUTINE]
    with db.read() as session:
        assert list(session.scalars(select(ReadingRow.tier).order_by(ReadingRow.study_id))) == [
            Tier.URGENT,
            Tier.ROUTINE,
        ]


@pytest.mark.parametrize(("score", "tier"), [(0.6, Tier.ROUTINE), (0.5, Tier.URGENT)])
def test_a_model_has_scores_of_its_own(
    db: Database, spool: Spool, score: float, tier: Tier
) -> None:
    put(
        db,
        TriagePolicy(
            rule=(
                TriageEntry(label=Label.EDEMA, tier="urgent", score=0.1),
                TriageEntry(label=Label.EDEMA, tier="urgent", score=score, model=model().uid),
            )
        ),
    )
    film(db, spool)
    said = reading(Label.EDEMA)
    read_next(db, replace(said, flags=(Flag(Label.EDEMA, Presence.PRESENT, 0.55),)))
    assert tiers(db) == [tier]


def test_another_policy_never_lowers_what_stands(db: Database, spool: Spool) -> None:
    film(db, spool)
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    put(db, NOTHING)
    read_next(db, reading(Label.PNEUMOTHORAX))
    assert tiers(db) == [Tier.URGENT]


def test_a_preview_counts_what_would_move(db: Database, spool: Spool) -> None:
    for number, labels in enumerate(((Label.EDEMA,), (Label.PNEUMOTHORAX,), ())):
        film(db, spool, study=f"1.2.{number}")
        read_next(db, reading(*labels))
    film(db, spool, study="1.2.77", purpose=Purpose.AUDIT)
    read_next(db, reading(Label.EDEMA))
    let_show(db, model(), standing=Standing.SHADOW)
    film(db, spool, study="1.2.78")
    read_next(db, reading(Label.EDEMA))
    with db.read() as session:
        said = preview_triage(session, built_in_triage().policy, EDEMA_FIRST)
        only_the_last = preview_triage(session, NOTHING, EDEMA_FIRST, last=2)
    assert said.studies == 4
    assert said.before == {Tier.URGENT: 1, Tier.RAISED: 1, Tier.ROUTINE: 2}
    # No flag of these readings has a score, so that each one counts.
    assert said.after == {Tier.URGENT: 1, Tier.ROUTINE: 3}
    moves = {move.study_uid: (move.before, move.after, move.labels) for move in said.moves}
    assert moves == {
        "1.2.0": (Tier.RAISED, Tier.URGENT, (Label.EDEMA,)),
        "1.2.1": (Tier.URGENT, Tier.ROUTINE, (Label.PNEUMOTHORAX,)),
    }
    assert said.rises == 1
    assert (only_the_last.studies, only_the_last.moves) == (2, ())
    assert tiers(db)[:3] == [Tier.RAISED, Tier.URGENT, Tier.ROUTINE]


def test_a_preview_counts_restricted_studies_and_lists_none(db: Database, spool: Spool) -> None:
    for number, label in enumerate((Label.EDEMA, Label.EDEMA, Label.FRACTURE)):
        film(db, spool, study=f"1.2.{number}")
        read_next(db, reading(label))
    with db.write() as session:
        add_account(session, "anna", person="Anna", roles=[AccountRole.RADIOLOGIST])
        for study in ("1.2.1", "1.2.2"):
            restrict_study(session, study, ["anna"], "a member of staff", actor="ada")
    with db.read() as session:
        said = preview_triage(session, NOTHING, EDEMA_FIRST)
    assert (said.studies, said.before, said.after) == (
        3,
        {Tier.ROUTINE: 3},
        {Tier.URGENT: 2, Tier.ROUTINE: 1},
    )
    assert [move.study_uid for move in said.moves] == ["1.2.0"]
    assert (said.rises, said.unlisted) == (1, 1)
    assert "1.2.1" not in str(said.plain())


def test_a_preview_counts_who_would_have_waited_too_long(db: Database, spool: Spool) -> None:
    for number in range(3):
        film(db, spool, study=f"1.2.{number}")
    sign(db, spool, study="1.2.2")
    with db.write() as session:
        for study in session.scalars(select(Study)):
            study.received_at = now() - timedelta(minutes=100)
        study = session.scalars(select(Study).where(Study.uid == "1.2.1")).one()
        study.opened_at = study.received_at + timedelta(minutes=30)
    short, long = (TriagePolicy(longest_wait_minutes=minutes) for minutes in (20.0, 60.0))
    with db.read() as session:
        said = preview_triage(session, long, short)
    # One waits still, one was reported only now, one was opened after half an hour.
    assert (said.waited_before, said.waited_after) == (2, 3)
