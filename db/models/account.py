"""Persons: their accounts, sessions and what they may open."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts import SignInWay
from core.clock import now
from db.models.base import Base


class Account(Base):
    """A person who may sign in."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    """By which one signs in, in lower case."""
    person_name: Mapped[str]
    """DICOM person name (PS3.5 section 6.2, VR PN) under which the person's acts are kept."""
    roles: Mapped[list[str]]
    """Values of `core.accounts.AccountRole`."""
    password_hash: Mapped[str | None] = mapped_column(default=None)
    """Argon2id in PHC string format; None where an identity provider vouches for the person."""
    issuer: Mapped[str | None] = mapped_column(default=None)
    subject: Mapped[str | None] = mapped_column(default=None)
    """`iss` and `sub` of the person's ID tokens."""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    signed_in_at: Mapped[datetime | None] = mapped_column(default=None)


class SignIn(Base):
    """One session of a person in a browser; the cookie's token is kept as its digest alone."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    way: Mapped[SignInWay]
    address: Mapped[str] = mapped_column(default="")
    begun_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    """When the person last did something, to within seconds."""
    proved_at: Mapped[datetime] = mapped_column(default=now)
    """When the person last gave the password, here or at the identity provider."""
    locked_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    account: Mapped[Account] = relationship()


class FailedSignIn(Base):
    """How often somebody tried in vain lately, by name, by address, by both, or by session.

    It is kept for names that nobody has, too: who tries must not learn which ones there are.
    """

    __tablename__ = "failed_sign_in"

    key: Mapped[str] = mapped_column(primary_key=True)
    """A digest: what is typed as a name may be a password."""
    failures: Mapped[int] = mapped_column(default=0)
    pause_until: Mapped[datetime | None] = mapped_column(default=None)
    last_at: Mapped[datetime] = mapped_column(default=now, index=True)


class OneTimeLink(Base):
    """A link that signs a person in once, and soon."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class ApiToken(Base):
    """A bearer token (RFC 6750) by which a program does what a person may."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class Restriction(Base):
    """A study that only named persons open, such as that of a member of staff."""

    __tablename__ = "restriction"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), unique=True)
    accounts: Mapped[list[str]]
    """Names of the accounts that may open it."""
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class BreakGlass(Base):
    """One person's word that a study had to be opened in spite of a restriction; never changed."""

    __tablename__ = "break_glass"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime]
