"""`firstread triage` and `firstread model standing`: what they say, change and refuse.

What the policy makes of readings is tested in `tests/db/test_triage_policies.py`, what a standing
does to them in `tests/db/test_standings.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from core.accounts import AccountRole
from core.errors import FirstReadError
from core.labels import Label
from core.settings import Settings, load_settings
from core.states import Standing
from core.triage_toml import built_in_triage, toml_of_triage
from db.accounts import add_account
from db.engine import Database
from db.models import AuditAction, AuditEvent, TriagePolicyRow
from db.restrictions import restrict_study
from db.spool import Spool
from db.standings import standing_of
from db.upgrade import upgrade
from db.workers import SignOfLife, sign_of_life
from firstread import COULD_NOT_RUN, app
from tests.db.builders import film, let_show, model, read_next, reading

EDEMA_IS_URGENT = 'title = "flood"\n[[rule]]\nlabel = "edema"\ntier = "urgent"\nscore = 0.5\n'


@dataclass(frozen=True)
class House:
    """An installation without services: its settings' file, and its database."""

    file: Path
    settings: Settings
    db: Database

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command, see that it ends so, and give what it wrote, or why it could not run."""
        run = CliRunner().invoke(app, ["--settings", str(self.file), *arguments])
        if code == COULD_NOT_RUN:
            assert isinstance(run.exception, FirstReadError)
            return str(run.exception)
        assert run.exit_code == code, run.output
        return run.stdout


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty installation."""
    file = tmp_path / "firstread.toml"
    file.write_text(f'data = "{tmp_path / "data"}"\n[spool]\nreserve_bytes = 1\n')
    (tmp_path / "data").mkdir()
    settings = load_settings(file)
    upgrade(settings.database_url)
    db = Database(settings.database_url)
    yield House(file, settings, db)
    db.close()


def test_a_policy_goes_out_and_comes_in_again(house: House, tmp_path: Path) -> None:
    assert house.run("triage", "export") == toml_of_triage(built_in_triage().policy)
    document = tmp_path / "triage.toml"
    document.write_text(EDEMA_IS_URGENT)
    house.run("triage", "import", str(document), "--note", "after the flood", "--after", "0")
    shown = json.loads(house.run("triage", "show", "--json"))
    assert (shown["version"], shown["policy"]["title"]) == (1, "flood")
    assert [rule["label"] for rule in shown["policy"]["rule"]] == ["edema"]
    versions = json.loads(house.run("triage", "history", "--json"))["versions"]
    assert [(row["version"], row["note"]) for row in versions] == [
        (1, "after the flood"),
        (0, "built in"),
    ]
    assert house.run("triage", "export", "--version", "0") == toml_of_triage(
        built_in_triage().policy
    )
    said = house.run("triage", "import", str(document), "--after", "0", code=COULD_NOT_RUN)
    assert "version 1 was put in force by" in said


def test_what_is_no_policy_is_refused_with_its_place(house: House, tmp_path: Path) -> None:
    document = tmp_path / "triage.toml"
    document.write_text('[[rule]]\nlabel = "edema"\ntier = "stat"\n')
    said = house.run("triage", "import", str(document), code=COULD_NOT_RUN)
    assert "rule 1 'edema', tier" in said


def test_a_preview_says_which_studies_would_move(house: House, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    film(house.db, spool, study="1.2.3")
    read_next(house.db, reading(Label.EDEMA))
    film(house.db, spool, study="1.2.4")
    read_next(house.db, reading(Label.PNEUMOTHORAX))
    document = tmp_path / "triage.toml"
    document.write_text(EDEMA_IS_URGENT)
    said = json.loads(house.run("triage", "preview", str(document), "--json"))
    assert said["studies"] == 2
    assert said["before"] == {"urgent": 1, "raised": 1, "routine": 0}
    assert said["after"] == {"urgent": 1, "raised": 0, "routine": 1}
    assert [(move["study_uid"], move["after"], move["labels"]) for move in said["moves"]] == [
        ("1.2.4", "routine", ["pneumothorax"]),
        ("1.2.3", "urgent", ["edema"]),
    ]
    assert "edema" in house.run("triage", "preview", str(document))
    with house.db.write() as session:
        add_account(session, "anna", person="Anna", roles=[AccountRole.RADIOLOGIST])
        restrict_study(session, "1.2.3", ["anna"], "a member of staff", actor="ada")
    said = house.run("triage", "preview", str(document))
    assert "Studies that would stand elsewhere, and 1 restricted" in said
    assert "edema" not in said


def test_a_standing_is_set_with_its_basis(house: House) -> None:
    let_show(house.db, model(), standing=Standing.SHADOW)
    uid = model().uid
    house.run("model", "standing", uid, "authorised", "--basis", "ethics board, 2026-11")
    (listed,) = json.loads(house.run("model", "list", "--json"))["models"]
    assert (listed["uid"], listed["standing"]) == (uid, "authorised")
    assert listed["basis"] == "ethics board, 2026-11"
    assert uid in house.run("model", "list")
    with house.db.read() as session:
        assert standing_of(session, uid) is Standing.AUTHORISED
        event = session.scalars(select(AuditEvent)).one()
        assert event.action is AuditAction.MODEL_STANDING_SET
        assert "@" in event.actor


@pytest.mark.parametrize(
    ("uid", "basis", "words"),
    [("2.25.1", "why not", "no worker has loaded"), ("", " ", "a basis of 1 to 500")],
)
def test_a_standing_that_cannot_be_is_refused(
    house: House, uid: str, basis: str, words: str
) -> None:
    let_show(house.db, model())
    wanted = ("model", "standing", uid or model().uid, "authorised", "--basis", basis)
    assert words in house.run(*wanted, code=COULD_NOT_RUN)


def test_the_doctor_says_what_is_in_force_and_in_shadow(house: House) -> None:
    def said(check: str) -> tuple[str, str]:
        rows = json.loads(house.run("doctor", "--json", code=1))["checks"]
        (row,) = (row for row in rows if row["check"] == check)
        return row["verdict"], row["words"]

    assert said("triage") == ("ok", "built in, 9 rules, nobody waits for more than 240 minutes")
    assert said("standing")[0] == "unknown"
    let_show(house.db, model(), standing=Standing.SHADOW)
    sign_of_life(house.db, SignOfLife.of("host", model()))
    verdict, words = said("standing")
    assert (verdict, words.startswith("test: shadow: ")) == ("remark", True)
    let_show(house.db, model())
    assert said("standing") == ("ok", "test: research")
    with house.db.write() as session:
        session.add(TriagePolicyRow(version=1, document={"format": 2}, actor="later"))
    assert said("triage")[0] == "wrong"
