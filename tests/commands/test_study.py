"""`firstread study`: everything that is known of one study, for people and for programs.

Covered: films with their reasons, drafts, results and where they went, rejections, signed reports,
priors, and words from outside that would steer a terminal. Not covered: how all of it came to be.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from commands.operator import operator
from commands.status import status
from commands.study import study
from core.errors import DatabaseAwayError
from core.labels import Label
from core.states import JobKind, Purpose
from db.deliveries import mark_sent
from db.engine import Database
from db.intake import take_in
from db.jobs import add_job, claim, fail
from db.models import AuditAction, AuditEvent
from db.received import PatientFacts, SignedFacts
from db.reviews import HARMFUL, accept, latest_draft, reject
from db.spool import Spool
from tests.db.builders import (
    KEPT,
    built,
    film,
    never_same,
    peer,
    publish,
    read_next,
    reading,
    received,
)
from tests.db.builders import (
    reject as reject_film,
)
from tests.gateway.documents import signed_report
from tests.gateway.edge import make_settings, prepare_database
from tests.gateway.objects import film as film_object
from tests.gateway.objects import save

TODAY = datetime(2026, 3, 1, 10, tzinfo=UTC)


class House:
    """An installation with a settings file."""

    def __init__(self, folder: Path) -> None:
        settings = make_settings(folder)
        prepare_database(settings)
        self.file = folder / "firstread.toml"
        self.file.write_text(f'data = "{folder}"\n')
        self.db = Database(settings.database_url)
        self.spool = Spool(settings.spool_folder, 0)

    def sign(self, words: str, study_uid: str = "1.2.3", at: datetime = TODAY) -> None:
        """Let a signed report with these words come in."""
        facts = received(
            self.spool,
            study=study_uid,
            view="",
            signed=SignedFacts("Chest X-ray", at),
            acquired_at=at,
        )
        save(signed_report(film_object(), words), facts.temporary.parent, facts.temporary.name)
        take_in(self.db, self.spool, facts, KEPT, never_same)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.db.close()


def known(house: House, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Give what the command says to programs."""
    assert study(house.file, "1.2.3", as_json=True)
    values: dict[str, Any] = json.loads(capsys.readouterr().out)
    return values


