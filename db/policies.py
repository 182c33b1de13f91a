"""Which policy is in force: its versions, and a look at the newest that survives an absence.

Rows are added and never changed; the newest one is in force, and the built-in policy, version 0,
where there is none.
"""

import threading
import time
from collections.abc import Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import DatabaseAwayError, SettingsError
from core.policy import NumberedPolicy, Policy
from core.policy_toml import built_in, document_of, policy_of
from db.audit import ADMINISTRATOR, record
from db.engine import Database
from db.models import AuditAction, PolicyRow

_log = structlog.get_logger()


def import_policy(
    session: Session, policy: Policy, *, actor: str = ADMINISTRATOR, note: str = ""
) -> int:
    """Put a policy in force as a new version, and give its number.

    Raises
    ------
    SettingsError
        If another one was put in force at the same moment.
    """
    newest = session.scalar(select(PolicyRow.version).order_by(PolicyRow.version.desc()).limit(1))
    version = (newest or 0) + 1
    session.add(PolicyRow(version=version, document=document_of(policy), actor=actor, note=note))
    try:
        session.flush()
    except IntegrityError as error:
        message = f"another policy became version {version} at the same moment; look at it first"
        raise SettingsError(message) from error
    record(session, AuditAction.POLICY_IMPORTED, actor=actor, version=version, note=note)
    return version


def policy_in_force(session: Session) -> NumberedPolicy:
    """Give the newest version, or the built-in policy.

    Raises
    ------
    SettingsError
        If its document cannot be understood, as where a later FirstRead wrote it.
    """
    row = session.scalars(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1)).first()
    return built_in() if row is None else _numbered(row)


def policy_of_version(session: Session, version: int) -> NumberedPolicy:
    """Give one version; 0 is the built-in policy.

    Raises
    ------
    SettingsError
        If there is no such version, or its document cannot be understood.
    """
    if version == 0:
        return built_in()
    row = session.scalars(select(PolicyRow).where(PolicyRow.version == version)).first()
    if row is None:
        message = f"there is no version {version} of the policy"
        raise SettingsError(message)
    return _numbered(row)


def policy_versions(session: Session) -> Sequence[PolicyRow]:
    """List the imported versions, newest first."""
    return session.scalars(select(PolicyRow).order_by(PolicyRow.version.desc())).all()


class PolicyBook:
    """The policy in force, looked up every few moments; safe to share between threads.

    A database that is away changes no decision: the policy that was known last stays in force,
    and so it does where a new one cannot be understood.

    Parameters
    ----------
    db
        Where the policies are.
    keep_seconds
        How long a look is good for.
    """

    def __init__(self, db: Database, *, keep_seconds: float = 2.0) -> None:
        self._db = db
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._known: NumberedPolicy | None = None

    def current(self) -> NumberedPolicy:
        """Give the policy in force.

        Raises
        ------
        DatabaseAwayError
            If it cannot be had or understood, and none is known from before: whoever sends may
            try again once an administrator has seen to it.
        """
        known = self._known
        if known is None:
            with self._lock:
                return self._renewed()
        # One look at a time: meanwhile a slow database holds up nobody.
        if not self._lock.acquire(blocking=False):
            return known
        try:
            return self._renewed()
        finally:
            self._lock.release()

    def _renewed(self) -> NumberedPolicy:
        known = self._known
        if known is None or time.monotonic() - self._read_at > self._keep_seconds:
            known = self._known = self._look(known)
            self._read_at = time.monotonic()
        return known

    def _look(self, known: NumberedPolicy | None) -> NumberedPolicy:
        try:
            with self._db.read() as session:
                found = policy_in_force(session)
        except (DatabaseAwayError, SettingsError) as error:
            _log.warning("policy_not_read", error=type(error).__name__)
            if known is None:
                message = f"the policy in force cannot be had: {error}"
                raise DatabaseAwayError(message) from error
            return known
        if known is not None and known.version != found.version:
            _log.info("policy_changed", version=found.version)
        return found


def _numbered(row: PolicyRow) -> NumberedPolicy:
    try:
        return NumberedPolicy(row.version, policy_of(row.document))
    except SettingsError as error:
        message = f"version {row.version} of the policy cannot be understood: {error}"
        raise SettingsError(message) from error
