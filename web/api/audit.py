"""The audit for programs of an auditor: searched, and exported as it is."""

from enum import Enum
from typing import Annotated, Final

from fastapi import Query
from starlette.responses import StreamingResponse

from db.models import AuditAction
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.operations.audit import JSON_LINES, AuditPage, AuditWords, export, search
from web.operations.roles import AUDITOR
from web.services import Given

router = GuardedRouter()
_ADDRESS: Final = "/api/v1/operations/audit"
_TAGS: Final[list[str | Enum]] = ["audit"]
_Day = Annotated[str, Query(max_length=10, description="YYYY-MM-DD; empty is open.")]


@router.call(_ADDRESS, roles=AUDITOR, tags=_TAGS)
def events(
    ours: Given,
    who: Person,
    *,
    person: Annotated[
        str, Query(max_length=128, description="Part of who did it, by name or account.")
    ] = "",
    study: Annotated[str, Query(max_length=64, description="Study Instance UID.")] = "",
    action: AuditAction | None = None,
    begin: _Day = "",
    end: _Day = "",
    before: Annotated[RowNumber | None, Query(description="As `before_id` said.")] = None,
) -> AuditPage:
    """Find events, the newest first; the search is an event, too."""
    words = AuditWords(person, study, "" if action is None else action.value, begin, end)
    return search(ours.db, ours.settings, who, words, before)


@router.call(f"{_ADDRESS}/export", roles=AUDITOR, tags=_TAGS, response_class=StreamingResponse)
def lines(ours: Given, who: Person, begin: _Day = "", end: _Day = "") -> StreamingResponse:
    """Give the audit as the JSON lines that `firstread audit verify` reads."""
    return StreamingResponse(export(ours.db, ours.settings, who, begin, end), media_type=JSON_LINES)
