"""Models' standings: who is in shadow, what becomes of its readings, and who says otherwise.

How the commands and the page set a standing is tested beside them.
"""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from core.errors import ReviewRefusedError, WrongArgumentError
from core.labels import Label
from core.places import Place
from core.states import FilmState, JobKind, Purpose, Standing, StudyState
from core.triage import Tier
from db.chat_films import IN_SHADOW as NOT_ASKED
from db.chat_films import why_not
from db.engine import Database
from db.models import AuditAction, AuditEvent, Instance, Job, ReadingRow, Study
from db.publishable import unpublished
from db.readings import film_for, store_flags, store_reading
from db.reviews import latest_draft
from db.spool import Spool
from db.standings import (
    IN_SHADOW,
    StandingConflictError,
    is_authorised,
    known_models,
    note_model,
    register_model,
    set_standing,
    standing_of,
)
from db.worklist import worklist
from tests.db.builders import claim_draft, film, let_show, model, read_next, reading


def say(db: Database, standing: Standing, *, basis: str = "board") -> None:
    """Have an administrator give the model a standing."""
    with db.write() as session:
        set_standing(session, model().uid, standing, basis=basis, actor="anna")


def standing(db: Database) -> Standing:
    """Give the model's standing."""
    with db.read() as session:
        return standing_of(session, model().uid)


def study(db: Database) -> Study:
    """Give the only study."""
    with db.read() as session:
        return session.scalars(select(Study)).one()


def the_film(db: Database) -> Instance:
    """Give the only film."""
    with db.read() as session:
        return session.scalars(select(Instance)).one()


def test_a_model_that_nobody_knows_is_in_shadow(db: Database) -> None:
    assert standing(db) is Standing.SHADOW


@pytest.mark.parametrize(
    ("demo", "expected"), [(True, Standing.RESEARCH), (False, Standing.SHADOW)]
)
def test_only_the_demonstration_model_begins_as_research(
    db: Database, *, demo: bool, expected: Standing
) -> None:
    assert note_model(db, model(demo=demo), actor="worker-1") is expected
    assert note_model(db, model(demo=demo), actor="worker-2") is expected
    with db.read() as session:
        (event,) = session.scalars(select(AuditEvent))
        assert (event.action, event.actor) == (AuditAction.MODEL_SEEN, "worker-1")
        assert event.details["standing"] == expected.value


def test_another_arithmetic_is_another_model(db: Database) -> None:
    let_show(db, model())
    assert note_model(db, replace(model(), dtype="int8"), actor="w") is Standing.SHADOW


def test_the_newest_word_counts_and_all_stay(db: Database) -> None:
    note_model(db, model(), actor="worker-1")
    say(db, Standing.AUTHORISED, basis=" ethics board ")
    say(db, Standing.SHADOW, basis="it errs")
    assert standing(db) is Standing.SHADOW
    with db.read() as session:
        (known,) = known_models(session)
        assert [(one.standing, one.basis, one.actor) for one in known.said] == [
            (Standing.SHADOW, "it errs", "anna"),
            (Standing.AUTHORISED, "ethics board", "anna"),
        ]
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert last is not None
        assert (last.action, last.actor) == (AuditAction.MODEL_STANDING_SET, "anna")
        assert last.details == {
            "model": model().uid,
            "before": "authorised",
            "after": "shadow",
            "basis": "it errs",
        }


@pytest.mark.parametrize("basis", ["", "  ", "x" * 501, "one\ntwo"])
def test_a_standing_wants_a_basis(db: Database, basis: str) -> None:
    note_model(db, model(), actor="worker-1")
    with pytest.raises(WrongArgumentError, match="a basis of 1 to 500"):
        say(db, Standing.RESEARCH, basis=basis)
    assert standing(db) is Standing.SHADOW


def test_the_demonstration_model_and_strangers_are_not_authorised(db: Database) -> None:
    with pytest.raises(WrongArgumentError, match="no worker has loaded"):
        say(db, Standing.AUTHORISED)
    note_model(db, model(demo=True), actor="worker-1")
    with pytest.raises(WrongArgumentError, match="synthetic films only"):
        say(db, Standing.AUTHORISED)
    assert standing(db) is Standing.RESEARCH


