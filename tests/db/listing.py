"""Studies in the worklist, for tests that list them."""

from collections.abc import Iterable
from datetime import timedelta

from core.accounts import AccountRole
from core.places import Place
from db.accounts import add_account
from db.engine import Database
from db.listed_studies import ListedStudy
from db.models import Study
from db.worklist_filters import Filters, Onlooker
from db.worklist_page import worklist_page

HOUR = timedelta(hours=1)


def onlooker(*closed: int, account_id: int = 1, unopened_after: timedelta = HOUR) -> Onlooker:
    """Somebody who looks at the worklist."""
    return Onlooker(account_id, frozenset(closed), unopened_after)


def account(db: Database, name: str = "dora") -> int:
    """Enter a radiologist and give the account's number."""
    with db.write() as session:
        roles = [AccountRole.RADIOLOGIST]
        return add_account(session, name, person=f"{name.capitalize()}^Dr", roles=roles).id


def listed(
    db: Database, filters: Filters | None = None, looks: Onlooker | None = None
) -> list[ListedStudy]:
    """List studies; all of them unless filters say which."""
    with db.read() as session:
        page = worklist_page(session, filters or Filters(place=None), looks or onlooker())
    return list(page.studies)


def uids(studies: Iterable[ListedStudy]) -> list[str]:
    """Give the UIDs of studies."""
    return [study.uid for study in studies]


def places(db: Database) -> dict[str, Place]:
    """Give where each study stands that is listed."""
    return {study.uid: study.place for study in listed(db)}


def change(db: Database, uid: str, **values: object) -> None:
    """Change a study's row."""
    with db.write() as session:
        study = session.query(Study).filter_by(uid=uid).one()
        for name, value in values.items():
            setattr(study, name, value)
