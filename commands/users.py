"""Persons who may use the reading room, as an administrator keeps them at the command line."""

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from commands.operator import operator
from commands.output import console, print_json, print_table, printable
from core.accounts import AccountRole
from core.errors import WrongArgumentError
from core.port_file import Port, read_port
from core.settings import Settings, load_settings
from db.accounts import account_named, add_account, every_account, set_enabled, set_password
from db.accounts import set_roles as change_roles
from db.api_tokens import every_token, make_token, revoke_token
from db.engine import Database
from db.models import Account
from db.one_time_links import make_link
from db.passwords import LONGEST_PASSWORD, hash_password
from db.restrictions import lift_restriction, restrict_study


def add(
    path: Path | None,
    name: str,
    person: str,
    roles: Sequence[AccountRole],
    *,
    with_password: bool,
) -> None:
    """Enter a person; the password comes from the terminal, or is one line of standard input.

    Raises
    ------
    FirstReadError
        If the name, the person's name, the roles or the password are none.
    """
    hashed = hash_password(_new_password(name)) if with_password else None
    with _writing(path) as session:
        account = add_account(session, name, person=person, roles=roles, actor=operator())
        account.password_hash = hashed
    console().print(f"{printable(account.name)} may sign in as {', '.join(account.roles)}.")
    if not with_password:
        console().print(f"`firstread users link {account.name}` makes the first link.")


def list_(path: Path | None, *, as_json: bool) -> None:
    """Print all accounts."""
    with _reading(path) as session:
        accounts = every_account(session)
    if as_json:
        print_json({"accounts": [_told(one) for one in accounts]})
        return
    print_table(
        "Accounts",
        ("name", "person", "roles", "may sign in", "by", "last signed in"),
        [
            (
                one.name,
                one.person_name,
                ", ".join(one.roles),
                "yes" if one.enabled else "no",
                _way(one),
                one.signed_in_at,
            )
            for one in accounts
        ],
    )


def roles(path: Path | None, name: str, wanted: Sequence[AccountRole]) -> None:
    """Change what a person may do; the person's sessions end.

    Raises
    ------
    WrongArgumentError
        If there is no such account, no role is given, or nobody would be administrator any more.
    """
    with _writing(path) as session:
        account = account_named(session, name)
        change_roles(session, account, wanted, actor=operator())
    console().print(f"{printable(account.name)} is {', '.join(account.roles)}.")


def password(path: Path | None, name: str) -> None:
    """Give a person another password; the person's sessions end.

    Raises
    ------
    WrongArgumentError
        If there is no such account, it has none here, or the password is too short or too long.
    """
    with _reading(path) as session:
        account_named(session, name)
    hashed = hash_password(_new_password(name))
    with _writing(path) as session:
        set_password(session, account_named(session, name), hashed, actor=operator())
    console().print(f"{printable(name)} has another password.")


def enable(path: Path | None, name: str, *, enabled: bool) -> None:
    """Let a person in, or not any more: then the person's sessions end at once.

    Raises
    ------
    WrongArgumentError
        If there is no such account, or nobody would be administrator any more.
    """
    with _writing(path) as session:
        set_enabled(session, account_named(session, name), enabled=enabled, actor=operator())
    console().print(f"{printable(name)} may {'' if enabled else 'not '}sign in.")


def link(path: Path | None, name: str, minutes: float, *, as_json: bool) -> None:
    """Print a link that signs a person in once.

    Raises
    ------
    WrongArgumentError
        If there is no such account.
    """
    settings = load_settings(path)
    with _writing(path) as session:
        account = account_named(session, name)
        made = make_link(session, account, actor=operator(), lifetime=timedelta(minutes=minutes))
    url = settings.web.browser_url(_port(settings)) + made
    if as_json:
        print_json({"name": account.name, "url": url})
    else:
        sys.stdout.write(f"{url}\n")


def token(path: Path | None, name: str, label: str, days: int, *, as_json: bool) -> None:
    """Print a new token by which a program does what a person may.

    Raises
    ------
    WrongArgumentError
        If there is no such account, or the label or the days are none.
    """
    with _writing(path) as session:
        account = account_named(session, name)
        made = make_token(session, account, label, days=days, actor=operator())
    if as_json:
        print_json({"name": account.name, "token": made})
    else:
        sys.stdout.write(f"{made}\n")


def tokens(path: Path | None, *, as_json: bool) -> None:
    """Print the tokens of all persons' programs that are good, without what bears them."""
    with _reading(path) as session:
        found = [
            (one.id, owner.name, one.label, one.created_at, one.expires_at, one.used_at)
            for one, owner in every_token(session)
        ]
    columns = ("number", "name", "label", "made_at", "good_until", "used_at")
    if as_json:
        told = [[one.isoformat() if isinstance(one, datetime) else one for one in r] for r in found]
        print_json({"tokens": [dict(zip(columns, row, strict=True)) for row in told]})
        return
    print_table("Tokens of programs", tuple(one.replace("_", " ") for one in columns), found)


def revoke(path: Path | None, number: int) -> None:
    """Make anybody's token useless.

    Raises
    ------
    WrongArgumentError
        If there is no such token.
    """
    with _writing(path) as session:
        revoke_token(session, number, account_id=None, actor=operator())
    console().print(f"Token {number} is good no more.")


def restrict(path: Path | None, study: str, names: Sequence[str], reason: str) -> None:
    """Let only named persons open a study.

    Raises
    ------
    WrongArgumentError
        If there is no such study or account, or the reason is none.
    """
    with _writing(path) as session:
        row = restrict_study(session, study, names, reason, actor=operator())
    console().print(f"Only {printable(', '.join(row.accounts))} may open it.")


def unrestrict(path: Path | None, study: str, reason: str) -> None:
    """Let every radiologist open a study again.

    Raises
    ------
    WrongArgumentError
        If there is no such study, it is not restricted, or the reason is none.
    """
    with _writing(path) as session:
        lift_restriction(session, study, reason, actor=operator())
    console().print("Every radiologist may open it.")


def _told(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "person": account.person_name,
        "roles": account.roles,
        "enabled": account.enabled,
        "signs_in_by": _way(account),
        "signed_in_at": account.signed_in_at and account.signed_in_at.isoformat(),
    }


def _way(account: Account) -> str:
    if account.issuer is not None:
        return f"provider {account.issuer}"
    return "password" if account.password_hash is not None else "link"


def _port(settings: Settings) -> int | None:
    return read_port(settings.data, Port.WEB) if settings.web.port == 0 else None


def _new_password(name: str) -> str:
    """Ask twice at a terminal; else take one line of standard input, as a program gives it."""
    if not sys.stdin.isatty():
        given = sys.stdin.readline(LONGEST_PASSWORD + 2)
        return given.removesuffix("\n").removesuffix("\r")
    first = getpass.getpass(f"New password of {printable(name)}: ")
    if getpass.getpass("The same again: ") != first:
        message = "the two are not the same"
        raise WrongArgumentError(message)
    return first


@contextmanager
def _writing(path: Path | None) -> Iterator[Session]:
    db = Database(load_settings(path).database_url)
    try:
        with db.write() as session:
            yield session
    finally:
        db.close()


@contextmanager
def _reading(path: Path | None) -> Iterator[Session]:
    db = Database(load_settings(path).database_url)
    try:
        with db.read() as session:
            yield session
    finally:
        db.close()
