"""`firstread users`: the first administrator, passwords from a pipe, links, tokens, restrictions.

The front door once, in a process of its own; the rest by the same functions that it calls.
"""

import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from commands import users
from core.accounts import AccountRole
from core.errors import WrongArgumentError
from db.accounts import LastAdministratorError
from db.api_tokens import find_token
from db.engine import Database
from db.models import Account, AuditAction, AuditEvent, Restriction, Study
from db.passwords import fits
from tests.commands.shell import firstread
from tests.gateway.edge import make_settings, prepare_database
from tests.web.quick_passwords import make_quick

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


class House:
    """An installation in which nobody may sign in yet."""

    def __init__(self, folder: Path) -> None:
        settings = make_settings(folder)
        prepare_database(settings)
        self.file = folder / "firstread.toml"
        self.file.write_text(f'data = "{folder}"\n[web]\npublic_url = "https://room.example"\n')
        self.db = Database(settings.database_url)

    def account(self, name: str) -> Account:
        """Give an account."""
        with self.db.read() as session:
            return session.scalars(select(Account).where(Account.name == name)).one()

    def add(self, name: str, *roles: AccountRole) -> None:
        """Enter a person without a password."""
        users.add(self.file, name, name.capitalize(), roles, with_password=False)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    make_quick(monkeypatch)
    return House(tmp_path)


def test_the_first_administrator_comes_from_the_command_line(house: House) -> None:
    arguments = ["users", "add", "Boss", "--person", "Boss^Bea", "--role", "administrator"]
    done = firstread("--settings", str(house.file), *arguments, stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    boss = house.account("boss")
    assert boss.password_hash is not None
    assert boss.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fits(boss.password_hash, PASSWORD)
    assert PASSWORD not in done.stdout + done.stderr


def test_a_short_password_is_refused_and_nobody_is_entered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(WrongArgumentError, match="12 to 256"):
        users.add(house.file, "boss", "Boss", [AccountRole.ADMINISTRATOR], with_password=True)
    with house.db.read() as session:
        assert session.scalars(select(Account)).all() == []


def test_another_password_takes_the_place_of_the_old_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add("jane", AccountRole.RADIOLOGIST)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    users.password(house.file, "jane")
    assert fits(house.account("jane").password_hash, PASSWORD)


def test_roles_and_leave_to_sign_in_change(house: House) -> None:
    house.add("jane", AccountRole.RADIOLOGIST)
    users.roles(house.file, "JANE", [AccountRole.AUDITOR, AccountRole.RESEARCHER])
    assert house.account("jane").roles == ["auditor", "researcher"]
    users.enable(house.file, "jane", enabled=False)
    assert not house.account("jane").enabled
    users.enable(house.file, "jane", enabled=True)
    assert house.account("jane").enabled


def test_the_last_administrator_stays(house: House) -> None:
    house.add("boss", AccountRole.ADMINISTRATOR)
    with pytest.raises(LastAdministratorError):
        users.enable(house.file, "boss", enabled=False)
    with pytest.raises(LastAdministratorError):
        users.roles(house.file, "boss", [AccountRole.AUDITOR])
    house.add("other", AccountRole.ADMINISTRATOR)
    users.enable(house.file, "boss", enabled=False)
    assert not house.account("boss").enabled


def test_links_and_tokens_are_printed_for_programs(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.add("jane", AccountRole.RADIOLOGIST)
    capsys.readouterr()
    users.link(house.file, "jane", 5, as_json=True)
    url = json.loads(capsys.readouterr().out)["url"]
    assert url.startswith("https://room.example/sign-in/link?token=")
    users.token(house.file, "jane", "worklist on the wall", 7, as_json=False)
    token = capsys.readouterr().out.strip()
    found = find_token(house.db, token)
    assert found is not None
    assert found.name == "jane"
    users.tokens(house.file, as_json=True)
    said = capsys.readouterr().out
    assert token not in said
    (one,) = json.loads(said)["tokens"]
    assert (one["name"], one["label"]) == ("jane", "worklist on the wall")
    users.revoke(house.file, one["number"])
    assert find_token(house.db, token) is None
    with pytest.raises(WrongArgumentError, match="no token"):
        users.revoke(house.file, 99)


def test_a_study_is_restricted_and_open_again(house: House) -> None:
    house.add("jane", AccountRole.RADIOLOGIST)
    with house.db.write() as session:
        session.add(Study(uid="1.2.3", patient_id="P", patient_name="N"))
    users.restrict(house.file, "1.2.3", ["Jane"], "member of our own staff")
    with house.db.read() as session:
        assert session.scalars(select(Restriction.accounts)).one() == ["jane"]
    users.unrestrict(house.file, "1.2.3", "no longer on our staff")
    with house.db.read() as session:
        assert session.scalars(select(Restriction)).all() == []
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {AuditAction.STUDY_RESTRICTED, AuditAction.RESTRICTION_LIFTED} <= actions


@pytest.mark.parametrize("reason", ["", "because", " " * 20])
def test_a_reason_must_say_something(house: House, reason: str) -> None:
    house.add("jane", AccountRole.RADIOLOGIST)
    with house.db.write() as session:
        session.add(Study(uid="1.2.3", patient_id="P", patient_name="N"))
    with pytest.raises(WrongArgumentError, match="say why"):
        users.restrict(house.file, "1.2.3", ["jane"], reason)


def test_a_list_names_everybody_and_no_secret(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.add("jane", AccountRole.RADIOLOGIST)
    capsys.readouterr()
    users.list_(house.file, as_json=True)
    said = capsys.readouterr().out
    (jane,) = json.loads(said)["accounts"]
    assert (jane["name"], jane["roles"], jane["signs_in_by"]) == ("jane", ["radiologist"], "link")
    assert "argon2" not in said
