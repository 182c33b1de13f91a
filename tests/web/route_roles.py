"""Who may use each route, written down by hand: a change of it has to be meant.

Each line is a method and a path, as `web.application.routes` gives them.
"""

from typing import Final

from core.accounts import AccountRole

ANYBODY: Final = """
GET /sign-in
POST /sign-in
GET /sign-in/link
POST /sign-in/link
GET /sign-in/provider
GET /sign-in/provider/back
"""
"""Whoever can reach the port."""

SIGNED_IN: Final = """
GET /
GET /account
POST /account/password
POST /account/sessions/end
POST /account/tokens
POST /account/tokens/{number}/revoke
GET /api
GET /api/v1/openapi.json
GET /api/v1/session
POST /api/v1/session/lock
POST /api/v1/session/unlock
POST /api/v1/session/use
GET /prove
POST /sign-out
GET /unlock
POST /unlock
GET /unlocked
"""
"""Whoever is signed in, whatever for."""

RADIOLOGISTS: Final = """
GET /api/v1/studies/{study_uid}
GET /api/v1/studies/{study_uid}/films/{film_uid}/chat
POST /api/v1/studies/{study_uid}/films/{film_uid}/chat/turns
GET /api/v1/studies/{study_uid}/films/{film_uid}/chat/turns/{turn_id}
POST /api/v1/studies/{study_uid}/films/{film_uid}/chat/turns/{turn_id}/cancel
GET /api/v1/studies/{study_uid}/films/{film_uid}/chat/turns/{turn_id}/events
GET /api/v1/studies/{study_uid}/films/{film_uid}/display
GET /api/v1/studies/{study_uid}/films/{film_uid}/pixels
GET /api/v1/studies/{study_uid}/films/{film_uid}/preview
GET /api/v1/studies/{study_uid}/films/{film_uid}/reading
GET /api/v1/studies/{study_uid}/films/{film_uid}/review
POST /api/v1/studies/{study_uid}/films/{film_uid}/review/accept
POST /api/v1/studies/{study_uid}/films/{film_uid}/review/edit
POST /api/v1/studies/{study_uid}/films/{film_uid}/review/reject
DELETE /api/v1/studies/{study_uid}/films/{film_uid}/review/unsigned
PUT /api/v1/studies/{study_uid}/films/{film_uid}/review/unsigned
POST /api/v1/studies/{study_uid}/films/{film_uid}/review/verdicts
GET /api/v1/studies/{study_uid}/films/{film_uid}/thumbnail
DELETE /api/v1/studies/{study_uid}/opening
PUT /api/v1/studies/{study_uid}/opening
GET /api/v1/worklist
GET /api/v1/worklist/counts
POST /api/v1/worklist/search
GET /dicom-web/instances
GET /dicom-web/series
GET /dicom-web/studies
GET /dicom-web/studies/{study}
GET /dicom-web/studies/{study}/instances
GET /dicom-web/studies/{study}/metadata
GET /dicom-web/studies/{study}/rendered
GET /dicom-web/studies/{study}/series
GET /dicom-web/studies/{study}/series/{series}
GET /dicom-web/studies/{study}/series/{series}/instances
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/bulkdata/{at:path}
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/rendered
GET /dicom-web/studies/{study}/series/{series}/instances/{instance}/thumbnail
GET /dicom-web/studies/{study}/series/{series}/metadata
GET /dicom-web/studies/{study}/series/{series}/rendered
GET /dicom-web/studies/{study}/series/{series}/thumbnail
GET /dicom-web/studies/{study}/thumbnail
GET /studies/{study_uid}
GET /studies/{study_uid}/break-glass
POST /studies/{study_uid}/break-glass
GET /studies/{study_uid}/films/{film_uid}/chat
GET /studies/{study_uid}/films/{film_uid}/chat/turns/{turn_id}
GET /studies/{study_uid}/films/{film_uid}/notice
GET /studies/{study_uid}/films/{film_uid}/review
POST /studies/{study_uid}/films/{film_uid}/review/signing
GET /studies/{study_uid}/print
GET /worklist
GET /worklist/lists
GET /worklist/live
POST /worklist/search
"""
"""Patients, pictures and reports."""

ADMINISTRATORS: Final = """
GET /api/v1/restrictions
PUT /api/v1/restrictions/{study_uid}
POST /api/v1/restrictions/{study_uid}/lift
GET /api/v1/users
POST /api/v1/users
PATCH /api/v1/users/{name}
POST /api/v1/users/{name}/reset
GET /api/v1/tokens
DELETE /api/v1/tokens/{number}
GET /api/v1/models
POST /api/v1/models/{model_uid}/standing
GET /api/v1/operations/deliveries
POST /api/v1/operations/deliveries/retract
POST /api/v1/operations/deliveries/send-again
GET /api/v1/operations/jobs
POST /api/v1/operations/jobs/{number}/cancel
POST /api/v1/operations/jobs/{number}/retry
GET /api/v1/operations/kept-back
GET /api/v1/operations/kept-back/reasons
GET /api/v1/operations/overview
GET /api/v1/operations/peers
POST /api/v1/operations/peers/echo
POST /api/v1/operations/peers/mode
GET /api/v1/operations/quarantine
POST /api/v1/operations/quarantine/{number}/discard
POST /api/v1/operations/quarantine/{number}/release
GET /api/v1/operations/queues
GET /api/v1/operations/retrievals
POST /api/v1/operations/retrievals/{number}/retry
GET /api/v1/operations/workers
GET /api/v1/triage
POST /api/v1/triage
POST /api/v1/triage/preview
GET /api/v1/triage/versions
GET /api/v1/triage/versions/{version}
GET /operations
GET /operations/deliveries
POST /operations/deliveries/retract
POST /operations/deliveries/send-again
POST /operations/jobs/cancel
POST /operations/jobs/retry
GET /operations/kept-back
GET /operations/models
POST /operations/models/{model_uid}/standing
GET /operations/peers
POST /operations/peers/echo
POST /operations/peers/mode
POST /operations/peers/send-again
GET /operations/quarantine
POST /operations/quarantine/discard
POST /operations/quarantine/release
GET /operations/queues
GET /operations/retrievals
POST /operations/retrievals/retry
GET /operations/triage
POST /operations/triage
POST /operations/triage/import
POST /operations/triage/preview
GET /operations/triage/versions/{version}.toml
GET /operations/users
POST /operations/users
POST /operations/users/restrictions
POST /operations/users/restrictions/lift
POST /operations/users/tokens/{number}/revoke
POST /operations/users/{name}/enabled
POST /operations/users/{name}/reset
POST /operations/users/{name}/roles
GET /operations/workers
"""
"""The installation: no picture, no patient's name."""

AUDITORS: Final = """
GET /api/v1/operations/audit
GET /api/v1/operations/audit/export
GET /operations/audit
POST /operations/audit/export
"""
"""The audit."""

RESEARCHERS: Final = """
GET /api/v1/readings
"""
"""What models said, without patients."""

WRITTEN: Final[dict[str, frozenset[AccountRole] | None]] = {
    line: roles
    for lines, roles in (
        (ANYBODY, None),
        (SIGNED_IN, frozenset(AccountRole)),
        (RADIOLOGISTS, frozenset({AccountRole.RADIOLOGIST})),
        (ADMINISTRATORS, frozenset({AccountRole.ADMINISTRATOR})),
        (AUDITORS, frozenset({AccountRole.AUDITOR})),
        (RESEARCHERS, frozenset({AccountRole.RESEARCHER})),
    )
    for line in lines.split("\n")
    if line
}
"""Each route with the roles that may use it; None where nobody has to be signed in."""
