"""Which files may go: the rule against a slow one in Python, over random histories of studies.

Each history is a handful of studies of one or two patients with every kind of row in any state and
age, also such as the code never leaves together. Examples beside it say the promises one by one.
What removing does is in test_retention.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.report import ReportKind
from core.settings import RetentionSettings
from core.states import (
    CommitmentWay,
    DeliveryState,
    FilmState,
    JobKind,
    JobState,
    ResultKind,
    ReviewState,
)
from core.triage import Tier
from db.engine import Database
from db.models import (
    Base,
    Delivery,
    Instance,
    Job,
    Peer,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
    ReviewRow,
    Study,
)
from db.retention import studies_with_removable
from db.retention_rule import Cutoffs, film_may_go, result_may_go
from tests.db.chronicle import AT, CR, SR, Chronicle
from tests.db.retention_reference import Everything, Reference


def answers(
    session: Session, settings: RetentionSettings
) -> tuple[tuple[set[int], set[int]], tuple[set[int], set[int]]]:
    """Give the films and results that may go, by the database and by the reference."""
    cutoffs = Cutoffs.at(AT, settings)
    films = set(session.scalars(select(Instance.id).join(Study).where(film_may_go(cutoffs))))
    results = set(session.scalars(select(ResultObject.id).where(result_may_go(cutoffs))))
    reference = Reference(Everything.of(session), AT, settings)
    return (films, results), (reference.films(), reference.results())


def settings_of(chance: random.Random) -> RetentionSettings:
    return RetentionSettings(
        enabled=True,
        films_days=chance.choice([10, 30]),
        unreviewed_films_days=chance.choice([None, 20, 60]),
        results_days=chance.choice([10, 30]),
        quarantine_days=chance.choice([None, 20]),
    )


def in_history(
    db: Database, seed: int, look: Callable[[Session, random.Random], None], studies: int = 4
) -> None:
    """Write the history of a seed, look at it, and take it back."""
    chance = random.Random(seed)  # noqa: S311 - the same history each time
    with db.write() as session:
        undone = session.begin_nested()
        chronicle = Chronicle(session, chance)
        for _ in range(studies):
            chronicle.study()
        look(session, chance)
        undone.rollback()


@pytest.mark.parametrize(
    "seeds", [range(40), pytest.param(range(40, 200), marks=pytest.mark.slow)], ids=len
)
def test_the_rule_is_the_reference_over_random_histories(db: Database, seeds: range) -> None:
    went = {"films": 0, "results": 0, "nothing": 0}

    def compare(session: Session, chance: random.Random) -> None:
        settings = settings_of(chance)
        found, expected = answers(session, settings)
        assert found == expected, f"seed {seed}: {settings}"
        listed = studies_with_removable(session, Cutoffs.at(AT, settings))
        assert bool(listed) == any(found)
        went["films"] += bool(found[0])
        went["results"] += bool(found[1])
        went["nothing"] += not any(found)

    for seed in seeds:
        in_history(db, seed, compare)
    # Or the comparison would say nothing.
    assert min(went.values()) >= len(seeds) // 10, went


def _set(session: Session, table: type[Base], **values: Any) -> None:
    for row in session.scalars(select(table)):
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()


_KEEPS: list[tuple[str, type[Base], dict[str, Any]]] = [
    ("unread", Instance, {"state": FilmState.QUEUED}),
    ("being read", Instance, {"state": FilmState.READING}),
    ("failed", Instance, {"state": FilmState.FAILED}),
    ("quarantined", Instance, {"state": FilmState.QUARANTINED}),
    ("results wait", Delivery, {"state": DeliveryState.WAITING}),
    ("results are held", Delivery, {"state": DeliveryState.HELD}),
    ("results failed", Delivery, {"state": DeliveryState.FAILED}),
    ("results were only rehearsed", Delivery, {"state": DeliveryState.REHEARSED}),
    ("stored and not committed", Peer, {"commitment": CommitmentWay.ASK}),
    ("unreviewed", Study, {"review": ReviewState.NONE}),
    ("results failed to be built", Job, {"state": JobState.FAILED}),
    ("sent again lately", Delivery, {"changed_at": AT}),
    ("reviewed lately", ReviewRow, {"at": AT}),
]


def test_a_film_stays_whose_results_were_never_built(db: Database) -> None:
    """The publish job was cancelled: results are built once it is retried."""
    default = RetentionSettings(enabled=True)
    with db.write() as session:
        finished(session)
        _set(session, Job, kind=JobKind.PUBLISH, state=JobState.CANCELLED)
        assert len(answers(session, default)[0][0]) == 1
        _set(session, ReportVersionRow, published_at=None)
        found, expected = answers(session, default)
        assert found[0] == expected[0] == set()


def finished(session: Session) -> None:
    """Write one study whose work was done long ago."""
    old = AT - timedelta(days=300)
    add = Chronicle(session, random.Random(0)).add  # noqa: S311 - chance decides nothing here
    peer = session.scalars(select(Peer).where(Peer.commitment == CommitmentWay.NONE)).one()
    study = add(Study(uid="1", patient_id="P", review=ReviewState.ACCEPTED, received_at=old))
    film = add(
        Instance(
            study_id=study.id,
            uid="1.1",
            sop_class_uid=CR,
            series_uid="1",
            transfer_syntax_uid="1",
            path="/f",
            state=FilmState.READ,
            received_at=old,
        )
    )
    job = add(Job(kind=JobKind.DRAFT, state=JobState.DONE, study_id=study.id))
    of = {"instance_id": film.id, "study_id": study.id}
    add(
        ReadingRow(
            id="r",
            **of,
            job_id=job.id,
            model_uid="m",
            model={},
            demo=False,
            tier=Tier.ROUTINE,
            flags=[],
            flagged_at=old,
            completed_at=old,
        )
    )
    draft = {"kind": ReportKind.DRAFT, "findings": "", "impression": "", "created_at": old}
    add(ReportVersionRow(id="v", reading_id="r", number=1, published_at=old, **draft))
    made = {"reading_id": "r", "version_id": "v"}
    review = {"act": ReviewState.ACCEPTED, "author": "A", "at": old}
    add(ReviewRow(study_id=study.id, **made, **review))
    result = add(
        ResultObject(
            uid="2",
            kind=ResultKind.REPORT_SR,
            variant_key="",
            sop_class_uid=SR,
            path="/r",
            sha256="",
            **of,
            **made,
            created_at=old,
        )
    )
    add(Delivery(result_id=result.id, peer_id=peer.id, state=DeliveryState.SENT, changed_at=old))


@pytest.mark.parametrize(
    ("why", "table", "values"), _KEEPS, ids=[why.replace(" ", "-") for why, _, _ in _KEEPS]
)
def test_a_film_that_anybody_may_still_need_stays(
    db: Database, why: str, table: type[Base], values: dict[str, Any]
) -> None:
    default = RetentionSettings(enabled=True)
    with db.write() as session:
        finished(session)
        assert len(answers(session, default)[0][0]) == 1, "it goes where nothing is left to do"
        _set(session, table, **values)
        found, expected = answers(session, default)
        assert found[0] == expected[0] == set(), why


def test_a_prior_stays_while_a_later_draft_waits_for_a_person(db: Database) -> None:
    default = RetentionSettings(enabled=True)
    with db.write() as session:
        finished(session)
        later = Study(uid="9", patient_id="P", received_at=AT - timedelta(days=40))
        session.add(later)
        session.flush()
        film = Instance(
            study_id=later.id,
            uid="9.1",
            sop_class_uid=CR,
            series_uid="1",
            transfer_syntax_uid="1",
            path="/l",
            state=FilmState.READ,
            received_at=AT - timedelta(days=40),
        )
        session.add(film)
        session.flush()
        assert answers(session, default)[0][0] == set()
        later.review = ReviewState.EDITED
        session.flush()
        assert len(answers(session, default)[0][0]) == 2


def test_the_defaults_keep_what_nobody_reported_on_for_ever(db: Database) -> None:
    with db.write() as session:
        finished(session)
        session.execute(text("UPDATE study SET review = 'none'"))
        session.execute(text("UPDATE instance SET received_at = '1999-01-01 00:00:00+00:00'"))
        session.expire_all()
        assert answers(session, RetentionSettings(enabled=True))[0][0] == set()
        gone = RetentionSettings(enabled=True, unreviewed_films_days=200)
        assert len(answers(session, gone)[0][0]) == 1
