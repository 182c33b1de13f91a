"""`firstread policy`: documents in and out, why a file is read or not, and what would change.

What a policy may say is tested in `tests/core`, what it makes of an object with the gateway. But
for the first test the commands run in this process, to save a second each.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import dcmread
from typer.testing import CliRunner

from core.errors import FirstReadError
from core.policy_toml import built_in, toml_of
from core.settings import Settings, load_settings
from core.states import FilmState, Purpose
from db.engine import Database
from db.models import Instance, Study
from db.upgrade import upgrade
from firstread import COULD_NOT_RUN, app
from tests.commands.shell import firstread
from tests.gateway.objects import film, save
from training.phantom import View, sample
from training.phantom_dicom import FilmForm, write_film


@dataclass(frozen=True)
class House:
    """An installation without services: its settings' file, and its database."""

    file: Path
    settings: Settings
    db: Database

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command in this process, see that it ends so, and give what it wrote.

        One that could not run gives why.
        """
        run = CliRunner().invoke(app, ["--settings", str(self.file), *arguments])
        if code == COULD_NOT_RUN:
            assert isinstance(run.exception, FirstReadError)
            return str(run.exception)
        assert run.exit_code == code, run.output
        return run.stdout

    def keep(self, path: Path, *, purpose: Purpose = Purpose.READ) -> None:
        """Enter an object as if it had come in just now."""
        with self.db.write() as session:
            study = Study(uid=f"1.2.{path.stat().st_ino}")
            session.add(study)
            session.flush()
            session.add(
                Instance(
                    study_id=study.id,
                    uid=f"1.3.{path.stat().st_ino}",
                    sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
                    series_uid="1.4",
                    transfer_syntax_uid="1.2.840.10008.1.2.1",
                    path=str(path),
                    state=FilmState.READ,
                    purpose=purpose,
                    calling_ae="ICU",
                )
            )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    file = tmp_path / "firstread.toml"
    file.write_text(f'data = "{tmp_path / "data"}"\n[spool]\nreserve_bytes = 1\n')
    (tmp_path / "data").mkdir()
    settings = load_settings(file)
    upgrade(settings.database_url)
    db = Database(settings.database_url)
    yield House(file, settings, db)
    db.close()


def _written(folder: Path, view: View | None) -> Path:
    truth = write_film(folder, sample(4_712, 0, view=view), FilmForm("DX", "MONOCHROME2", 12, 256))
    return folder / str(truth["file"])


@pytest.fixture
def phantom(tmp_path: Path) -> Path:
    """A frontal film."""
    (tmp_path / "phantom").mkdir()
    return _written(tmp_path / "phantom", None)


@pytest.fixture
def lateral(tmp_path: Path) -> Path:
    """A lateral film."""
    (tmp_path / "lateral").mkdir()
    return _written(tmp_path / "lateral", View.LATERAL)


@pytest.fixture
def no_portables(tmp_path: Path) -> Path:
    """A policy that reads nothing that the ICU sends."""
    head, rules = toml_of(built_in().policy).split("\n[[rule]]", 1)
    mine = '\n[[rule]]\nname = "no_icu"\nwhen.calling_ae = "ICU"\nthen = "not_read"\nreason = "icu"'
    path = tmp_path / "no_icu.toml"
    path.write_text(f"{head}{mine}\n\n[[rule]]{rules}", encoding="utf-8")
    return path


def test_the_command_itself(house: House, no_portables: Path) -> None:
    settings = ("--settings", str(house.file))
    run = firstread(*settings, "policy", "import", str(no_portables))
    assert (run.returncode, run.stdout) == (0, "")
    assert "version 1 is in force: 22 rules" in run.stderr
    no_portables.write_text("rule = []")
    run = firstread(*settings, "policy", "import", str(no_portables))
    assert run.returncode == COULD_NOT_RUN
    assert run.stderr.endswith("rule: at least one value is wanted\n")


def test_a_policy_comes_in_goes_out_and_stays_in_the_history(
    house: House, no_portables: Path
) -> None:
    assert house.run("policy", "export") == toml_of(built_in().policy)
    house.run("policy", "import", str(no_portables), "--note", "ward 3 reads its own")
    exported = house.run("policy", "export")
    assert 'name = "no_icu"' in exported
    assert house.run("policy", "export", "--version", "1") == exported
    assert house.run("policy", "export", "--version", "0") == toml_of(built_in().policy)
    said = json.loads(house.run("policy", "history", "--json"))
    assert said["in_force"] == 1
    assert [row["version"] for row in said["versions"]] == [1, 0]
    assert said["versions"][0]["note"] == "ward 3 reads its own"
    assert "ward 3 reads its own" in house.run("policy", "history")
    assert "no version 5" in house.run("policy", "export", "--version", "5", code=COULD_NOT_RUN)


def test_a_mistake_is_named_and_nothing_is_changed(house: House, no_portables: Path) -> None:
    no_portables.write_text(no_portables.read_text().replace("calling_ae", "caling_ae"))
    error = house.run("policy", "import", str(no_portables), code=COULD_NOT_RUN)
    assert "rule 1 'no_icu', when.caling_ae: there is no such key" in error
    assert json.loads(house.run("policy", "history", "--json"))["in_force"] == 0


@pytest.mark.parametrize("note", ["n" * 501, "a\x1b[31m"])
def test_a_note_fits_the_history(house: House, no_portables: Path, note: str) -> None:
    arguments = ("policy", "import", str(no_portables), "--note", note)
    assert "at most 500 printable" in house.run(*arguments, code=COULD_NOT_RUN)
    assert json.loads(house.run("policy", "history", "--json"))["in_force"] == 0


def test_a_number_that_no_database_takes_is_refused(house: House, no_portables: Path) -> None:
    house.run("policy", "export", "--version", "9" * 20, code=2)
    house.run("policy", "test", str(no_portables), "--last", "9" * 20, code=2)


def test_the_chain_of_a_file_is_explained(house: House, tmp_path: Path, no_portables: Path) -> None:
    frontal = save(film(), tmp_path, "frontal.dcm")
    said = json.loads(house.run("policy", "explain", str(frontal), "--json"))
    assert (said["state"], said["rule"], said["policy_version"]) == ("queued", "frontal_chest", 0)
    assert said["facts"]["view"] == "PA"
    assert said["rules"][0] == {"rule": "sop_class", "stopped_by": "unless.sop_class"}
    assert said["rules"][-1] == {"rule": "frontal_chest", "stopped_by": None}
    trial = ("--policy", str(no_portables), "--calling-ae", "ICU", "--json")
    said = json.loads(house.run("policy", "explain", str(frontal), *trial, code=1))
    assert (said["state"], said["rule"], said["reason"]) == ("not_read", "no_icu", "icu")
    assert said["policy_version"] is None


def test_the_pixels_are_looked_at_as_a_worker_would(
    house: House, tmp_path: Path, phantom: Path, lateral: Path
) -> None:
    said = json.loads(house.run("policy", "explain", str(phantom), "--json"))
    assert said["pixels"].startswith("read")
    said = json.loads(house.run("policy", "explain", str(lateral), "--json", code=1))
    assert said["pixels"] == "nobody would look"
    silent = dcmread(lateral)
    for keyword in ("ViewPosition", "ViewCodeSequence", "PatientOrientation", "SeriesDescription"):
        silent.pop(keyword, None)
    silent.save_as(tmp_path / "silent.dcm")
    said = json.loads(house.run("policy", "explain", str(tmp_path / "silent.dcm"), "--json"))
    assert (said["state"], said["asked_of_pixels"]) == ("queued", "view")
    assert said["pixels"].startswith("not read: view uncertain: ")


def test_the_chain_is_shown_to_people(house: House, tmp_path: Path) -> None:
    lateral = save(film(ViewPosition="LL", StudyDate="20200101"), tmp_path, "lateral.dcm")
    shown = house.run("policy", "explain", str(lateral), code=1)
    assert "passed over, since part is not one of: other" in shown
    assert "decides: not_read" in shown
    assert "not frontal: lateral by its ViewPosition" in shown
    old = save(film(ViewPosition=None, StudyDate="20200101"), tmp_path, "old.dcm")
    shown = house.run("policy", "explain", str(old), code=1)
    assert "older than 48 hours" in shown
    assert "if they clearly show view" in shown
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"nothing")
    assert "not a readable DICOM file" in house.run(
        "policy", "explain", str(broken), code=COULD_NOT_RUN
    )


def test_hostile_texts_do_not_steer_the_terminal(house: House, tmp_path: Path) -> None:
    path = save(film(StationName="[bold]\x1b[31m"), tmp_path, "hostile.dcm")
    shown = house.run("policy", "explain", str(path))
    assert "\x1b" not in shown
    assert "[bold]" in shown


def test_what_would_change_is_shown_and_nothing_is_changed(
    house: House, tmp_path: Path, no_portables: Path
) -> None:
    house.keep(save(film(), tmp_path, "a.dcm"))
    house.keep(save(film(), tmp_path, "b.dcm"))
    house.keep(save(film(ViewPosition="LL"), tmp_path, "c.dcm"))
    house.keep(save(film(), tmp_path, "prior.dcm"), purpose=Purpose.PRIOR)
    gone = save(film(), tmp_path, "gone.dcm")
    house.keep(gone)
    gone.unlink()
    said = json.loads(house.run("policy", "test", str(no_portables), "--json"))
    assert (said["looked_at"], said["changed"], said["missing"], said["priors"]) == (3, 2, 1, 1)
    (change,) = said["changes"]
    assert change["from"] == {"state": "queued", "rule": "frontal_chest"}
    assert change["to"] == {"state": "not_read", "rule": "no_icu"}
    assert change["count"] == 2
    assert said["by_rule"]["no_icu"] == 3
    assert said["by_rule"]["view"] == 0
    last = json.loads(house.run("policy", "test", str(no_portables), "--last", "3", "--json"))
    assert last["looked_at"] == 1
    shown = house.run("policy", "test", str(no_portables))
    assert "2 of 3 objects" in shown
    assert "no_icu" in shown
    assert json.loads(house.run("policy", "history", "--json"))["in_force"] == 0
    with house.db.read() as session:
        assert {row.state for row in session.query(Instance)} == {FilmState.READ}


def test_a_film_is_read_by_the_policy_in_force_and_doctor_sees_it(
    house: House, tmp_path: Path
) -> None:
    nothing = tmp_path / "nothing.toml"
    nothing.write_text('[[rule]]\nname = "closed"\nthen = "not_read"\nreason = "closed today"\n')
    house.run("policy", "import", str(nothing))
    verdicts = json.loads(house.run("doctor", "--json", code=1))["checks"]
    (check,) = (row for row in verdicts if row["check"] == "policy")
    assert (check["verdict"], check["words"]) == ("ok", "version 1, 1 rules")
    frontal = save(film(), tmp_path, "frontal.dcm")
    said = house.run("read", str(frontal), "--out", str(tmp_path / "out"), "--json", code=1)
    (row,) = json.loads(said)["films"]
    assert (row["state"], row["reason"]) == ("not_read", "closed today")
