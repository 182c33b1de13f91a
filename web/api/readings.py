"""What models said, without patients: one JSON object a line, to evaluate models by."""

from typing import Annotated, Final

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from core.accounts import AccountRole
from db.audit import record
from db.models import AuditAction
from db.readings_abroad import readings_abroad
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.api.pseudonyms import Pseudonyms
from web.api.reading_values import ReadingOfNobody
from web.services import Given

router = GuardedRouter()
JSON_LINES: Final = "application/jsonl"
_MOST: Final = 1000
_LAST_OFFSET: Final = 1_000_000_000


class Page(BaseModel):
    """Which readings."""

    offset: int = Field(default=0, ge=0, le=_LAST_OFFSET)
    limit: int = Field(default=100, ge=1, le=_MOST)
    model_uid: str = Field(default="", max_length=64)
    """Of one model; empty for all."""


@router.call(
    "/api/v1/readings",
    roles=(AccountRole.RESEARCHER,),
    tags=["readings"],
    response_class=Response,
    responses={
        200: {
            "description": "One `ReadingOfNobody` a line.",
            "content": {JSON_LINES: {"schema": ReadingOfNobody.model_json_schema()}},
        }
    },
)
def readings(
    request: Request, ours: Given, who: Person, asked: Annotated[Page, Query()]
) -> Response:
    """Give whole readings, the earliest first, those in shadow too; each page is an event.

    A header `Link` with `rel="next"` names the next page, where there may be one.
    """
    names = Pseudonyms.of(ours.settings)
    with ours.db.read() as session:
        found = readings_abroad(
            session, offset=asked.offset, limit=asked.limit, model_uid=asked.model_uid
        )
        lines = [ReadingOfNobody.of(one, names).model_dump_json() for one in found]
    with ours.db.write() as session:
        record(
            session,
            AuditAction.READINGS_EXPORTED,
            actor=who.name,
            number=len(found),
            **asked.model_dump(),
        )
    response = Response("".join(f"{line}\n" for line in lines), media_type=JSON_LINES)
    if len(found) == asked.limit:
        following = request.url.include_query_params(offset=asked.offset + asked.limit)
        response.headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return response
