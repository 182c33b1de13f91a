"""`firstread audit`: export and verification, and who is named for what was done by command.

How the chain is made, and each way of tampering with the database, is tested in
`tests/db/test_audit.py`.
"""

import json
import os
import pwd
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from commands.audit import export, verify
from commands.audit_file import check_file
from core.errors import WrongArgumentError
from core.settings import Settings
from db.audit import record
from db.audit_trail import audit_end_broken, verify_audit
from db.engine import Database
from db.models import AuditAction
from db.upgrade import upgrade
from tests.commands.shell import firstread

Lines = list[dict[str, Any]]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """An installation with three events."""
    data = tmp_path / "data"
    file = tmp_path / "firstread.toml"
    file.write_text(f'data = "{data}"\n')
    url = Settings(data=data).database_url
    upgrade(url)
    db = Database(url)
    for number in range(3):
        with db.write() as session:
            record(session, AuditAction.TIER_RAISED, actor="test", number=number)
    db.close()
    return file


def _export(settings: Path, begin: str = "", end: str = "") -> Lines:
    file = settings.with_name(f"{uuid.uuid4().hex}.jsonl")
    export(settings, file, begin, end)
    return [json.loads(line) for line in file.read_text().splitlines()]


def _write(file: Path, lines: Lines) -> None:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_an_export_holds(settings: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    run = firstread("--settings", str(settings), "audit", "export", str(file))
    assert run.returncode == 0, run.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    header, *events, footer = [json.loads(line) for line in file.read_text().splitlines()]
    assert header["format"] == "firstread-audit-1"
    assert header["firstread"]
    assert [event["id"] for event in events] == [1, 2, 3, 4]
    assert events[-1]["action"] == "audit_exported"
    account = pwd.getpwuid(os.geteuid()).pw_name
    assert events[-1]["actor"].startswith(f"{account}@{socket.gethostname()}")
    assert footer["head"] == {"id": 4, "hash": events[-1]["hash"]}
    assert footer["head"]["hash"] in run.stderr
    verified = firstread("audit", "verify", str(file), "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["hash"] == footer["head"]["hash"]
    with pytest.raises(WrongArgumentError, match="stands there already"):
        export(settings, file, "", "")


def test_a_span_holds_by_itself(settings: Path, tmp_path: Path) -> None:
    lines = _export(settings, "2020-01-01", "2199-12-31")
    assert len(lines) == 2 + 4
    nothing = _export(settings, "", "2020-01-01")
    assert len(nothing) == 2
    assert nothing[-1]["events"] == 0
    file = tmp_path / "span.jsonl"
    for exported in (lines, nothing):
        _write(file, exported)
        assert check_file(file).broken == ""


@pytest.mark.parametrize("days", [("yesterday", ""), ("", "2026-13-01")])
def test_a_day_that_is_none_is_refused(
    settings: Path, tmp_path: Path, days: tuple[str, str]
) -> None:
    with pytest.raises(WrongArgumentError, match="YYYY-MM-DD"):
        export(settings, tmp_path / "new", *days)
    assert not (tmp_path / "new").exists()


def _change(lines: Lines) -> None:
    lines[2]["actor"] = "nobody"


def _remove(lines: Lines) -> None:
    del lines[2]


def _swap(lines: Lines) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def _cut(lines: Lines) -> None:
    del lines[-2]


def _cut_with_footer(lines: Lines) -> None:
    del lines[-2:]


def _add(lines: Lines) -> None:
    lines.append(lines[1])


def _cut_the_beginning(lines: Lines) -> None:
    lines[0] |= {"from": "2020-01-01", "after": {"id": 1, "hash": lines[1]["hash"]}}
    del lines[1]
    lines[-1]["events"] -= 1


def _cut_the_end_and_say_so(lines: Lines) -> None:
    del lines[-2]
    lines[-1] |= {"events": 3, "end": {"id": 3, "hash": lines[-2]["hash"]}}


def _id_as_text(lines: Lines) -> None:
    lines[2]["id"] = "2"


def _footer_as_text(lines: Lines) -> None:
    lines[-1]["events"] = "4"


def _other_zone(lines: Lines) -> None:
    lines[2]["at"] = lines[2]["at"].replace("+00:00", "Z")


def _no_number(lines: Lines) -> None:
    lines[2]["details"]["number"] = float("nan")


def _no_event(lines: Lines) -> None:
    lines[2] = {"id": 2}


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_change, "event 2"),
        (_remove, "event 3"),
        (_swap, "event 2"),
        (_cut, "the end is missing"),
        (_cut_with_footer, "the end is missing"),
        (_add, "line 7 stands behind the end"),
        (_cut_the_end_and_say_so, "the end is missing: the file stops at event 3"),
        (_no_event, "line 3"),
        (_id_as_text, "line 3"),
        (_other_zone, "line 3"),
        (_no_number, "line 3"),
        (_footer_as_text, "line 6"),
    ],
)
def test_a_file_that_was_tampered_with_is_told(
    settings: Path, tmp_path: Path, tamper: Callable[[Lines], None], words: str
) -> None:
    lines = _export(settings)
    tamper(lines)
    file = tmp_path / "audit.jsonl"
    _write(file, lines)
    assert words in check_file(file).broken


