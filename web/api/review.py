"""Calls about the review of a film's draft: read, accept, edit, reject, keep what is typed."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Query, Request

from core.accounts import AccountRole
from core.errors import ReviewRefusedError
from db.film_review import is_reading_of
from db.unsigned_edits import TypedText, discard_edit, keep_edit
from web.access.address import client_address
from web.access.guard import GuardedRouter
from web.access.studies import study_of
from web.access.who import Person, Who
from web.api.review_values import (
    CODES,
    Acceptance,
    Edit,
    KeptText,
    Rejection,
    ReviewValues,
    SignedValues,
    UnsignedText,
    VersionValues,
)
from web.numbers import VersionNumber
from web.review import acts
from web.review.acts import Signed, Target
from web.review.panel import panel_of
from web.review.signing import Signer, check_proof
from web.services import Given, Services

router = GuardedRouter()
PATH: Final = "/api/v1/studies/{study_uid}/films/{film_uid}/review"
_ROLES: Final = (AccountRole.RADIOLOGIST,)


@router.call(PATH, roles=_ROLES, tags=["review"])
def read(ours: Given, who: Person, study_uid: str, film_uid: str) -> ReviewValues:
    """Give a film's draft with all that persons made of it."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        return ReviewValues.of(panel_of(session, study, film_uid, who))


@router.call(f"{PATH}/accept", roles=_ROLES, methods=["POST"], tags=["review"])
def accept(
    request: Request, ours: Given, who: Person, study_uid: str, film_uid: str, *, said: Acceptance
) -> SignedValues:
    """Sign a version as it stands; refused with 409 where another one came meanwhile."""
    target = Target(study_of(ours, who, study_uid), film_uid, said.version_id)
    check_proof(ours, Signer(who, client_address(request), said.password))
    final = acts.owns_reports(ours.settings)
    return _signed(acts.accept(ours.db, who, target, final=final))


@router.call(f"{PATH}/edit", roles=_ROLES, methods=["POST"], tags=["review"])
def edit(
    request: Request, ours: Given, who: Person, study_uid: str, film_uid: str, *, said: Edit
) -> SignedValues:
    """Sign one's own words; refused with 409 where another version came meanwhile."""
    target = Target(study_of(ours, who, study_uid), film_uid, said.version_id)
    check_proof(ours, Signer(who, client_address(request), said.password))
    signed = acts.edit(
        ours.db,
        who,
        target,
        findings=said.findings,
        impression=said.impression,
        final=acts.owns_reports(ours.settings),
        revision=said.revision,
    )
    return _signed(signed)


@router.call(
    f"{PATH}/reject",
    roles=_ROLES,
    methods=["POST"],
    tags=["review"],
    status_code=HTTPStatus.NO_CONTENT,
)
def reject(ours: Given, who: Person, study_uid: str, film_uid: str, said: Rejection) -> None:
    """Withdraw a draft: nothing of it leaves any more, what left is taken back."""
    target = Target(study_of(ours, who, study_uid), film_uid, said.version_id)
    acts.reject(ours.db, who, target, reason=said.reason, code=CODES[said.code])


@router.call(f"{PATH}/unsigned", roles=_ROLES, methods=["PUT"], tags=["review"])
def keep(ours: Given, who: Person, study_uid: str, film_uid: str, said: UnsignedText) -> KeptText:
    """Keep what one typed so far; refused with 409 where another page of one's own wrote."""
    _check_reading(ours, who, study_uid, film_uid, said.reading_id)
    text = TypedText(said.version_id, said.findings, said.impression, said.page, said.step)
    with ours.db.write() as session:
        kept = keep_edit(
            session, said.reading_id, who.account_id, text, known_revision=said.revision
        )
    return KeptText.of(kept)


@router.call(
    f"{PATH}/unsigned",
    roles=_ROLES,
    methods=["DELETE"],
    tags=["review"],
    status_code=HTTPStatus.NO_CONTENT,
)
def discard(
    ours: Given,
    who: Person,
    study_uid: str,
    film_uid: str,
    *,
    reading_id: Annotated[str, Query(max_length=64)],
    revision: VersionNumber,
) -> None:
    """Forget what one typed of a draft of the film and did not sign."""
    _check_reading(ours, who, study_uid, film_uid, reading_id)
    with ours.db.write() as session:
        discard_edit(session, reading_id, who.account_id, revision)


def _check_reading(
    ours: Services, who: Who, study_uid: str, film_uid: str, reading_id: str
) -> None:
    """Hold that a reading is of the film that the person may open."""
    study = study_of(ours, who, study_uid)
    with ours.db.read() as session:
        if not is_reading_of(session, study.id, film_uid, reading_id):
            message = "the film has no such draft"
            raise ReviewRefusedError(message)


def _signed(signed: Signed) -> SignedValues:
    return SignedValues(version=VersionValues.of(signed.version), stays=signed.stays)
