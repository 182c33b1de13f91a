"""Each process does its work in PostgreSQL under its own role, and none may do more.

Covered: the whole loop with gateway, delivery and worker as processes under their roles, up to the
SR in a PACS; a whole audit afterwards; what each role must not do; rights to tables that an upgrade
makes. Not covered: that nothing could be taken away besides what is tried here.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import exc, select, text

from commands.database import upgrade as upgrade_command
from core.errors import SettingsError, WrongArgumentError
from core.labels import Label
from core.states import DeliveryState, Purpose, Standing
from db.audit import record
from db.audit_trail import verify_audit
from db.engine import Database
from db.intake import take_in
from db.models import AuditAction, Base, Delivery, ReadingRow
from db.rights import OWNER, RIGHTS, Role
from db.roles import GivenAgain, apply, apply_again, statements
from db.spool import Spool
from db.upgrade import upgrade
from tests.db.builders import (
    TO_READ,
    let_show,
    model,
    never_same,
    read_next,
    reading,
    received,
)
from tests.integration.installation import installation, url_of
from tests.peers.dcmtk import storescu
from tests.peers.orthanc import Orthanc
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.waiting import wait_until
from training.phantom import sample
from training.phantom_dicom import FilmForm, write_film

PREFIX = "rights"
SERVICES = (Role.GATEWAY, Role.DELIVER, Role.WORKER)
NOBODYS = (
    "UPDATE audit_event SET actor = 'x'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET last_id = 2147483647",
    "SELECT * FROM audit_head FOR UPDATE",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_create(0)",
    "UPDATE delivery SET peer_id = 1",
    "UPDATE delivery SET result_id = 1",
    "UPDATE study SET patient_id = ''",
    "UPDATE study SET uid = ''",
    "UPDATE instance SET study_id = 1",
    "UPDATE instance SET uid = ''",
    "UPDATE commitment SET peer_id = 1",
    "INSERT INTO policy (version) VALUES (1)",
    "UPDATE policy SET version = 1",
    "INSERT INTO peer (name) VALUES ('x')",
    "UPDATE peer SET host = 'elsewhere.example.org'",
    "UPDATE peer SET accepts_demo = true",
    "UPDATE peer SET takes_results = true",
    "DELETE FROM peer",
    "UPDATE report_version SET findings = ''",
    "DELETE FROM report_version",
    "UPDATE review SET author = 'x'",
    "UPDATE signed_report SET title = ''",
    "UPDATE rejection SET code = ''",
    "UPDATE model_standing SET standing = 'authorised'",
    "DELETE FROM model_standing",
    "UPDATE model SET demo = true",
    "UPDATE triage_policy SET version = 9",
    "UPDATE chat_turn SET question = ''",
    "DELETE FROM chat_turn",
    "UPDATE chat_event SET text = ''",
    "DELETE FROM chat_event",
    "DELETE FROM study",
    "DELETE FROM instance",
    "DELETE FROM job",
    "DELETE FROM delivery",
    "UPDATE result_object SET id = 0",
    "UPDATE alembic_version SET version_num = ''",
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_event_no_change ON audit_event",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE sql AS ''",
    "ALTER TABLE study ADD COLUMN x integer",
    "DROP TABLE study",
    "CREATE TABLE x (y integer)",
    "SET session_replication_role = replica",
)
"""What none of them may do, whatever became of its process."""
FORBIDDEN = {
    Role.GATEWAY: (
        "SELECT * FROM account",
        "SELECT * FROM sign_in",
        "INSERT INTO review (author) VALUES ('x')",
        "INSERT INTO reading (id) VALUES ('x')",
        "INSERT INTO result_object (uid) VALUES ('x')",
        "UPDATE result_object SET path = '/etc/passwd'",
        "INSERT INTO delivery (state) VALUES ('waiting')",
        "UPDATE delivery SET sent_at = now()",
        "INSERT INTO report_version (id) VALUES ('x')",
    ),
    Role.DELIVER: (
        "SELECT * FROM account",
        "SELECT * FROM sign_in",
        "INSERT INTO review (author) VALUES ('x')",
        "UPDATE study SET patient_name = 'x'",
        "UPDATE study SET tier = 0",
        "UPDATE instance SET purpose = 'read'",
        "INSERT INTO instance (uid) VALUES ('x')",
        "INSERT INTO reading (id) VALUES ('x')",
        "UPDATE reading SET document = NULL",
        "UPDATE quarantine SET path = '/etc/passwd'",
        "INSERT INTO report_version (id) VALUES ('x')",
        "DELETE FROM signed_report",
    ),
    Role.WORKER: (
        "INSERT INTO model_standing (model_uid) VALUES ('x')",
        "INSERT INTO triage_policy (version) VALUES (9)",
        "SELECT * FROM account",
        "SELECT * FROM sign_in",
        "INSERT INTO review (author) VALUES ('x')",
        "UPDATE study SET patient_name = 'x'",
        "UPDATE instance SET path = '/etc/passwd'",
        "INSERT INTO delivery (state) VALUES ('waiting')",
        "SELECT * FROM delivery",
        "SELECT * FROM result_object",
        "SELECT * FROM policy",
        "INSERT INTO result_object (uid) VALUES ('x')",
        "SELECT * FROM quarantine",
        "SELECT * FROM commitment",
    ),
    Role.WEB: (
        "UPDATE study SET patient_name = 'x'",
        "UPDATE study SET tier = 0",
        "INSERT INTO instance (uid) VALUES ('x')",
        "UPDATE instance SET path = '/etc/passwd'",
        "INSERT INTO reading (id) VALUES ('x')",
        "UPDATE reading SET document = NULL",
        "UPDATE finding_verdict SET note = ''",
        "DELETE FROM finding_verdict",
        "UPDATE break_glass SET reason = ''",
        "DELETE FROM break_glass",
        "DELETE FROM account",
        "DELETE FROM sign_in",
        "UPDATE one_time_link SET expires_at = now()",
        "UPDATE api_token SET token_sha256 = ''",
        "UPDATE triage_policy SET version = 1",
        "UPDATE model_standing SET basis = ''",
        "UPDATE model SET demo = false",
        "UPDATE chat_event SET text = ''",
        "UPDATE result_object SET path = '/etc/passwd'",
        "UPDATE quarantine SET path = '/etc/passwd'",
        "INSERT INTO delivery (state) VALUES ('waiting')",
    ),
    Role.READER: (
        "SELECT * FROM account",
        "SELECT * FROM sign_in",
        "INSERT INTO review (author) VALUES ('x')",
        "UPDATE study SET description = ''",
        "INSERT INTO study (uid) VALUES ('x')",
        "UPDATE job SET state = 'done'",
        "UPDATE delivery SET state = 'waiting'",
        "DELETE FROM worker",
    ),
}


@pytest.fixture(scope="module")
def owned(postgres_server: PostgresServer) -> str:
    """URL, as superuser, of a database with the roles and one event."""
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, PREFIX)
    db = Database(url)
    with db.write() as session:
        record(session, AuditAction.TIER_RAISED, actor="test")
    db.close()
    return url


@pytest.fixture(params=Role)
def role(request: pytest.FixtureRequest) -> Role:
    """Which of them."""
    chosen: Role = request.param
    return chosen


@pytest.fixture
def under_role(owned: str, role: Role) -> Iterator[Database]:
    """The database under a role."""
    db = Database(url_of(owned, f"{PREFIX}_{role}"))
    yield db
    db.close()


def _try(db: Database, statement: str) -> None:
    with db.write() as session:
        session.execute(text(statement))


def test_what_none_may_do(under_role: Database) -> None:
    for statement in NOBODYS:
        with pytest.raises(exc.ProgrammingError, match=r"permission denied|must be owner"):
            _try(under_role, statement)


def test_what_one_may_not_do(under_role: Database, role: Role) -> None:
    for statement in FORBIDDEN[role]:
        with pytest.raises(exc.ProgrammingError, match="permission denied"):
            _try(under_role, statement)


@pytest.mark.parametrize(
    ("place", "at", "details", "digest"),
    [
        ("last_id + 2", "now()", "{}", "0" * 64),
        ("2147483647", "now()", "{}", "0" * 64),
        ("last_id", "now()", "{}", "0" * 64),
        ("last_id + 1", "now()", "{}", ""),
        ("last_id + 1", "now()", "7", "0" * 64),
        ("last_id + 1", "'infinity'", "{}", "0" * 64),
    ],
)
def test_none_adds_what_would_stop_the_audit(
    under_role: Database, place: str, at: str, details: str, digest: str
) -> None:
    """As whoever took over the least of the processes would."""
    statement = f"""
        INSERT INTO audit_event (id, at, actor, action, details, hash)
        SELECT {place}, {at}, 'x', 'study_viewed', '{details}', '{digest}' FROM audit_head"""  # noqa: S608 - no stranger's words
    with pytest.raises(exc.IntegrityError):
        _try(under_role, statement)
    with under_role.write() as session:
        record(session, AuditAction.TIER_RAISED, actor="test")
    assert verify_audit(under_role).broken == ""


def test_a_false_event_is_named_and_stops_nobody(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, PREFIX)
    reader = Database(url_of(url, f"{PREFIX}_{Role.READER}"))
    gateway = Database(url_of(url, f"{PREFIX}_{Role.GATEWAY}"))
    _try(
        reader,
        "INSERT INTO audit_event (id, at, actor, action, details, hash)"
        " SELECT last_id + 1, now(), 'x', 'study_viewed', '{}', repeat('0', 64) FROM audit_head",
    )
    with gateway.write() as session:
        record(session, AuditAction.TIER_RAISED, actor="test")
    with gateway.read() as session:
        assert session.execute(text("SELECT last_id FROM audit_head")).scalar_one() == 2
    assert "event 1" in verify_audit(gateway).broken
    for db in (reader, gateway):
        db.close()


def test_each_adds_to_the_audit(under_role: Database) -> None:
    with under_role.write() as session:
        record(session, AuditAction.TIER_RAISED, actor="test")
    assert verify_audit(under_role).broken == ""


def test_the_gateway_keeps_what_a_model_on_trial_said_for_an_audit_in_its_shadow(
    owned: str, tmp_path: Path
) -> None:
    owner, spool = Database(owned), Spool(tmp_path / "spool", 0)
    audited = received(spool, "1.2.3.9", purpose=Purpose.AUDIT)
    take_in(owner, spool, audited, TO_READ, never_same)
    read_next(owner, reading(Label.PNEUMOTHORAX))
    let_show(owner, model(), standing=Standing.SHADOW)
    gateway = Database(url_of(owned, f"{PREFIX}_{Role.GATEWAY}"))
    assert take_in(gateway, spool, received(spool, "1.2.3.9"), TO_READ, never_same).queued
    with gateway.read() as session:
        (kept,) = session.scalars(select(ReadingRow)).all()
    assert (kept.shadow, kept.current) == (True, False)
    gateway.close()
    owner.close()


def test_every_table_is_thought_of() -> None:
    """A new table is somebody's, or is left to the owner on purpose."""
    granted = {table for rights in RIGHTS.values() for table in rights}
    assert {table.name for table in Base.metadata.sorted_tables} <= granted


