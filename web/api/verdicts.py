"""Calls by which a person says of single findings that they are right, wrong, elsewhere, missed."""

from typing import Final

from core.accounts import AccountRole
from core.errors import ReviewRefusedError
from core.reading import Box
from db.audit import OPERATOR
from db.film_review import is_reading_of
from db.models import Account
from db.verdicts import judge
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person
from web.api.review import PATH
from web.api.review_values import GivenVerdict, ReviewValues
from web.review.panel import panel_of
from web.services import Given

router = GuardedRouter()
_ROLES: Final = (AccountRole.RADIOLOGIST,)


@router.call(f"{PATH}/verdicts", roles=_ROLES, methods=["POST"], tags=["review"])
def give(
    ours: Given, who: Person, study_uid: str, film_uid: str, said: GivenVerdict
) -> ReviewValues:
    """Say what one thinks of a finding; the answer is the review as it is then."""
    study = study_of(ours, who, study_uid)
    boxes = [_box(one.x1, one.y1, one.x2, one.y2) for one in said.boxes]
    with ours.db.write() as session:
        if not is_reading_of(session, study.id, film_uid, said.reading_id):
            message = "the film has no such draft"
            raise ReviewRefusedError(message)
        session.info[OPERATOR] = who.name
        judge(
            session,
            said.reading_id,
            session.get_one(Account, who.account_id),
            said.verdict,
            finding_id=said.finding_id,
            label=said.label,
            boxes=boxes,
            note=said.note,
        )
        return ReviewValues.of(panel_of(session, study, film_uid, who))


def _box(x1: float, y1: float, x2: float, y2: float) -> Box:
    try:
        return Box(x1, y1, x2, y2)
    except ValueError as error:
        raise ReviewRefusedError(str(error)) from error
