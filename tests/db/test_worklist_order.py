"""The worklist's order, page after page and study after study, against a plain sort of its rows."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from core.places import Place
from core.states import StudyState
from core.triage import Tier
from db.engine import Database
from db.models import Study
from db.neighbours import Neighbours, neighbours
from db.worklist_filters import Filters, Mark
from db.worklist_page import worklist_page
from tests.db.listing import onlooker

START = datetime(2026, 6, 1, tzinfo=UTC)
STUDIES = 40


@pytest.fixture
def studies(db: Database) -> list[Study]:
    """Studies in every place and tier, some of which came in at the same moment."""
    chance = random.Random(5)  # noqa: S311 - rows of a test, no secret
    with db.write() as session:
        rows = [
            Study(
                uid=f"1.{number}",
                state=chance.choice(list(StudyState)),
                place=chance.choice(list(Place)),
                tier=chance.choice(list(Tier)),
                received_at=START + timedelta(microseconds=chance.randrange(12)),
            )
            for number in range(STUDIES)
        ]
        session.add_all(rows)
    return rows


def in_order(studies: list[Study], filters: Filters) -> list[str]:
    wanted = [
        study
        for study in studies
        if study.place is not Place.NOWHERE
        and (filters.place is None or study.place is filters.place)
        and (filters.tier is None or study.tier is filters.tier)
        and (filters.state is None or study.state is filters.state)
    ]
    if filters.place in {Place.DRAFTS, Place.NO_RESULT}:
        wanted.sort(key=lambda study: (-study.tier, study.received_at, study.id))
    else:
        wanted.sort(key=lambda study: (study.received_at, study.id), reverse=True)
    return [study.uid for study in wanted]


FILTERS = (
    Filters(),
    Filters(place=Place.NO_RESULT),
    Filters(place=Place.DONE),
    Filters(place=None),
    Filters(tier=Tier.RAISED),
    Filters(place=None, tier=Tier.URGENT),
    Filters(place=None, state=StudyState.FAILED),
)


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("limit", [1, 4, 50])
def test_pages_follow_each_other(
    db: Database, studies: list[Study], filters: Filters, limit: int
) -> None:
    found: list[str] = []
    after: Mark | None = None
    with db.read() as session:
        while True:
            page = worklist_page(session, filters, onlooker(), after=after, limit=limit)
            assert len(page.studies) <= limit
            found += [study.uid for study in page.studies]
            if page.following is None:
                break
            after = Mark.parse(str(page.following))
    assert found == in_order(studies, filters)
    assert found


@pytest.mark.parametrize("filters", FILTERS[:5])
def test_neighbours_are_those_of_the_list(
    db: Database, studies: list[Study], filters: Filters
) -> None:
    order = in_order(studies, filters)
    numbers = {study.uid: study.id for study in studies}
    with db.read() as session:
        for at, uid in enumerate(order):
            found = neighbours(session, numbers[uid], filters, onlooker())
            assert found == Neighbours(
                order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None
            )


def test_a_study_that_left_the_list_has_the_neighbours_that_it_had(
    db: Database, studies: list[Study]
) -> None:
    order = in_order(studies, Filters())
    with db.write() as session:
        study = session.query(Study).filter_by(uid=order[2]).one()
        study.place, number = Place.DONE, study.id
    with db.read() as session:
        found = neighbours(session, number, Filters(), onlooker())
    assert found == Neighbours(order[1], order[3])


def test_neighbours_that_are_closed_to_a_person_are_passed_over(
    db: Database, studies: list[Study]
) -> None:
    order = in_order(studies, Filters())
    numbers = {study.uid: study.id for study in studies}
    closed = [numbers[order[1]], numbers[order[3]]]
    with db.read() as session:
        found = neighbours(session, numbers[order[2]], Filters(), onlooker(*closed))
        assert found == Neighbours(order[0], order[4])
        found = neighbours(session, numbers[order[0]], Filters(), onlooker(*numbers.values()))
        assert found == Neighbours(None, None)


def test_a_mark_is_exact() -> None:
    for microseconds in (0, 1, 999_999):
        mark = Mark(Tier.RAISED, START + timedelta(microseconds=microseconds), 7)
        assert Mark.parse(str(mark)) == mark
