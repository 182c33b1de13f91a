"""Which triage policy is in force: its versions, and its rules as workers ask for them.

Rows are added and never changed; the newest one is in force, and the built-in policy, version 0,
where there is none.
"""

from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import SettingsError
from core.policy import LONGEST_TEXT
from core.triage_policy import NumberedTriage, TriagePolicy
from core.triage_toml import built_in_triage, document_of_triage, triage_of
from db.audit import ADMINISTRATOR, record
from db.models import AuditAction, TriagePolicyRow

_log = structlog.get_logger()
_LOOKED_AT: Final = 5
"""Versions that are looked at before the built-in one."""


class TriageConflictError(SettingsError):
    """Another version was put in force since the one that somebody looked at."""


def save_triage(
    session: Session,
    policy: TriagePolicy,
    *,
    actor: str = ADMINISTRATOR,
    note: str = "",
    after: int | None = None,
) -> int:
    """Put a triage policy in force as a new version, and give its number.

    Readings that are there already keep the tier that they earned.

    Parameters
    ----------
    session
        A writing session.
    policy
        The policy.
    actor, note
        Who, and why: at most 500 printable characters.
    after
        The version that the person saw in force; None asks nothing.

    Raises
    ------
    TriageConflictError
        If another one was put in force meanwhile; nothing is changed.
    SettingsError
        If the note does not fit.
    """
    if len(note) > LONGEST_TEXT or not note.isprintable():
        message = f"a note has at most {LONGEST_TEXT} printable characters"
        raise SettingsError(message)
    newest = session.scalars(_newest()).first()
    version = 0 if newest is None else newest.version
    if after is not None and after != version:
        by = "" if newest is None else f" by {newest.actor}"
        message = f"version {version} was put in force{by} meanwhile; look at it first"
        raise TriageConflictError(message)
    session.add(
        TriagePolicyRow(
            version=version + 1, document=document_of_triage(policy), actor=actor, note=note
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        message = (
            f"another policy became version {version + 1} at the same moment; look at it first"
        )
        raise TriageConflictError(message) from error
    record(session, AuditAction.TRIAGE_CHANGED, actor=actor, version=version + 1, note=note)
    return version + 1


def triage_in_force(session: Session) -> NumberedTriage:
    """Give the newest version, or the built-in policy.

    Raises
    ------
    SettingsError
        If its document cannot be understood, as where a later FirstRead wrote it.
    """
    row = session.scalars(_newest()).first()
    return built_in_triage() if row is None else numbered_triage(row)


def triage_of_version(session: Session, version: int) -> NumberedTriage:
    """Give one version; 0 is the built-in policy.

    Raises
    ------
    SettingsError
        If there is no such version, or its document cannot be understood.
    """
    if version == 0:
        return built_in_triage()
    row = session.scalars(
        select(TriagePolicyRow).where(TriagePolicyRow.version == version)
    ).one_or_none()
    if row is None:
        message = f"there is no version {version} of the triage policy"
        raise SettingsError(message)
    return numbered_triage(row)


def triage_versions(session: Session) -> Sequence[TriagePolicyRow]:
    """List the versions, newest first; the built-in one is none of them."""
    return session.scalars(select(TriagePolicyRow).order_by(TriagePolicyRow.version.desc())).all()


def triage_at_work(session: Session) -> NumberedTriage:
    """Give the policy for what cannot wait: one that cannot be understood gives way.

    A film's flags raise its study by the newest version that this program understands, in the
    place of not at all.
    """
    for row in session.scalars(
        select(TriagePolicyRow).order_by(TriagePolicyRow.version.desc()).limit(_LOOKED_AT)
    ):
        try:
            return numbered_triage(row)
        except SettingsError:
            _log.error("triage_policy_not_understood", version=row.version)
    return built_in_triage()


def numbered_triage(row: TriagePolicyRow) -> NumberedTriage:
    """Give the policy of a row.

    Raises
    ------
    SettingsError
        If its document cannot be understood.
    """
    try:
        return NumberedTriage(row.version, triage_of(row.document))
    except SettingsError as error:
        message = f"version {row.version} of the triage policy cannot be understood: {error}"
        raise SettingsError(message) from error


def _newest() -> Select[TriagePolicyRow]:
    return select(TriagePolicyRow).order_by(TriagePolicyRow.version.desc()).limit(1)