def test_a_file_whose_beginning_was_cut_is_no_whole_audit(settings: Path, tmp_path: Path) -> None:
    lines = _export(settings)
    kept = lines[-1]["head"]["hash"]
    _cut_the_beginning(lines)
    file = tmp_path / "audit.jsonl"
    _write(file, lines)
    verdict = check_file(file)
    assert (verdict.broken, verdict.begin.last_id) == ("", 1), "it says that it is a part"
    assert "those after event 1 to event 4" in firstread("audit", "verify", str(file)).stderr
    lines[0]["from"] = None
    _write(file, lines)
    for head in ("", kept):
        with pytest.raises(WrongArgumentError, match="the beginning is missing"):
            check_file(file, kept=head)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"number": 1}', '{"number": 7, "number": 1}'),
        ('"actor": "test", ', '"actor": "x", "actor": "test", '),
        ('{"number": 1}', '{"number":1}'),
    ],
)
def test_a_line_has_one_form(settings: Path, tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "audit.jsonl"
    _write(file, _export(settings))
    said = file.read_text()
    assert check_file(file).broken == ""
    file.write_text(said.replace(old, new, 1))
    assert "is neither an event nor the end" in check_file(file).broken


def test_the_doctor_sees_a_wrong_head_and_it_is_put_right(settings: Path) -> None:
    db = Database(Settings(data=settings.parent / "data").database_url)
    assert audit_end_broken(db) == ""
    with db.write() as session:
        session.execute(text("DROP TRIGGER audit_head_one_step"))
        session.execute(text("UPDATE audit_head SET last_id = 9"))
    assert "names event 9 and not the last one, which is 3" in audit_end_broken(db)
    run = firstread("--settings", str(settings), "audit", "repair")
    assert run.returncode == 0, run.stderr
    assert "named event 9; it names event 3 now" in run.stderr
    assert audit_end_broken(db) == ""
    assert verify_audit(db).events == 4
    db.close()


def test_a_kept_head_is_found_in_a_file(settings: Path, tmp_path: Path) -> None:
    lines = _export(settings)
    file = tmp_path / "audit.jsonl"
    _write(file, lines)
    assert check_file(file, kept=lines[2]["hash"]).broken == ""
    assert "was kept is not in it" in check_file(file, kept="0" * 64).broken


@pytest.mark.parametrize("content", ["", "{}", '{"format": "another"}', "[" * 100_000, "7"])
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x"
    file.write_text(content)
    with pytest.raises(WrongArgumentError, match="no exported audit"):
        check_file(file)


def test_the_database_is_verified(settings: Path) -> None:
    kept = _export(settings)[-1]["head"]["hash"]
    assert verify(settings, None, "", as_json=True)
    assert verify(settings, None, kept, as_json=True)
    assert not verify(settings, None, "0" * 64, as_json=True)
    db = Database(Settings(data=settings.parent / "data").database_url)
    with db.write() as session:
        session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(text("UPDATE audit_event SET actor = 'x' WHERE id = 2"))
    db.close()
    run = firstread("--settings", str(settings), "audit", "verify")
    assert run.returncode == 1
    assert "event 2" in run.stderr
