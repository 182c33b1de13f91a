"""The audit: searched by person, study, action and time, and exported as it is."""

from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import Response, StreamingResponse

from core.clock import now
from db.models import AuditAction
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.operations.audit import JSON_LINES, AuditWords, export, search
from web.operations.roles import AUDITOR
from web.services import Given

router = GuardedRouter()
_Day = Annotated[str, Query(max_length=10)]


@router.page("/operations/audit", roles=AUDITOR)
def show(
    request: Request,
    ours: Given,
    who: Person,
    *,
    person: Annotated[str, Query(max_length=128)] = "",
    study: Annotated[str, Query(max_length=64)] = "",
    action: str = "",
    begin: _Day = "",
    end: _Day = "",
    before: RowNumber | None = None,
) -> Response:
    """Show events, the newest first; it is no page that looks anew by itself."""
    words = AuditWords(person.strip(), study.strip(), action, begin, end)
    found = search(ours.db, ours.settings, who, words, before)
    return ours.renderer.page(
        request,
        "operations/audit.html",
        found=found,
        wanted=words,
        actions=tuple(AuditAction),
        first=before is None,
    )


@router.page("/operations/audit/export", roles=AUDITOR, methods=["POST"])
def download(
    ours: Given,
    who: Person,
    begin: Annotated[str, Form(max_length=10)] = "",
    end: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Give the audit as a file that `firstread audit verify` reads."""
    answer = StreamingResponse(
        export(ours.db, ours.settings, who, begin, end), media_type=JSON_LINES
    )
    name = f"firstread-audit-{now():%Y%m%d-%H%M%S}.jsonl"
    answer.headers["content-disposition"] = f'attachment; filename="{name}"'
    return answer