def test_a_reading_in_shadow_is_stored_and_nothing_else(db: Database, spool: Spool) -> None:
    let_show(db, model(), standing=Standing.SHADOW)
    film(db, spool)
    said = reading(Label.PNEUMOTHORAX)
    held = claim_draft(db)
    film_for(db, held)
    store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    assert study(db).tier is Tier.ROUTINE
    store_reading(db, held, said, idle_seconds=0)
    assert (the_film(db).state, the_film(db).reason) == (FilmState.NOT_READ, IN_SHADOW)
    now_is = study(db)
    assert (now_is.tier, now_is.state, now_is.place, now_is.unseen_since) == (
        Tier.ROUTINE,
        StudyState.NOT_READ,
        Place.NO_RESULT,
        None,
    )
    with db.read() as session:
        row = session.scalars(select(ReadingRow)).one()
        assert (row.shadow, row.current, row.tier) == (True, False, Tier.URGENT)
        assert row.document is not None
        assert unpublished(session, now_is.id) == []
        assert session.scalars(select(Job).where(Job.kind == JobKind.PUBLISH)).all() == []
        (listed,) = worklist(session)
        assert (listed.flagged, listed.answered, listed.preferred_reading_id) == ((), False, None)
        assert listed.reasons == (IN_SHADOW,)
        with pytest.raises(ReviewRefusedError, match="has a draft"):
            latest_draft(session, "1.2.3")
        assert why_not(session, session.scalars(select(Instance)).one()) == NOT_ASKED
        (known,) = known_models(session)
        assert (known.shown, known.shadow) == (0, 1)


def test_a_model_on_trial_takes_no_other_models_place(db: Database, spool: Spool) -> None:
    film(db, spool)
    first = reading(Label.EDEMA)
    read_next(db, first)
    trial = replace(model(), name="trial")
    with db.write() as session:
        instance = session.scalars(select(Instance)).one()
        session.add(Job(kind=JobKind.DRAFT, instance_id=instance.id, study_id=instance.study_id))
    read_next(db, replace(reading(Label.PNEUMOTHORAX), model=trial))
    assert (the_film(db).state, the_film(db).reason) == (FilmState.READ, None)
    assert study(db).tier is Tier.RAISED
    with db.read() as session:
        assert [item.reading.id for item in unpublished(session, 1)] == [first.id]
        (row,) = worklist(session)
        assert (row.flagged, row.later_readings) == ((Label.EDEMA,), 0)


@pytest.mark.parametrize(
    ("at_first", "later", "shown"),
    [
        (Standing.RESEARCH, Standing.SHADOW, False),
        (Standing.SHADOW, Standing.RESEARCH, True),
        (Standing.RESEARCH, Standing.AUTHORISED, True),
    ],
)
def test_the_standing_at_its_end_decides_a_reading(
    db: Database, spool: Spool, at_first: Standing, later: Standing, *, shown: bool
) -> None:
    let_show(db, model(), standing=at_first)
    film(db, spool)
    said = reading(Label.EDEMA)
    held = claim_draft(db)
    film_for(db, held)
    store_flags(db, held, said.id, said.model, said.flags, idle_seconds=0)
    say(db, later)
    store_reading(db, held, said, idle_seconds=0)
    assert the_film(db).state is (FilmState.READ if shown else FilmState.NOT_READ)
    # What was raised by its flags meanwhile stands: nothing ever lowers a study.
    assert study(db).tier is Tier.RAISED
    with db.read() as session:
        assert [item.reading.id for item in unpublished(session, 1)] == [said.id] * shown


def test_an_audits_film_is_evidence_on_a_model_in_shadow(db: Database, spool: Spool) -> None:
    let_show(db, model(), standing=Standing.SHADOW)
    film(db, spool, purpose=Purpose.AUDIT)
    read_next(db, reading(Label.EDEMA))
    assert the_film(db).state is FilmState.READ
    with db.read() as session:
        assert session.scalars(select(ReadingRow.shadow)).one()


@pytest.mark.parametrize("standing", Standing)
def test_only_an_authorised_models_results_lose_their_banner(
    db: Database, spool: Spool, standing: Standing
) -> None:
    film(db, spool)
    read_next(db, reading(Label.EDEMA))
    let_show(db, model(), standing=standing)
    with db.read() as session:
        (item,) = unpublished(session, 1)
        assert item.authorised is is_authorised(session, model().uid)
        assert item.authorised is (standing is Standing.AUTHORISED)


def test_a_worker_registers_within_its_own_writing(db: Database) -> None:
    with db.write() as session:
        assert register_model(session, model(), actor="w")
        assert not register_model(session, model(), actor="w")


def test_two_who_saw_the_same_word_do_not_both_give_a_standing(db: Database) -> None:
    let_show(db, model())
    with db.read() as session:
        last = next(one.last_word for one in known_models(session))
    both = Barrier(2)
    refused: list[Exception] = []

    def run(standing: Standing) -> None:
        both.wait()
        try:
            with db.write() as session:
                set_standing(
                    session, model().uid, standing, basis="board", actor="anna", after=last
                )
        except StandingConflictError as error:
            refused.append(error)

    for _ in range(3):
        refused.clear()
        ways = (Standing.SHADOW, Standing.RESEARCH)
        threads = [Thread(target=run, args=(way,)) for way in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
        with db.read() as session:
            (known,) = known_models(session)
        assert last < known.last_word
        last = known.last_word
