"""QIDO-RS: searching (PS3.18 section 10.6)."""

import json
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from core.accounts import AccountRole
from db.audit import record
from db.models import AuditAction
from db.restrictions import closed_studies
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person, Who
from web.dicomweb.accept import check_json
from web.dicomweb.address import ROOT, studies_address
from web.dicomweb.attributes import vr_of
from web.dicomweb.find import Found, Level, Search
from web.dicomweb.levels import SERIES_UID, STUDY_UID
from web.dicomweb.matching import Key
from web.dicomweb.paths import SeriesUid, StudyUid
from web.dicomweb.query import Query, parse_query
from web.services import Given, Services

router = GuardedRouter(tags=["DICOMweb: search"])
_ROLES = (AccountRole.RADIOLOGIST,)
_SERVICE = "FirstRead"


@dataclass(frozen=True, slots=True)
class Asking:
    """A search, and who makes it.

    Parameters
    ----------
    ours
        The application's services.
    who
        The person.
    query
        What is searched for.
    address
        The URL of the studies.
    media_type
        Of the answer.
    """

    ours: Services
    who: Who
    query: Query
    address: str
    media_type: str


def _asking(request: Request, ours: Given, who: Person) -> Asking:
    query = parse_query(request.query_params.multi_items())
    return Asking(ours, who, query, studies_address(request, ours), check_json(request))


Asked = Annotated[Asking, Depends(_asking)]


@router.call(f"{ROOT}/studies", roles=_ROLES)
def studies(asked: Asked) -> Response:
    """Search for studies."""
    return _everywhere(asked, Level.STUDY)


@router.call(f"{ROOT}/series", roles=_ROLES)
def series(asked: Asked) -> Response:
    """Search for series of all studies."""
    return _everywhere(asked, Level.SERIES)


@router.call(f"{ROOT}/instances", roles=_ROLES)
def instances(asked: Asked) -> Response:
    """Search for instances of all studies."""
    return _everywhere(asked, Level.INSTANCE)


@router.call(f"{ROOT}/studies/{{study}}/series", roles=_ROLES)
def series_of_study(asked: Asked, study: StudyUid) -> Response:
    """Search for series of a study."""
    return _within(asked, Level.SERIES, {STUDY_UID: study})


@router.call(f"{ROOT}/studies/{{study}}/instances", roles=_ROLES)
def instances_of_study(asked: Asked, study: StudyUid) -> Response:
    """Search for instances of a study."""
    return _within(asked, Level.INSTANCE, {STUDY_UID: study})


@router.call(f"{ROOT}/studies/{{study}}/series/{{series}}/instances", roles=_ROLES)
def instances_of_series(asked: Asked, study: StudyUid, series: SeriesUid) -> Response:
    """Search for instances of a series."""
    return _within(asked, Level.INSTANCE, {STUDY_UID: study, SERIES_UID: series})


def _everywhere(asked: Asking, level: Level) -> Response:
    """Search all studies; who is told of which is an event of the audit."""
    found = _found(asked, asked.query, level, in_study=False)
    with asked.ours.db.write() as session:
        record(
            session,
            AuditAction.STUDIES_SEARCHED,
            actor=asked.who.name,
            by=[".".join(key.path) for key in asked.query.keys],
            studies=list(found.study_ids),
        )
    return _answer(found, asked)


def _within(asked: Asking, level: Level, within: dict[str, str]) -> Response:
    """Search one study, or one series of it."""
    study_of(asked.ours, asked.who, within[STUDY_UID])
    named = tuple(Key((tag,), vr_of((tag,)), uid) for tag, uid in within.items())
    others = (key for key in asked.query.keys if key.path not in {key.path for key in named})
    query = replace(asked.query, keys=(*named, *others))
    return _answer(_found(asked, query, level, in_study=True), asked)


def _found(asked: Asking, query: Query, level: Level, *, in_study: bool) -> Found:
    search = Search(query, level, asked.address, in_study=in_study)
    with asked.ours.db.read() as session:
        return search.run(session, closed_studies(session, asked.who.account_id, asked.who.name))


def _answer(found: Found, asked: Asking) -> Response:
    """Write the results, and what a client must know of them (section 8.3.4.4)."""
    warnings = []
    if asked.query.fuzzy:
        words = "The fuzzymatching parameter is not supported. Only literal matching was performed."
        warnings.append(words)
    if found.more:
        warnings.append("There are additional results that can be requested.")
    if found.given_up:
        warnings.append("Not every study was looked at; ask for fewer by more parameters.")
    content = json.dumps(found.documents, allow_nan=False)
    response = Response(content, media_type=asked.media_type)
    for words in warnings:
        response.headers.append("warning", f'299 {_SERVICE}: "{words}"')
    return response