def test_it_may_be_run_again_and_reaches_what_an_upgrade_made(owned: str) -> None:
    apply(owned, PREFIX)
    assert apply_again(url_of(owned, f"{PREFIX}_{OWNER}")) == GivenAgain(PREFIX, ())
    upgrade(url_of(owned, f"{PREFIX}_{OWNER}"))


def test_roles_that_are_there_get_their_rights_with_the_upgrade(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """As where an administrator of the server made empty roles and gave the owner the database."""
    url, prefix = postgres_server.new_database(), "rights_new"
    admin = Database(url)
    with admin.write() as session:
        for name in (OWNER, *Role):
            session.execute(text(f"CREATE ROLE {prefix}_{name} LOGIN"))
        name = session.execute(text("SELECT current_database()")).scalar_one()
        session.execute(text(f"ALTER DATABASE {name} OWNER TO {prefix}_{OWNER}"))
    file = tmp_path / "firstread.toml"
    file.write_text(f'[database]\nurl = "{url_of(url, f"{prefix}_{OWNER}")}"\n')
    upgrade_command(file)
    gateway = Database(url_of(url, f"{prefix}_{Role.GATEWAY}"))
    with gateway.write() as session:
        record(session, AuditAction.TIER_RAISED, actor="test")
    assert verify_audit(gateway).events == 1
    with pytest.raises(exc.ProgrammingError, match="permission denied"):
        _try(gateway, "DELETE FROM job")
    gateway.close()
    admin.close()


def test_an_upgrade_does_without_the_role_of_a_service_that_is_new(
    postgres_server: PostgresServer,
) -> None:
    """As where the roles were made by a version that had no reading room."""
    url, prefix = postgres_server.new_database(), "rights_old"
    upgrade(url)
    apply(url, prefix)
    admin = Database(url)
    with admin.write() as session:
        session.execute(text(f"DROP OWNED BY {prefix}_{Role.WEB}"))
        session.execute(text(f"DROP ROLE {prefix}_{Role.WEB}"))
        session.execute(text(f"REVOKE ALL ON job FROM {prefix}_{Role.GATEWAY}"))
    admin.close()
    given = apply_again(url_of(url, f"{prefix}_{OWNER}"))
    assert given == GivenAgain(prefix, (f"{prefix}_{Role.WEB}",))
    gateway = Database(url_of(url, f"{prefix}_{Role.GATEWAY}"))
    with gateway.read() as session:
        assert session.execute(text("SELECT count(*) FROM job")).scalar_one() == 0
    gateway.close()


def test_only_who_owns_it_may_apply(owned: str) -> None:
    with pytest.raises(SettingsError, match="may not do it"):
        apply(url_of(owned, f"{PREFIX}_{Role.GATEWAY}"), "others")


@pytest.mark.parametrize("prefix", ["", "a b", "x'; DROP TABLE study; --", "1x", "Ä"])
def test_a_prefix_that_is_no_name_is_refused(prefix: str) -> None:
    with pytest.raises(WrongArgumentError, match="a prefix has small letters"):
        statements(prefix, "firstread")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_loop_goes_under_roles(
    orthanc: Orthanc,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    orthanc.clear()
    with installation(
        tmp_path,
        database_url=postgres_server.new_database(),
        broker_url=redis_server.url,
        pacs_ae=orthanc.ae_title,
        pacs_port=orthanc.dicom_port,
        prefix=f"{PREFIX}_loop",
    ) as house:
        truth = write_film(
            tmp_path,
            sample(31_002, 4, findings=("pneumothorax",)),
            FilmForm("CR", "MONOCHROME1", 12, 1024),
        )
        outcome = storescu([tmp_path / str(truth["file"])], house.port, called="FIRSTREAD")
        assert outcome.statuses == [0]

        def delivered() -> bool:
            with house.db.read() as session:
                states = session.scalars(select(Delivery.state)).all()
            return len(states) >= 3 and set(states) == {DeliveryState.SENT}

        try:
            wait_until(delivered, 180.0, "the results in the PACS")
        finally:
            said = {name: (tmp_path / f"{name}.log").read_text() for name in SERVICES}
        for name, log in said.items():
            assert "permission" not in log, name
            assert "InsufficientPrivilege" not in log, name
        assert verify_audit(house.db).broken == ""
    orthanc.clear()
