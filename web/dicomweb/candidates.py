"""Which studies may match a search, by what the database knows of them; newest first.

More are let through than match: the search itself decides, by the objects' headers. A study whose
Study Date lies more than a week from the time at which its films were taken is missed by its date.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Subquery, or_, select, union
from sqlalchemy.orm import Session

from core.uids import is_uid
from db.models import Instance, ResultObject, Study
from db.stored_objects import StoredObject, stored_objects
from web.dicomweb.levels import INSTANCE_UID, SERIES_UID, STUDY_UID
from web.dicomweb.query import Query

_AT_A_TIME: Final = 100
_DATE_SLACK: Final = timedelta(days=7)
"""Between the day of a study in its header and the time at which its film was taken: zones, and
studies that go on over a weekend."""
_NAMES: Final = {"00100020": Study.patient_id, "00080050": Study.accession}
_STUDY_DATE: Final = "00080020"
_NAME: Final = "00100010"

Candidate = tuple[Study, tuple[StoredObject, ...]]


def candidates(session: Session, query: Query, closed: Collection[int]) -> Iterator[Candidate]:
    """Give studies that may match, each with its objects.

    Parameters
    ----------
    session
        A reading session.
    query
        What is searched for.
    closed
        Studies that the person may not open.
    """
    chosen = (
        select(Study).where(Study.id.not_in(closed), *_conditions(query)).order_by(Study.id.desc())
    )
    last: int | None = None
    while True:
        page = chosen if last is None else chosen.where(Study.id < last)
        studies = session.scalars(page.limit(_AT_A_TIME)).all()
        if not studies:
            return
        objects = stored_objects(session, [study.id for study in studies])
        yield from ((study, objects[study.id]) for study in studies if study.id in objects)
        last = studies[-1].id


def _conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    if key := query.key(STUDY_UID):
        yield Study.uid.in_(_uids(key.plain))
    if key := query.key(SERIES_UID):
        # Results of an early release have their series in their headers only.
        below = _below(Instance.series_uid, ResultObject.series_uid, (*_uids(key.plain), ""))
        yield Study.id.in_(select(below.c.study_id))
    if key := query.key(INSTANCE_UID):
        below = _below(Instance.uid, ResultObject.uid, _uids(key.plain))
        yield Study.id.in_(select(below.c.study_id))
    for tag, column in _NAMES.items():
        key = query.key(tag)
        if key is not None and key.plain:
            yield column.in_(key.plain)
    if key := query.key(_NAME):
        yield Study.patient_name.ilike(_like(key.asked), escape="/")
    if key := query.key(_STUDY_DATE):
        first, last = (_day(end) for end in key.range)
        if first is not None:
            yield or_(Study.acquired_at.is_(None), Study.acquired_at >= first - _DATE_SLACK)
        if last is not None:
            yield or_(Study.acquired_at.is_(None), Study.acquired_at <= last + _DATE_SLACK)


def _below(film: Any, result: Any, uids: tuple[str, ...]) -> Subquery:
    return union(
        select(Instance.study_id).where(film.in_(uids)),
        select(ResultObject.study_id).where(result.in_(uids)),
    ).subquery()


def _uids(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in texts if is_uid(text))


def _like(asked: str) -> str:
    """Give SQL's pattern for a name's; what databases fold differently, it leaves open."""
    escaped = (
        f"/{character}" if character in "%_/" else character if character.isascii() else "%"
        for character in asked.strip("^ ")
    )
    pattern = "".join(escaped).replace("*", "%").replace("?", "%")
    # A name of other letters stands in another group of components.
    return f"%{pattern}%"


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.replace(".", ""), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
