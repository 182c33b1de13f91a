"""Accounts: names, roles, passwords, links and tokens as the database keeps them, on both of them.

How persons use them is in `tests/web`.
"""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from core.accounts import AccountRole, SignInWay
from core.clock import now
from core.errors import ReviewRefusedError, WrongArgumentError
from core.web_settings import WebSettings
from db import passwords
from db.accounts import (
    LastAdministratorError,
    add_account,
    set_enabled,
    set_password,
    set_roles,
)
from db.api_tokens import find_token, make_token
from db.engine import Database
from db.models import Account, ApiToken, OneTimeLink, SignIn
from db.one_time_links import make_link, use_link
from db.passwords import fits, hash_password, is_outdated
from db.provider_accounts import provider_account
from db.resets import reset_by_link
from db.sign_ins import SignInLimits, begin_sign_in, find_sign_in, goes_on, lock_sign_in

RADIOLOGIST, ADMINISTRATOR = AccountRole.RADIOLOGIST, AccountRole.ADMINISTRATOR
LIMITS = SignInLimits.of(WebSettings())


def _add(db: Database, name: str, *roles: AccountRole) -> Account:
    with db.write() as session:
        return add_account(session, name, person=name.capitalize(), roles=roles or [RADIOLOGIST])


def test_names_are_small_and_nobodys_else(db: Database) -> None:
    assert _add(db, " Jane.Doe@ward ").name == "jane.doe@ward"
    with pytest.raises(WrongArgumentError, match="already"):
        _add(db, "JANE.DOE@WARD")


@pytest.mark.parametrize("name", ["", " ", "a b", "<x>", "-x", "x" * 65, "jäne", "a\nb"])
def test_what_is_no_name_is_refused(db: Database, name: str) -> None:
    with pytest.raises(WrongArgumentError, match="a name of letters"):
        _add(db, name)


def test_a_person_needs_a_name_and_a_role(db: Database) -> None:
    with db.write() as session, pytest.raises(WrongArgumentError, match="needs a role"):
        add_account(session, "jane", person="Doe^Jane", roles=[])
    with db.write() as session, pytest.raises(ReviewRefusedError):
        add_account(session, "jane", person="a\\b", roles=[RADIOLOGIST])


def test_the_last_administrator_who_may_sign_in_stays(db: Database) -> None:
    first = _add(db, "first", ADMINISTRATOR)
    second = _add(db, "second", ADMINISTRATOR)
    with db.write() as session:
        set_enabled(session, session.get_one(Account, second.id), enabled=False, actor="x")
    with db.write() as session, pytest.raises(LastAdministratorError):
        set_enabled(session, session.get_one(Account, first.id), enabled=False, actor="x")
    with db.write() as session, pytest.raises(LastAdministratorError):
        set_roles(session, session.get_one(Account, first.id), [RADIOLOGIST], actor="x")


def test_who_comes_from_a_provider_has_no_password_and_no_roles_of_ours(db: Database) -> None:
    account = _add(db, "jane")
    with db.write() as session:
        row = session.get_one(Account, account.id)
        row.issuer, row.subject = "https://x", "s"
        session.flush()
        with pytest.raises(WrongArgumentError, match="identity provider"):
            set_password(session, row, "hash", actor="x")
        with pytest.raises(WrongArgumentError, match="identity provider"):
            set_roles(session, row, [ADMINISTRATOR], actor="x")


def test_passwords_are_argon2id_at_their_full_cost() -> None:
    kept = hash_password("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fits(kept, "correct horse battery")
    assert not fits(kept, "correct horse batterz")
    assert not fits(None, "nobody's password")
    assert not is_outdated(kept)
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=64).hash("x"))
    assert passwords._NOBODYS.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 257])
def test_a_password_is_neither_short_nor_endless(password: str) -> None:
    with pytest.raises(WrongArgumentError, match="12 to 256"):
        hash_password(password)


