"""Who may sign in, and which studies only some may open, for an administrator's programs."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from core.accounts import AccountRole
from db.accounts import account_named, add_account, every_account, set_enabled, set_roles
from db.api_tokens import every_token, revoke_token
from db.models import Account
from db.one_time_links import make_link
from db.resets import reset_by_link
from db.restrictions import all_restrictions, lift_restriction, restrict_study
from web.access.guard import GuardedRouter
from web.access.who import Person
from web.numbers import RowNumber
from web.services import Given

router = GuardedRouter()
_ADMINISTRATORS = (AccountRole.ADMINISTRATOR,)
_TAGS = ["users"]
_FIRST_LINK = timedelta(days=1)


class User(BaseModel):
    """An account, without anything that signs in."""

    name: str
    person_name: str
    roles: list[AccountRole]
    enabled: bool
    by_provider: bool
    """Whether an identity provider vouches for the person."""

    @classmethod
    def of(cls, account: Account) -> "User":
        """Tell of an account."""
        return cls(
            name=account.name,
            person_name=account.person_name,
            roles=[AccountRole(role) for role in account.roles],
            enabled=account.enabled,
            by_provider=account.issuer is not None,
        )


class NewUser(BaseModel):
    """A person to be entered."""

    name: str
    person_name: str
    """DICOM person name, such as `Family^Given`."""
    roles: list[AccountRole]


class UserChange(BaseModel):
    """What changes; what is left out stays."""

    roles: list[AccountRole] | None = None
    enabled: bool | None = None


class SignInLink(BaseModel):
    """A link that signs a person in once, shown only here."""

    name: str
    url: str


class UserToken(BaseModel):
    """A program's token that is good, without what bears it."""

    number: int
    """By which it is revoked."""
    name: str
    """Of the account for which it acts."""
    label: str
    made_at: datetime
    good_until: datetime | None
    used_at: datetime | None


class Restricted(BaseModel):
    """A study that only named persons open."""

    study_uid: str
    accounts: list[str]
    reason: str


class Restricting(BaseModel):
    """Who may open a study, and why only they."""

    accounts: Annotated[list[str], Field(min_length=1)]
    reason: str


class Lifting(BaseModel):
    """Why a study is restricted no longer."""

    reason: str


@router.call("/api/v1/users", roles=_ADMINISTRATORS, tags=[*_TAGS])
def users(ours: Given) -> list[User]:
    """List all accounts."""
    with ours.db.read() as session:
        return [User.of(account) for account in every_account(session)]


@router.call("/api/v1/users", roles=_ADMINISTRATORS, methods=["POST"], tags=[*_TAGS])
def add(ours: Given, who: Person, new: NewUser) -> SignInLink:
    """Enter a person, and give the link by which that person signs in first."""
    with ours.db.write() as session:
        account = add_account(
            session, new.name, person=new.person_name, roles=new.roles, actor=who.name
        )
        path = make_link(session, account, actor=who.name, lifetime=_FIRST_LINK)
    return SignInLink(name=account.name, url=ours.settings.web.browser_url() + path)


@router.call("/api/v1/users/{name}", roles=_ADMINISTRATORS, methods=["PATCH"], tags=[*_TAGS])
def change(ours: Given, who: Person, name: str, change: UserChange) -> User:
    """Change what a person may do, or whether; the person's sessions end."""
    with ours.db.write() as session:
        account = account_named(session, name)
        if change.roles is not None:
            set_roles(session, account, change.roles, actor=who.name)
        if change.enabled is not None:
            set_enabled(session, account, enabled=change.enabled, actor=who.name)
        return User.of(account)


@router.call("/api/v1/users/{name}/reset", roles=_ADMINISTRATORS, methods=["POST"], tags=[*_TAGS])
def reset(ours: Given, who: Person, name: str) -> SignInLink:
    """Take a person's password away, and give the link by which another one is set."""
    with ours.db.write() as session:
        account = account_named(session, name)
        path = reset_by_link(session, account, _FIRST_LINK, actor=who.name)
    return SignInLink(name=account.name, url=ours.settings.web.browser_url() + path)


@router.call("/api/v1/tokens", roles=_ADMINISTRATORS, tags=[*_TAGS])
def tokens(ours: Given) -> list[UserToken]:
    """List the tokens of all persons' programs that are good, the newest first."""
    with ours.db.read() as session:
        return [
            UserToken(
                number=one.id,
                name=owner.name,
                label=one.label,
                made_at=one.created_at,
                good_until=one.expires_at,
                used_at=one.used_at,
            )
            for one, owner in every_token(session)
        ]


@router.call(
    "/api/v1/tokens/{number}",
    roles=_ADMINISTRATORS,
    methods=["DELETE"],
    status_code=204,
    tags=[*_TAGS],
)
def revoke(ours: Given, who: Person, number: RowNumber) -> None:
    """Make anybody's token useless."""
    with ours.db.write() as session:
        revoke_token(session, number, account_id=None, actor=who.name)


@router.call("/api/v1/restrictions", roles=_ADMINISTRATORS, tags=[*_TAGS])
def restrictions(ours: Given) -> list[Restricted]:
    """List the studies that only named persons open."""
    with ours.db.read() as session:
        return [
            Restricted(study_uid=uid, accounts=row.accounts, reason=row.reason)
            for row, uid, _ in all_restrictions(session)
        ]


@router.call(
    "/api/v1/restrictions/{study_uid}", roles=_ADMINISTRATORS, methods=["PUT"], tags=[*_TAGS]
)
def restrict(ours: Given, who: Person, study_uid: str, wish: Restricting) -> Restricted:
    """Let only named persons open a study."""
    with ours.db.write() as session:
        row = restrict_study(session, study_uid, wish.accounts, wish.reason, actor=who.name)
        return Restricted(study_uid=study_uid, accounts=row.accounts, reason=row.reason)


@router.call(
    "/api/v1/restrictions/{study_uid}/lift",
    roles=_ADMINISTRATORS,
    methods=["POST"],
    status_code=204,
    tags=[*_TAGS],
)
def lift(ours: Given, who: Person, study_uid: str, wish: Lifting) -> None:
    """Let every radiologist open a study again."""
    with ours.db.write() as session:
        lift_restriction(session, study_uid, wish.reason, actor=who.name)
