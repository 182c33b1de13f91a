"""Walks through the studies of a worklist in its order, without looking at all of them.

Where urgent ones come first, each tier is asked for by itself: its studies lie in an index in the
order in which they came in.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from core.triage import Tier
from db.models import Study
from db.worklist_filters import Filters, Mark, Onlooker


def studies_after(
    session: Session,
    filters: Filters,
    onlooker: Onlooker,
    *,
    after: Mark | None,
    limit: int,
) -> list[Study]:
    """List studies in the worklist's order.

    Parameters
    ----------
    session
        Any session.
    filters
        Which studies.
    onlooker
        Who looks.
    after
        Where the list begins, whether or not a study is still there; None for the start.
    limit
        Most studies.
    """
    query = select(Study).where(*filters.conditions(onlooker))
    return _collected(session, _ordered(query, filters, after, back=False), limit)


def studies_before(
    session: Session,
    filters: Filters,
    onlooker: Onlooker,
    *,
    before: Mark,
    limit: int,
) -> list[Study]:
    """List studies against the worklist's order, the nearest first; as `studies_after`."""
    query = select(Study).where(*filters.conditions(onlooker))
    return _collected(session, _ordered(query, filters, before, back=True), limit)


def _collected(session: Session, queries: Iterator[Select[Study]], limit: int) -> list[Study]:
    found: list[Study] = []
    for query in queries:
        found += session.scalars(query.limit(limit - len(found)))
        if len(found) == limit:
            break
    return found


def _ordered(
    query: Select[Study], filters: Filters, mark: Mark | None, *, back: bool
) -> Iterator[Select[Study]]:
    """Give one query after the other, each in order, each beginning where the last one ends."""
    place = () if filters.place is None else (Study.place == filters.place,)
    if not filters.urgent_first:
        tier = () if filters.tier is None else (Study.tier == filters.tier,)
        yield _by_age(query.where(*place, *tier), mark, newest_first=not back)
        return
    for tier_now in _tiers(filters, mark, back=back):
        of_tier = query.where(*place, Study.tier == tier_now)
        within = mark if mark is not None and mark.tier is tier_now else None
        yield _by_age(of_tier, within, newest_first=back)


def _tiers(filters: Filters, mark: Mark | None, *, back: bool) -> Sequence[Tier]:
    wanted = sorted(Tier, reverse=not back)
    return [
        tier
        for tier in wanted
        if filters.tier in {None, tier}
        and (mark is None or (tier >= mark.tier if back else tier <= mark.tier))
    ]


def _by_age(query: Select[Study], mark: Mark | None, *, newest_first: bool) -> Select[Study]:
    key = tuple_(Study.received_at, Study.id)
    if mark is not None:
        at = tuple_(mark.received_at, mark.study_id)
        query = query.where(key < at if newest_first else key > at)
    if newest_first:
        return query.order_by(Study.received_at.desc(), Study.id.desc())
    return query.order_by(Study.received_at, Study.id)
