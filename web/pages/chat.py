"""The talk about one film: parts of the study's page."""

from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from core.accounts import AccountRole
from db.chat import LONGEST_QUESTION, OPEN, Turn
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person
from web.chat.talk import talk_about, turn_about
from web.chat.wording import sentences, unwritten
from web.numbers import RowNumber
from web.services import Given

router = GuardedRouter()
_PATH: Final = "/studies/{study_uid}/films/{film_uid}/chat"
_ROLES: Final = (AccountRole.RADIOLOGIST,)


@router.page(_PATH, roles=_ROLES)
def show(request: Request, ours: Given, who: Person, study_uid: str, film_uid: str) -> Response:
    """Show what was asked about a film, and take the next question."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        talk = talk_about(session, study, film_uid)
    return ours.renderer.page(
        request,
        "study/chat.html",
        talk=talk,
        address=request.url.path,
        longest=LONGEST_QUESTION,
        mine=[_shown(turn, own=True) for turn in talk.mine(who.account_id)],
        others={
            person: [_shown(turn, own=False) for turn in turns]
            for person, turns in talk.others(who.account_id).items()
        },
    )


@router.page(f"{_PATH}/turns/{{turn_id}}", roles=_ROLES)
def show_turn(
    request: Request,
    ours: Given,
    who: Person,
    *,
    study_uid: str,
    film_uid: str,
    turn_id: RowNumber,
) -> Response:
    """Show one question, with its answer where there is one."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        turn = turn_about(session, study, film_uid, turn_id)
    own = turn.account_id == who.account_id
    return ours.renderer.page(request, "study/chat_turn.html", shown=_shown(turn, own=own))


def _shown(turn: Turn, *, own: bool) -> dict[str, Any]:
    """Give a turn as the template wants it."""
    told = sentences(turn.answer, turn.boxes)
    return {
        "turn": turn,
        "own": own,
        "open": turn.state in OPEN,
        "sentences": told,
        "unwritten": unwritten(told, turn.boxes),
        "forgotten": turn.told < turn.before,
    }
