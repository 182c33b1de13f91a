"""The review panel of one film, and the dialog in which a report is signed: parts of a page."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import Form, Request
from starlette.responses import Response

from core.accounts import AccountRole
from core.errors import ReviewConflictError
from core.labels import Label
from core.report import ReportVersion
from db.openings import TELLS_EVERY
from db.reviews import LONGEST_SECTION
from web.access.guard import GuardedRouter
from web.access.proof import PROOF_PATH
from web.access.studies import study_of
from web.access.who import Person
from web.api.review_values import BoxValues
from web.review.acts import owns_reports
from web.review.contradictions import contradictions
from web.review.differences import ReportDifferences, differences
from web.review.panel import Panel, panel_of
from web.review.signing import proof_of
from web.services import Given

router = GuardedRouter()
_PATH: Final = "/studies/{study_uid}/films/{film_uid}/review"
_ROLES: Final = (AccountRole.RADIOLOGIST,)
_Section = Annotated[str, Form(max_length=LONGEST_SECTION)]


@router.page(_PATH, roles=_ROLES)
def show(request: Request, ours: Given, who: Person, study_uid: str, film_uid: str) -> Response:
    """Show a film's draft, what persons made of it, and what this one may do."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        panel = panel_of(session, study, film_uid, who)
    latest, edit = panel.review.latest, panel.edit
    return ours.renderer.page(
        request,
        "study/review.html",
        panel=panel,
        address=request.url.path,
        study_uid=study.uid,
        final=owns_reports(ours.settings),
        labels=tuple(Label),
        longest=LONGEST_SECTION,
        against_latest=_compared(latest, edit.findings, edit.impression)
        if latest and edit
        else None,
        values=_values(panel, study.uid, who.account_id),
    )


@router.page(f"{_PATH}/signing", roles=_ROLES, methods=["POST"])
def ask(
    request: Request,
    ours: Given,
    who: Person,
    study_uid: str,
    film_uid: str,
    *,
    version_id: Annotated[str, Form(max_length=64)],
    way: Annotated[Literal["accept", "edit"], Form()],
    findings: _Section = "",
    impression: _Section = "",
) -> Response:
    """Show what is about to be signed, and ask for it: the step before a signature.

    Raises
    ------
    ReviewConflictError
        If another version than the one that the person saw stands by now.
    """
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        panel = panel_of(session, study, film_uid, who)
    latest = panel.review.latest
    if latest is None or not panel.reviewable or latest.id != version_id:
        message = "another version came meanwhile: nothing was signed"
        raise ReviewConflictError(message)
    final = owns_reports(ours.settings) or latest.final
    back = f"/studies/{study.uid}?film={film_uid}"
    words = (findings, impression) if way == "edit" else (latest.findings, latest.impression)
    return ours.renderer.page(
        request,
        "study/review_sign.html",
        way=way,
        latest=latest,
        final=final,
        stays=panel.review.signed_since is not None and not final,
        differences=_compared(latest, findings, impression),
        contradictions=contradictions(panel, *words),
        proof=proof_of(ours, who),
        proof_address=f"{PROOF_PATH}?next={quote(back)}",
    )


def _compared(latest: ReportVersion, findings: str, impression: str) -> ReportDifferences:
    return ReportDifferences(
        differences(latest.findings.strip(), _lines(findings)),
        differences(latest.impression.strip(), _lines(impression)),
    )


def _lines(text: str) -> str:
    """Give a text as it will be kept: forms end lines with CR LF."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _values(panel: Panel, study_uid: str, account_id: int) -> dict[str, Any]:
    """Give what the panel's scripts work with."""
    review, latest, edit = panel.review, panel.review.latest, panel.edit
    base = latest if edit is None else panel.version(edit.base_version_id)
    return {
        "account": account_id,
        "study": study_uid,
        "film": review.film_uid,
        "reading": review.reading.id if review.reading else None,
        "reviewable": panel.reviewable,
        "standing": latest.id if latest else None,
        "base": base.id if base else None,
        "revision": edit.revision if edit else 0,
        "page": edit.page if edit else "",
        "tells_every": TELLS_EVERY.total_seconds(),
        "findings": [
            {
                "id": line.id,
                "label": line.label.value,
                "presence": line.presence.value,
                "source": line.source,
                "boxes": [BoxValues.of(box).model_dump() for box in line.boxes],
            }
            for line in panel.findings
        ],
        "sentences": [
            {
                "id": span.key,
                "label": span.text,
                "presence": "uncertain",
                "source": "model",
                "boxes": [BoxValues.of(box).model_dump() for box in span.boxes],
            }
            for section in panel.spans
            for span in section
            if span.leads == (span.key,)
        ],
    }
