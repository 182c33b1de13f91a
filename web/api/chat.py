"""Calls about questions to a model: ask, follow the answer, call off."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Header, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from core.accounts import AccountRole
from db.chat import Asking, ask, cancel
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person, Who, who_asks
from web.api.chat_values import Question, TalkValues, TurnValues
from web.chat.follow import follow
from web.chat.talk import talk_about, turn_about
from web.numbers import LARGEST_NUMBER, RowNumber
from web.services import Given, Services, services
from web.streams import EventStream

router = GuardedRouter()
PATH: Final = "/api/v1/studies/{study_uid}/films/{film_uid}/chat"
_TURN: Final = f"{PATH}/turns/{{turn_id}}"
_ROLES: Final = (AccountRole.RADIOLOGIST,)


@router.call(PATH, roles=_ROLES, tags=["chat"])
def read(ours: Given, who: Person, study_uid: str, film_uid: str) -> TalkValues:
    """Give all that was asked about a film, with the answers."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        talk = talk_about(session, study, film_uid)
    turns = [TurnValues.of(turn, who.account_id) for turn in talk.turns]
    return TalkValues(refused=talk.refused, turns=turns)


@router.call(
    f"{PATH}/turns",
    roles=_ROLES,
    methods=["POST"],
    tags=["chat"],
    status_code=HTTPStatus.ACCEPTED,
)
def put_question(
    ours: Given, who: Person, study_uid: str, film_uid: str, said: Question
) -> TurnValues:
    """Ask about a film; the answer follows. 422 where nobody can be asked, 429 where too often."""
    study = study_of(ours, who, study_uid)
    with ours.db.write() as session:
        turn_id = ask(session, _asking(who), study.id, film_uid, said.question)
    ours.ring()
    with ours.db.read() as session:
        return TurnValues.of(turn_about(session, study, film_uid, turn_id), who.account_id)


@router.call(_TURN, roles=_ROLES, tags=["chat"])
def read_turn(
    ours: Given, who: Person, study_uid: str, film_uid: str, turn_id: RowNumber
) -> TurnValues:
    """Give one question with its answer."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        return TurnValues.of(turn_about(session, study, film_uid, turn_id), who.account_id)


@router.call(f"{_TURN}/cancel", roles=_ROLES, methods=["POST"], tags=["chat"])
def call_off(
    ours: Given, who: Person, study_uid: str, film_uid: str, turn_id: RowNumber
) -> TurnValues:
    """Call one's own question off; one that has its answer keeps it."""
    study = study_of(ours, who, study_uid)
    with ours.db.write() as session:
        turn_about(session, study, film_uid, turn_id)
        cancel(session, _asking(who), turn_id)
    with ours.db.read() as session:
        return TurnValues.of(turn_about(session, study, film_uid, turn_id), who.account_id)


@router.call(
    f"{_TURN}/events",
    roles=_ROLES,
    tags=["chat"],
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(
    request: Request,
    study_uid: str,
    film_uid: str,
    turn_id: RowNumber,
    last_event_id: Annotated[str, Header()] = "",
) -> EventStream:
    """Follow an answer while it is written: a stream of server-sent events up to its end."""
    ours, who = services(request), who_asks(request)
    await run_in_threadpool(_check, ours, who, study_uid, film_uid, turn_id)
    after = int(last_event_id) if last_event_id.isascii() and last_event_id.isdecimal() else 0
    return EventStream(ours.streams, who, follow(ours, who, turn_id, min(after, LARGEST_NUMBER)))


def _check(ours: Services, who: Who, study_uid: str, film_uid: str, turn_id: int) -> None:
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        turn_about(session, study, film_uid, turn_id)


def _asking(who: Who) -> Asking:
    return Asking(who.account_id, who.name)
