"""What an administrator does in the reading room needs no right that its login does not have.

Covered: each act of the pages of operations on PostgreSQL under the login of the reading room, and
under the gateway's what was asked of it. That neither may more is in `test_rights`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.settings import Settings, SpoolSettings
from core.states import DeliveryState, JobKind, JobState, Purpose, SendingMode, Standing
from db.attention import overview
from db.audit_trail import verify_audit
from db.engine import Database
from db.errands import Told, end_errand
from db.jobs import claim
from db.models import Delivery, Job, Quarantine, Retrieval, Study
from db.quarantine import set_aside
from db.releases import end_release, remove_decided
from db.retrievals import Wish, ask
from db.rights import Role
from db.roles import apply
from db.spool import Spool
from db.standings import set_standing
from db.upgrade import upgrade
from tests.db.builders import built, film, model, peer, publish, read_next, reading
from tests.integration.installation import url_of
from tests.peers.postgres import PostgresServer
from web.access.who import Who
from web.operations import acts, decisions
from web.operations.audit import AuditWords, export, search

PREFIX = "operating"
ADA = Who(
    account_id=1,
    name="ada",
    person_name="Ada",
    roles=frozenset(AccountRole),
    sign_in_id=None,
    proved_at=datetime(2026, 1, 1, tzinfo=UTC),
    csrf_token="",
)


class House(NamedTuple):
    """A database under the logins of three roles, and what lies beside it."""

    settings: Settings
    owner: Database
    web: Database
    gateway: Database
    spool: Spool


@pytest.fixture
def house(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[House]:
    """Give an installation with a peer that refused a result."""
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, PREFIX)
    settings = Settings(data=tmp_path, spool=SpoolSettings(folder=tmp_path / "spool"))
    made = House(
        settings,
        Database(url),
        Database(url_of(url, f"{PREFIX}_{Role.WEB}")),
        Database(url_of(url, f"{PREFIX}_{Role.GATEWAY}")),
        Spool(tmp_path / "spool", 0),
    )
    film(made.owner, made.spool)
    said = reading()
    version = read_next(made.owner, said)
    number = peer(made.owner, takes_rejections=True)
    publish(made.owner, built(made.spool, said, version, number))
    with made.owner.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.FAILED, status=0xA900))
        ask(session, Wish(number, "1.2.9", Purpose.AUDIT, "autumn"), actor="test")
        session.execute(update(Retrieval).values(state=JobState.FAILED))
    yield made
    for db in made[1:4]:
        db.close()


def aside(house: House, content: bytes) -> int:
    """Keep an object aside, and give its row."""
    temporary = house.spool.temporary()
    temporary.write_bytes(content)
    set_aside(house.owner, house.spool, temporary, reason="torn", calling_ae="MODALITY")
    with house.owner.read() as session:
        return session.scalars(select(Quarantine.id).order_by(Quarantine.id.desc())).first() or 0


def test_the_reading_room_does_what_administrators_and_auditors_want(house: House) -> None:
    web = house.web
    with house.owner.read() as session:
        study = session.scalars(select(Study.uid)).one()
    assert acts.change_mode(web, ADA, "pacs", SendingMode.PAUSE).after is SendingMode.PAUSE
    assert acts.send_refused_again(web, ADA, "pacs").again == 1
    with house.owner.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT))
    assert acts.send_again(web, ADA, study, "pacs").again == 1
    with house.owner.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT))
    assert acts.take_back(web, ADA, study, "pacs", "another patient").there == 1
    # The study's publish job does what was wanted; it is called off and tried anew.
    with house.owner.read() as session:
        jobs = select(Job.id).where(Job.kind == JobKind.PUBLISH, Job.state == JobState.WAITING)
        job = session.scalars(jobs).one()
    acts.cancel(web, ADA, job)
    acts.retry(web, ADA, job)
    acts.retrieve_again(web, ADA, 1)
    film(house.owner, house.spool, study="1.2.4")
    with house.owner.read() as session:
        draft = session.scalars(
            select(Job.id).where(Job.kind == JobKind.DRAFT, Job.state == JobState.WAITING)
        ).one()
    acts.cancel(web, ADA, draft)
    acts.retry(web, ADA, draft)
    with web.write() as session:
        set_standing(session, model().uid, Standing.SHADOW, basis="doubts", actor="ada")
    decisions.discard(web, ADA, aside(house, b"one"), "noise")
    assert overview(web, house.settings).attention
    assert search(web, house.settings, ADA, AuditWords(person="ada"), None).events
    assert len(list(export(web, house.settings, ADA, "", ""))) > 10
    assert verify_audit(web).broken == ""


def test_the_gateway_does_what_was_asked_of_it(house: House) -> None:
    acts.echo(house.web, ADA, "pacs")
    number = aside(house, b"two")
    decisions.release(house.web, ADA, number)
    for kind in (JobKind.ECHO, JobKind.RELEASE):
        held = claim(house.gateway, [kind], worker="gateway", lease_seconds=60.0)
        assert held is not None
        with house.gateway.write() as session:
            (end_release if kind is JobKind.RELEASE else end_errand)(session, held, Told("done"))
    assert remove_decided(house.gateway) == 1
