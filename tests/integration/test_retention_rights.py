"""Retention, and what a killed process held, under the role of the process that does it.

The rows are made as PostgreSQL's superuser. What else each role may and may not do is in
test_rights.
"""

from pathlib import Path

from sqlalchemy import select, update

from core.settings import RetentionSettings
from core.states import DeliveryState, JobKind
from db.engine import Database
from db.intake import set_aside
from db.jobs import add_job
from db.leases import release_lost
from db.models import Delivery, Instance, Quarantine, ReadingRow, ReportVersionRow, ResultObject
from db.retention import remove_of_study, remove_quarantined, studies_with_removable
from db.retention_rule import Cutoffs
from db.rights import Role
from db.roles import apply
from db.spool import Spool
from db.upgrade import upgrade
from tests.db.builders import (
    built,
    claim_draft,
    film,
    lease_ended,
    peer,
    publish,
    read_next,
    reading,
    sign,
)
from tests.db.test_retention import LATER, last_look
from tests.integration.installation import url_of
from tests.peers.postgres import PostgresServer

_PREFIX = "retention"


def test_what_goes_goes_under_the_role_of_the_delivery(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, _PREFIX)
    spool = Spool(tmp_path / "spool", 0)
    everything = Database(url)
    number = film(everything, spool)
    said = reading()
    version = read_next(everything, said)
    publish(everything, built(spool, said, version, peer(everything)))
    sign(everything, spool)
    with everything.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT))
    torn = spool.temporary()
    torn.write_bytes(b"torn")
    set_aside(everything, spool, torn, reason="torn")

    deliver = Database(url_of(url, f"{_PREFIX}_{Role.DELIVER}"))
    cutoffs = Cutoffs.at(LATER, RetentionSettings(enabled=True, quarantine_days=1))
    with deliver.read() as session:
        (study_id,) = studies_with_removable(session, cutoffs)
    removed = remove_of_study(deliver, spool, study_id, cutoffs, last_look)
    assert (removed.films >= 1, removed.results) == (True, 1)
    assert remove_quarantined(deliver, cutoffs).quarantined == 1
    with everything.write() as session:
        assert session.scalars(select(Quarantine.removed_at)).one() is not None
        assert session.get_one(Instance, number).removed_at is not None
        row = session.scalars(select(ReadingRow)).one()
        draft = session.scalars(select(ReportVersionRow)).one()
        add_job(session, JobKind.PUBLISH, study_id=study_id)
    again = built(spool, reading(reading_id=row.id), draft.id)
    publish(deliver, again)
    with everything.read() as session:
        result = session.scalars(select(ResultObject)).one()
    assert (Path(result.path), result.removed_at) == (again.path, None)
    for database in (deliver, everything):
        database.close()


def test_each_service_releases_what_was_lost(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, _PREFIX)
    everything = Database(url)
    film(everything, Spool(tmp_path / "spool", 0))
    for role in (Role.GATEWAY, Role.DELIVER, Role.WORKER):
        lease_ended(everything, claim_draft(everything))
        service = Database(url_of(url, f"{_PREFIX}_{role}"))
        assert release_lost(service) == 1
        service.close()
    everything.close()
