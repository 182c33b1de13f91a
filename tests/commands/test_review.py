"""`firstread review`: a person's word on a draft, given at the command line.

Covered: each act, what is told, wrong arguments, files that hold no report, and who owns the final
report. Not covered: the rules themselves (tests/db) and what is sent (tests/integration).
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from commands.operator import operator
from commands.review import Draft, accept, edit, reject, sections_of
from core.errors import ReviewConflictError, ReviewRefusedError, WrongArgumentError
from core.labels import Label
from core.states import StudyState
from db.deliveries import mark_sent
from db.engine import Database
from db.models import AuditAction, AuditEvent, ReportVersionRow, ReviewRow, Study
from db.spool import Spool
from tests.commands.shell import firstread
from tests.db.builders import built, film, peer, publish, read_next, reading, sign
from tests.gateway.edge import make_settings, prepare_database

STUDY = "1.2.3"


class House:
    """An installation with one draft."""

    def __init__(self, folder: Path) -> None:
        settings = make_settings(folder)
        prepare_database(settings)
        self.file = folder / "firstread.toml"
        self.owns_reports(owns=False)
        self.db = Database(settings.database_url)
        self.spool = Spool(settings.spool_folder, 0)
        film(self.db, self.spool, uid="1.2.3.1")
        read_next(self.db, reading(Label.EDEMA))

    def owns_reports(self, *, owns: bool) -> None:
        """Say who owns the final report."""
        who = "firstread" if owns else "external"
        text = f'data = "{self.file.parent}"\n[site]\nreporting_system = "{who}"\n'
        self.file.write_text(text)

    def versions(self) -> list[ReportVersionRow]:
        """Give all versions, oldest first."""
        with self.db.read() as session:
            return list(session.scalars(select(ReportVersionRow).order_by(ReportVersionRow.number)))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.db.close()


def draft(number: int | None = None, by: str = "Doctor^Dora", film: str | None = None) -> Draft:
    return Draft(STUDY, film, number, by)


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(capsys.readouterr().out)
    return values


@pytest.mark.parametrize("owns", [False, True])
def test_a_draft_is_accepted(
    house: House, capsys: pytest.CaptureFixture[str], *, owns: bool
) -> None:
    house.owns_reports(owns=owns)
    accept(house.file, draft(), as_json=True)
    told = said(capsys)
    assert (told["act"], told["by"], told["version"]) == ("accepted", "Doctor^Dora", 2)
    assert (told["final"], told["sent"], told["film"]) == (owns, True, "1.2.3.1")
    assert [version.final for version in house.versions()] == [False, owns]


def test_a_draft_is_edited(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "report.txt"
    text.write_text("Findings: The heart is\r\nof normal size.\n\nIMPRESSION:\nNormal.\n")
    edit(house.file, draft(1), text, as_json=False)
    assert "version 2 edited by Doctor^Dora" in capsys.readouterr().err
    _, version = house.versions()
    assert (version.findings, version.impression) == ("The heart is\nof normal size.", "Normal.")


def test_who_entered_it_stands_beside_whose_it_is(house: House) -> None:
    accept(house.file, draft(), as_json=True)
    with house.db.read() as session:
        accepted = select(AuditEvent).where(AuditEvent.action == AuditAction.DRAFT_ACCEPTED)
        event = session.scalars(accepted).one()
    assert (event.actor, event.details["operator"]) == ("Doctor^Dora", operator())


@pytest.mark.parametrize("harmful", [False, True])
def test_a_draft_is_rejected(
    house: House, capsys: pytest.CaptureFixture[str], *, harmful: bool
) -> None:
    reject(house.file, draft(), "Wrong side.", harmful=harmful, as_json=False)
    # Nothing had left.
    assert "taken back" not in capsys.readouterr().err
    with house.db.read() as session:
        review = session.scalars(select(ReviewRow)).one()
        assert session.scalars(select(Study.state)).one() is StudyState.REJECTED
    assert (review.reason, review.author) == ("Wrong side.", "Doctor^Dora")


def test_where_a_rejected_draft_had_gone_is_told(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    (version,) = house.versions()
    said_of = reading(reading_id=version.reading_id)
    publish(house.db, built(house.spool, said_of, version.id, peer(house.db)))
    with house.db.write() as session:
        mark_sent(session, 1, 0, "success")
    reject(house.file, draft(), "Wrong side.", harmful=False, as_json=False)
    told = capsys.readouterr().err
    assert "rejected results of the study are at pacs" in told
    assert "taken back where peers can be told so" in told


def test_the_version_that_was_read_must_be_the_latest(house: House) -> None:
    accept(house.file, draft(1), as_json=False)
    with pytest.raises(ReviewConflictError, match="version 2 is the latest, not 1"):
        accept(house.file, draft(1, "Second^Sam"), as_json=False)
    accept(house.file, draft(2, "Second^Sam"), as_json=False)
    assert len(house.versions()) == 3


@pytest.mark.parametrize("act", ["accept", "edit", "reject"])
def test_without_a_number_only_the_models_own_draft_is_reviewed(
    house: House, tmp_path: Path, act: str
) -> None:
    text = tmp_path / "report.txt"
    text.write_text("FINDINGS: Mine.")
    edit(house.file, draft(), text, as_json=False)
    other = draft(by="Second^Sam")
    text.write_text("FINDINGS: Others.")
    acts = {
        "accept": partial(accept, house.file, other),
        "edit": partial(edit, house.file, other, text),
        "reject": partial(reject, house.file, other, "no", harmful=False),
    }
    told = r"version 2 \(edited by Doctor\^Dora\).* --version 2 "
    with pytest.raises(ReviewConflictError, match=told):
        acts[act](as_json=False)
    assert [version.author for version in house.versions()] == [None, "Doctor^Dora"]


def test_an_acceptance_says_whose_words_were_signed(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(house.file, draft(), as_json=False)
    assert "those of version 1 (the model's draft)" in capsys.readouterr().err
    text = tmp_path / "report.txt"
    text.write_text("FINDINGS: Mine.")
    edit(house.file, draft(2), text, as_json=False)
    capsys.readouterr()
    accept(house.file, draft(3, "Second^Sam"), as_json=False)
    assert "those of version 3 (edited by Doctor^Dora)" in capsys.readouterr().err
    accept(house.file, draft(4, "Third^Tina"), as_json=True)
    signed = {"version": 4, "kind": "accepted", "author": "Second^Sam"}
    assert said(capsys)["reviewed"] == signed


def test_of_an_edit_and_an_acceptance_in_the_same_moment_nobody_signs_unseen_words(
    house: House, tmp_path: Path
) -> None:
    text = tmp_path / "report.txt"
    text.write_text("FINDINGS: Mine.")
    refused: list[str] = []
    together = Barrier(2)

    def act(by: str) -> None:
        together.wait(30.0)
        try:
            if by == "Editor^Ed":
                edit(house.file, draft(by=by), text, as_json=True)
            else:
                accept(house.file, draft(by=by), as_json=True)
        except ReviewConflictError:
            refused.append(by)

    persons = [Thread(target=act, args=(by,)) for by in ("Editor^Ed", "Acceptor^Ann")]
    for person in persons:
        person.start()
    for person in persons:
        person.join(60.0)
    first, second = house.versions()
    assert second.author not in refused
    assert len(refused) == 1
    assert second.findings == ("Mine." if second.author == "Editor^Ed" else first.findings)


def test_what_stays_here_is_told(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    sign(house.db, house.spool)
    accept(house.file, draft(), as_json=False)
    assert "a signed report of the study is known" in capsys.readouterr().err
    house.owns_reports(owns=True)
    accept(house.file, draft(2), as_json=True)
    assert said(capsys)["sent"]


def test_other_films_are_told(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    film(house.db, house.spool, uid="1.2.3.2", view="AP")
    read_next(house.db, reading())
    accept(house.file, draft(film="1.2.3.2"), as_json=False)
    assert "1 other films of the study have drafts of their own" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["", "^^", "a\\b", "x" * 65, "a=b=c=d", "a\x1bb", "a^b^c^d^e^f"])
def test_a_name_that_is_none(house: House, by: str) -> None:
    with pytest.raises(WrongArgumentError, match="--by: "):
        accept(house.file, draft(by=by), as_json=False)
    assert len(house.versions()) == 1


@pytest.mark.parametrize("by", ["Müller^Jörg", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Doe"])
def test_a_name_in_any_script(house: House, by: str) -> None:
    accept(house.file, draft(by=by), as_json=False)
    assert house.versions()[-1].author == by


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The heart is normal.",
        "Dear colleague,\nFINDINGS: x\nIMPRESSION: y",
        "IMPRESSION: normal",
        "FINDINGS: a\nFINDINGS: b",
        b"FINDINGS: \xff",
        "FINDINGS: " + "x" * (1 << 18),
    ],
)
def test_files_that_hold_no_report(tmp_path: Path, text: str | bytes) -> None:
    file = tmp_path / "report.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(WrongArgumentError, match=r"report\.txt: "):
        sections_of(file)


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("FINDINGS: a\nIMPRESSION: b", ("a", "b")),
        ("\ufeffimpression:\nb\nfindings :\na\nb: c", ("a\nb: c", "b")),
        ("FINDINGS:\n  The IMPRESSION: of a shadow.", ("The IMPRESSION: of a shadow.", "")),
    ],
)
def test_sections_of_a_report(tmp_path: Path, text: str, sections: tuple[str, str]) -> None:
    file = tmp_path / "report.txt"
    file.write_text(text, encoding="utf-8")
    assert sections_of(file) == sections


def test_a_study_that_never_came_in(house: House) -> None:
    with pytest.raises(ReviewRefusedError, match="nothing of study 9 ever came in"):
        accept(house.file, Draft("9", None, None, "Doctor^Dora"), as_json=False)


def test_the_command_as_a_person_calls_it(house: House, tmp_path: Path) -> None:
    text = tmp_path / "report.txt"
    text.write_text("FINDINGS: Normal.\nIMPRESSION: Normal.")
    settings = ("--settings", str(house.file), "review")
    run = firstread(
        *settings, "edit", STUDY, "--by", "Doctor^Dora", "--text", str(text), "--version", "1"
    )
    assert run.returncode == 0, run.stderr
    run = firstread(*settings, "accept", STUDY, "--by", "Doctor^Dora", "--version", "1")
    assert (run.returncode, run.stdout) == (3, "")
    assert "version 2 is the latest, not 1" in run.stderr
    run = firstread(*settings, "reject", STUDY, "--by", "^", "--reason", "no")
    assert run.returncode == 2
    mine = ("--by", "Doctor^Dora", "--reason", "no", "--json")
    run = firstread(*settings, "reject", STUDY, *mine)
    assert (run.returncode, run.stdout) == (3, "")
    assert "--version 2" in run.stderr
    run = firstread(*settings, "reject", STUDY, *mine, "--version", "2")
    assert json.loads(run.stdout)["act"] == "rejected"