def test_a_link_signs_in_once_and_within_its_time(db: Database) -> None:
    account = _add(db, "jane")
    with db.write() as session:
        token = make_link(session, account, actor="x").partition("token=")[2]
    with db.write() as session:
        used = use_link(session, token)
        assert used is not None
        assert used.name == "jane"
        assert use_link(session, token) is None
        old = make_link(session, account, actor="x").partition("token=")[2]
        session.flush()
        session.execute(update(OneTimeLink).values(expires_at=now() - timedelta(seconds=1)))
        assert use_link(session, old) is None


def test_a_link_of_who_is_disabled_signs_nobody_in(db: Database) -> None:
    account = _add(db, "jane")
    with db.write() as session:
        row = session.get_one(Account, account.id)
        token = make_link(session, row, actor="x").partition("token=")[2]
        set_enabled(session, row, enabled=False, actor="x")
    with db.write() as session:
        assert use_link(session, token) is None


def test_a_session_goes_on_until_it_is_locked_old_or_ended(db: Database) -> None:
    account = _add(db, "jane")
    with db.write() as session:
        row = session.get_one(Account, account.id)
        token = begin_sign_in(session, row, SignInWay.PASSWORD, "10.0.0.1")
    found = find_sign_in(db, token, LIMITS)
    assert found is not None
    assert not found.locked
    with db.read() as session:
        assert goes_on(session, found.sign_in_id, LIMITS)
    with db.write() as session:
        lock_sign_in(session, found.sign_in_id)
    with db.read() as session:
        assert not goes_on(session, found.sign_in_id, LIMITS)
    with db.write() as session:
        session.execute(update(SignIn).values(locked_at=None, seen_at=now() - 2 * LIMITS.idle))
    with db.read() as session:
        assert not goes_on(session, found.sign_in_id, LIMITS)
    with db.write() as session:
        set_enabled(session, session.get_one(Account, account.id), enabled=False, actor="x")
    assert find_sign_in(db, token, LIMITS) is None
    assert find_sign_in(db, "nonsense", LIMITS) is None


def test_a_token_says_what_for_and_until_when(db: Database) -> None:
    account = _add(db, "jane")
    with db.write() as session:
        for label, days in (("", 1), ("x" * 101, 1), ("a\nb", 1), ("x", 0), ("x", 367)):
            with pytest.raises(WrongArgumentError):
                make_token(session, account, label, days=days, actor="x")
        token = make_token(session, account, "x", days=1, actor="x")
    with db.read() as session:
        row = session.scalars(select(ApiToken)).one()
        assert row.expires_at is not None
        assert row.expires_at - row.created_at == timedelta(days=1)
    assert token not in repr(vars(row))


@pytest.mark.parametrize("change", ["password", "reset", "disabled", "provider"])
def test_keys_to_an_account_go_with_what_they_rested_on(db: Database, change: str) -> None:
    """Whoever got hold of a token or a link keeps nothing when its owner is let in anew."""
    account = _add(db, "jane")
    with db.write() as session:
        row = session.get_one(Account, account.id)
        row.issuer, row.subject = ("https://x", "s") if change == "provider" else (None, None)
        token = make_token(session, row, "viewer", actor="x")
        link = make_link(session, row, actor="x").partition("token=")[2]
    with db.write() as session:
        row = session.get_one(Account, account.id)
        if change == "password":
            set_password(session, row, "hash", actor="x")
        elif change == "reset":
            reset_by_link(session, row, timedelta(days=1), actor="x")
        elif change == "disabled":
            set_enabled(session, row, enabled=False, actor="x")
            set_enabled(session, row, enabled=True, actor="x")
        else:
            nobody = provider_account(session, "https://x", "s", name="jane", person="X", roles=[])
            assert nobody is None
            assert row.roles == []
    assert find_token(db, token) is None
    with db.write() as session:
        assert use_link(session, link) is None


def test_other_roles_leave_tokens_which_follow_them(db: Database) -> None:
    account = _add(db, "jane")
    with db.write() as session:
        row = session.get_one(Account, account.id)
        token = make_token(session, row, "viewer", actor="x")
        set_roles(session, row, [AccountRole.AUDITOR], actor="x")
    found = find_token(db, token)
    assert found is not None
    assert found.roles == ("auditor",)