def table(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    """Give what it says to people."""
    assert study(house.file, "1.2.3", as_json=False)
    return capsys.readouterr().out


def needs_attention(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    assert not status(house.file, as_json=True)
    return " ".join(json.loads(capsys.readouterr().out)["troubles"])


def test_the_preferred_film_and_its_draft_come_first(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    film(house.db, house.spool, uid="1.2.3.1", view="AP")
    read_next(house.db, reading(Label.EDEMA))
    film(house.db, house.spool, uid="1.2.3.2", view="PA")
    said = reading(Label.PNEUMOTHORAX)
    version = read_next(house.db, said)
    publish(house.db, built(house.spool, said, version, peer(house.db)))
    with house.db.write() as session:
        mark_sent(session, 1, 0, "0x0000 Success")
    values = known(house, capsys)
    assert [(one["uid"], one["state"], one["rule"]) for one in values["films"]] == [
        ("1.2.3.2", "read", "test"),
        ("1.2.3.1", "read", "test"),
    ]
    assert [(one["film"], one["flags"]) for one in values["readings"]] == [
        ("1.2.3.2", ["pneumothorax"]),
        ("1.2.3.1", ["edema"]),
    ]
    assert values["readings"][0]["versions"][0]["impression"] == "Impression."
    (result,) = values["results"]
    assert (result["kind"], result["reading"]) == ("report_sr", said.id)
    (delivery,) = result["deliveries"]
    assert (delivery["peer"], delivery["state"]) == ("pacs", "sent")
    assert (values["study"]["tier"], values["remarks"]) == ("urgent", [])
    shown = table(house, capsys)
    assert shown.index("1.2.3.2") < shown.index("1.2.3.1 ")
    assert "0x0000 Success" in shown


def test_who_looked_is_noted(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    film(house.db, house.spool)
    known(house, capsys)
    assert not study(house.file, "9.9", as_json=True)
    with house.db.read() as session:
        looked = select(AuditEvent).where(AuditEvent.action == AuditAction.STUDY_VIEWED)
        event = session.scalars(looked).one()
    assert (event.actor, event.study_id) == (operator(), 1)
    with house.db.write() as session:
        session.execute(text("DROP TABLE audit_head"))
    capsys.readouterr()
    with pytest.raises(DatabaseAwayError):
        study(house.file, "1.2.3", as_json=True)
    assert capsys.readouterr().out == ""


def test_what_was_rejected_reported_and_fetched_is_shown(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = TODAY - timedelta(days=300)
    film(
        house.db,
        house.spool,
        uid="1.2.2.1",
        study="1.2.2",
        acquired_at=earlier,
        purpose=Purpose.PRIOR,
    )
    house.sign("Old effusion.\n\x1b[31mRed.", "1.2.2", earlier)
    wrong = film(house.db, house.spool, uid="1.2.3.1", acquired_at=TODAY)
    said = reading()
    publish(house.db, built(house.spool, said, read_next(house.db, said), peer(house.db)))
    with house.db.write() as session:
        mark_sent(session, 1, 0, "0x0000 Success")
    reject_film(house.db, house.spool, wrong)
    house.sign("No pneumothorax.")
    values = known(house, capsys)
    reasons = {one["uid"]: one["reason"] for one in values["films"]}
    assert reasons["1.2.3.1"] == "rejected for quality reasons"
    assert [one["code"] for one in values["rejections"]] == ["113001"]
    assert [one["standing"] for one in values["readings"]] == ["of a rejected film"]
    assert values["remarks"] == [
        "a draft of a rejected film remains at pacs",
        "a signed report is known: drafts that were not sent by then stay here",
    ]
    assert [one["text"] for one in values["signed_reports"]] == ["Finding: No pneumothorax."]
    (prior,) = values["priors"]
    assert [(one["uid"], one["source"]) for one in prior["films"]] == [("1.2.2.1", "fetched")]
    assert prior["reports"][0]["text"].startswith("Finding: Old effusion.\n")
    shown = table(house, capsys)
    for words in ("Finding: No pneumothorax.", "Old effusion.", "remains at pacs", "113001"):
        assert words in shown
    assert "\x1b" not in shown + json.dumps(values)


def test_what_persons_said_of_a_draft_is_shown(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    film(house.db, house.spool, uid="1.2.3.1")
    said = reading(Label.EDEMA)
    publish(house.db, built(house.spool, said, read_next(house.db, said), peer(house.db)))
    with house.db.write() as session:
        mark_sent(session, 1, 0, "0x0000 Success")
        accept(session, latest_draft(session, "1.2.3"), author="Doctor^Dora", final=True)
    values = known(house, capsys)
    assert (values["study"]["state"], values["study"]["review"]) == ("accepted", "accepted")
    (shown,) = values["readings"]
    assert (shown["standing"], shown["withdrawn_code"]) == ("current", None)
    assert [(one["number"], one["kind"], one["author"]) for one in shown["versions"]] == [
        (1, "draft", None),
        (2, "accepted", "Doctor^Dora"),
    ]
    with house.db.write() as session:
        seen = latest_draft(session, "1.2.3")
        reject(session, seen, author="Second^Sam", reason="Other\u202epatient.", code=HARMFUL)
    values = known(house, capsys)
    (shown,) = values["readings"]
    assert (shown["standing"], shown["withdrawn_code"]) == ("rejected", "113037")
    assert [(one["act"], one["by"], one["version"]) for one in shown["reviews"]] == [
        ("accepted", "Doctor^Dora", 2),
        ("rejected", "Second^Sam", 2),
    ]
    assert values["study"]["state"] == "rejected"
    assert values["remarks"] == ["a rejected draft remains at pacs"]
    shown = table(house, capsys)
    for words in ("2 accepted by Doctor^Dora, final", "rejected", "remains at pacs", "Second^Sam"):
        assert words in shown
    assert "\u202e" not in shown
    status(house.file, as_json=True)
    assert json.loads(capsys.readouterr().out)["remaining"] == {"pacs": 1}


def test_a_reading_after_the_review_and_what_could_not_be_built_are_told(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    number = film(house.db, house.spool, uid="1.2.3.1")
    read_next(house.db, reading())
    with house.db.write() as session:
        accept(session, latest_draft(session, "1.2.3"), author="Doctor^Dora", final=False)
        add_job(session, JobKind.DRAFT, instance_id=number, study_id=1)
    read_next(house.db, reading(Label.EDEMA))
    held = claim(house.db, [JobKind.PUBLISH], worker="deliver", lease_seconds=60)
    assert held is not None
    with house.db.write() as session:
        fail(session, held, "no secondary_capture")
    values = known(house, capsys)
    assert [one["standing"] for one in values["readings"]] == [
        "current",
        "kept beside a reviewed one",
    ]
    assert values["remarks"] == [
        "a film was read again after its draft was reviewed: the later draft is not sent",
        "not all results could be built: no secondary_capture",
    ]


def test_a_note_without_effect_is_told_with_the_film_that_it_names(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = film(house.db, house.spool, uid="1.2.3.1")
    reject_film(house.db, house.spool, wrong, code="113038", patient=PatientFacts("P2", "HOSPITAL"))
    remark = (
        "a rejection note waits in quarantine and has no effect:"
        " patient ID or issuer differs from the study's"
    )
    assert known(house, capsys)["remarks"] == [remark]
    assert "1 of them rejection notes" in needs_attention(house, capsys)


def test_nothing_of_it_ever_came_in(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert not study(house.file, "1.2.\x1b[0m", as_json=True)
    said = capsys.readouterr()
    assert said.out == ""
    assert "ever came in" in said.err
    assert "\x1b" not in said.err


def test_a_report_whose_file_is_gone_has_no_text(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.sign("Words.")
    for path in house.spool.folder.rglob("*.dcm"):
        path.unlink()
    assert known(house, capsys)["signed_reports"][0]["text"] == ""
