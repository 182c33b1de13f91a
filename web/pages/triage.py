"""Which studies are to be read sooner: an administrator's page, with a look before the leap."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request, UploadFile
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from core.accounts import AccountRole
from core.errors import SettingsError
from core.labels import Label
from core.toml_documents import LARGEST_DOCUMENT
from core.triage import Tier
from core.triage_policy import LONGEST_WAIT, NumberedTriage, TriagePolicy
from core.triage_toml import toml_of_triage, triage_of_toml
from db.triage_policies import (
    TriageConflictError,
    save_triage,
    triage_at_work,
    triage_of_version,
    triage_versions,
)
from db.triage_preview import LAST, preview_triage
from web.access.guard import GuardedRouter
from web.access.refusals import NoSuchThingError
from web.access.who import Person
from web.numbers import LARGEST_NUMBER, VersionNumber
from web.services import Given, Services
from web.triage.models import model_fields
from web.triage.typed import (
    TIERS,
    TITLE,
    WAIT,
    WITHOUT_URGENT,
    Field,
    UnfitFieldsError,
    fields_of,
    makes_urgent,
    policy_of,
)

router = GuardedRouter()
_ROLES: Final = (AccountRole.ADMINISTRATOR,)
_HERE: Final = "/operations/triage"
_PAGE: Final = "triage/page.html"
_MOST_MOVES: Final = 100
"""Studies of a preview that are listed; the others are counted."""


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


_Typed = Annotated[dict[str, str], Depends(_typed)]


@router.page(_HERE, roles=_ROLES)
def show(request: Request, ours: Given, version: VersionNumber | None = None) -> Response:
    """Show the policy in force, or an earlier version, to be changed."""
    with ours.db.read() as session:
        shown = triage_at_work(session) if version is None else _version(session, version)
        return _page(request, ours, session, fields_of(shown.policy), shown=shown.version)


@router.page(f"{_HERE}/versions/{{version}}.toml", roles=_ROLES)
def export(ours: Given, version: VersionNumber) -> Response:
    """Give a version as a file."""
    with ours.db.read() as session:
        text = toml_of_triage(_version(session, version).policy)
    name = f"triage-{version}.toml"
    return Response(
        text,
        media_type="application/toml",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.page(f"{_HERE}/import", roles=_ROLES, methods=["POST"])
def take_file(request: Request, ours: Given, file: UploadFile) -> Response:
    """Fill the fields from a file; nothing is in force until it is saved."""
    data = file.file.read(LARGEST_DOCUMENT + 1)
    with ours.db.read() as session:
        try:
            fields = fields_of(triage_of_toml(data.decode()))
        except (SettingsError, UnicodeDecodeError) as error:
            fields = fields_of(triage_at_work(session).policy)
            return _page(request, ours, session, fields, refusal=str(error))
        return _page(request, ours, session, fields, filled=True)


@router.page(f"{_HERE}/preview", roles=_ROLES, methods=["POST"])
def preview(request: Request, ours: Given, typed: _Typed) -> Response:
    """Show what the typed policy would have done to the last studies."""
    part = request.headers.get("hx-request") == "true"
    with ours.db.read() as session:
        try:
            tried = _policy(session, typed)
        except UnfitFieldsError as error:
            return _page(request, ours, session, typed, wrong=error.fields, part=part)
        seen = preview_triage(session, triage_at_work(session).policy, tried, last=LAST)
        return _page(request, ours, session, typed, preview=seen, part=part)


@router.page(_HERE, roles=_ROLES, methods=["POST"])
def save(request: Request, ours: Given, who: Person, typed: _Typed) -> Response:
    """Put the typed policy in force as a new version; one without an urgent rule is asked about."""
    if not makes_urgent(typed) and typed.get(WITHOUT_URGENT) != "yes":
        with ours.db.read() as session:
            return _page(request, ours, session, typed, asked=True)
    refusal = ""
    wrong: Mapping[str, str] = {}
    try:
        with ours.db.write() as session:
            save_triage(
                session,
                _policy(session, typed),
                actor=who.name,
                note=typed.get("note", "").strip(),
                after=_number(typed.get("after", "")),
            )
    except UnfitFieldsError as error:
        wrong = error.fields
    except SettingsError as error:
        refusal = str(error)
        if isinstance(error, TriageConflictError):
            with ours.db.read() as session:
                return _page(request, ours, session, typed, conflict=refusal)
    else:
        return RedirectResponse(_HERE, HTTPStatus.SEE_OTHER)
    with ours.db.read() as session:
        return _page(request, ours, session, typed, wrong=wrong, refusal=refusal)


def _page(
    request: Request, ours: Services, session: Session, fields: Mapping[str, str], **more: Any
) -> Response:
    """Show the page, or what of it a preview changes.

    Parameters
    ----------
    request, ours, session
        Of whom, with what.
    fields
        What stands in the form.
    **more
        `wrong` (by field), `refusal`, `conflict`, `preview`, `shown` (the version in the form),
        `filled` (from a file), `asked` (is nothing to be urgent?), `part` (only the preview).
    """
    wrong: Mapping[str, str] = more.pop("wrong", {})
    status = HTTPStatus.OK
    if more.get("conflict"):
        status = HTTPStatus.CONFLICT
    elif (wrong or more.get("refusal") or more.pop("asked", False)) and not more.get("part"):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    versions = triage_versions(session)
    given = {"refusal": "", "conflict": "", "preview": None, "filled": False, "shown": None}
    return ours.renderer.page(
        request,
        "triage/preview.html" if more.pop("part", False) else _PAGE,
        status=status,
        **{**given, **more},
        fields=fields,
        wrong=wrong,
        none_urgent=not makes_urgent(fields),
        field=Field,
        labels=tuple(Label),
        tiers=TIERS,
        every_tier=tuple(reversed(Tier)),
        title_field=TITLE,
        wait_field=WAIT,
        longest=LONGEST_WAIT,
        models=model_fields(session, fields, wrong),
        versions=versions,
        in_force=versions[0].version if versions else 0,
        last=LAST,
        most_moves=_MOST_MOVES,
    )


def _policy(session: Session, typed: Mapping[str, str]) -> TriagePolicy:
    return policy_of(typed, [model.uid for model in model_fields(session, typed)])


def _version(session: Session, version: VersionNumber) -> NumberedTriage:
    try:
        return triage_of_version(session, version)
    except SettingsError as error:
        raise NoSuchThingError(str(error)) from error


def _number(text: str) -> int | None:
    """Give the version that somebody saw; what is no number is none that there is."""
    if not text:
        return None
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_NUMBER))
    return int(text) if fits else -1
