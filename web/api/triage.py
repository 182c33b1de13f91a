"""Calls by which an administrator reads, tries and changes the triage policy."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from core.accounts import AccountRole
from core.errors import SettingsError, WrongArgumentError
from core.policy import LONGEST_TEXT
from core.triage_policy import NumberedTriage, TriagePolicy
from db.models import TriagePolicyRow
from db.triage_policies import (
    TriageConflictError,
    save_triage,
    triage_in_force,
    triage_of_version,
    triage_versions,
)
from db.triage_preview import LAST, Preview, preview_triage
from web.access.guard import GuardedRouter
from web.access.refusals import NoSuchThingError
from web.access.who import Person
from web.numbers import VersionNumber
from web.services import Given

router = GuardedRouter()
_ROLES: Final = (AccountRole.ADMINISTRATOR,)
_PATH: Final = "/api/v1/triage"


class TriageValues(BaseModel):
    """A version of the triage policy."""

    version: int
    """0 is the built-in one."""
    policy: TriagePolicy

    @classmethod
    def of(cls, numbered: NumberedTriage) -> Self:
        """Give a policy's."""
        return cls(version=numbered.version, policy=numbered.policy)


class TriageVersion(BaseModel):
    """Who made a version, and why."""

    version: int
    at: datetime
    actor: str
    note: str

    @classmethod
    def of(cls, row: TriagePolicyRow) -> Self:
        """Give a row's."""
        return cls(version=row.version, at=row.created_at, actor=row.actor, note=row.note)


class TriageTrial(BaseModel):
    """A policy that is tried on the studies that came last."""

    model_config = ConfigDict(extra="forbid")

    policy: TriagePolicy
    last: Annotated[int, Field(ge=1, le=10_000)] = LAST


class TriageChange(BaseModel):
    """A policy that is to be in force."""

    model_config = ConfigDict(extra="forbid")

    policy: TriagePolicy
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    after: VersionNumber
    """The version that is in force as far as the caller knows; 409 where it is not."""


class TriageMove(BaseModel):
    """A study that would have stood elsewhere."""

    study_uid: str
    accession: str
    received_at: datetime
    before: str
    after: str
    labels: list[str]
    """Whose flags earn the higher of the two tiers."""


class TriagePreview(BaseModel):
    """What a policy would have done; nothing was changed."""

    studies: int
    before: dict[str, int]
    """Number of studies by tier, by the policy in force."""
    after: dict[str, int]
    waited_before: int
    """Number of studies that nobody had seen when the longest wait was over."""
    waited_after: int
    moves: list[TriageMove]
    """None of a restricted study."""
    unlisted: int
    """Number of restricted studies that would have stood elsewhere."""

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Give a preview's."""
        return cls.model_validate(preview.plain())


@router.call(_PATH, roles=_ROLES, tags=["triage"])
def in_force(ours: Given) -> TriageValues:
    """Give the triage policy in force."""
    with ours.db.read() as session:
        return TriageValues.of(triage_in_force(session))


@router.call(f"{_PATH}/versions", roles=_ROLES, tags=["triage"])
def versions(ours: Given) -> list[TriageVersion]:
    """List the versions, newest first; the built-in one is none of them."""
    with ours.db.read() as session:
        return [TriageVersion.of(row) for row in triage_versions(session)]


@router.call(f"{_PATH}/versions/{{version}}", roles=_ROLES, tags=["triage"])
def one_version(ours: Given, version: VersionNumber) -> TriageValues:
    """Give one version."""
    with ours.db.read() as session:
        try:
            return TriageValues.of(triage_of_version(session, version))
        except SettingsError as error:
            raise NoSuchThingError(str(error)) from error


@router.call(f"{_PATH}/preview", roles=_ROLES, methods=["POST"], tags=["triage"])
def preview(ours: Given, trial: TriageTrial) -> TriagePreview:
    """Say what a policy would have done to the studies that came last."""
    with ours.db.read() as session:
        now = triage_in_force(session).policy
        return TriagePreview.of(preview_triage(session, now, trial.policy, last=trial.last))


@router.call(_PATH, roles=_ROLES, methods=["POST"], tags=["triage"], status_code=HTTPStatus.CREATED)
def change(ours: Given, who: Person, wanted: TriageChange) -> TriageValues:
    """Put a policy in force as a new version."""
    with ours.db.write() as session:
        try:
            version = save_triage(
                session, wanted.policy, actor=who.name, note=wanted.note, after=wanted.after
            )
        except TriageConflictError:
            raise
        except SettingsError as error:
            raise WrongArgumentError(str(error)) from error
        return TriageValues(version=version, policy=wanted.policy)
