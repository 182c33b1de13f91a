"""Triggers by which the database itself keeps the audit a chain that only grows.

An event is never changed or removed; a new one takes the place behind the head, and moves the head
to itself: nothing else moves it. In PostgreSQL the head is moved with the rights of its owner, so
that who may add events cannot touch it, and stop all who come after.

They stand against a mistake, a broken query and whoever may only use a table, not against the
database's owner, who can drop them: `missing_guards` then tells. SQLite loses a table's triggers
when a migration builds the table anew, so that every upgrade ends with `guard`. Whether an event's
hash is right they cannot tell: `db.audit_trail` does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

_NEVER: Final = "audit events are never changed"
_FORWARD: Final = "the head of the audit only goes on, to the next event"
_SQLITE: Final = {
    "audit_event_no_update": f"""
        BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END""",
    "audit_event_no_delete": f"""
        BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END""",
    # INSERT OR REPLACE removes a row without asking the triggers of DELETE.
    "audit_event_next_only": f"""
        BEFORE INSERT ON audit_event
        WHEN NEW.id <> coalesce((SELECT last_id FROM audit_head), -1) + 1
            OR EXISTS (SELECT 1 FROM audit_event WHERE id >= NEW.id)
            OR length(NEW.hash) <> 64 OR NEW.hash GLOB '*[^0-9a-f]*'
        BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END""",  # noqa: S608 - constants of this module
    "audit_event_moves_head": """
        AFTER INSERT ON audit_event
        BEGIN UPDATE audit_head SET last_id = NEW.id, hash = NEW.hash; END""",
    "audit_head_no_delete": f"""
        BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END""",
    "audit_head_no_second": f"""
        BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
        BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END""",  # noqa: S608 - as above
    "audit_head_one_step": f"""
        BEFORE UPDATE ON audit_head
        WHEN NEW.id <> OLD.id OR NEW.last_id <> OLD.last_id + 1 OR NOT EXISTS (
            SELECT 1 FROM audit_event WHERE id = NEW.last_id AND hash = NEW.hash)
        BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END""",  # noqa: S608 - as above
}
_POSTGRES: Final = {
    "audit_event_no_change": """
        BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    "audit_event_no_truncate": """
        BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    "audit_event_moves_head": """
        AFTER INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_move_head()""",
    "audit_head_no_delete": """
        BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    "audit_head_no_truncate": """
        BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    "audit_head_one_step": """
        BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_one_step()""",
}
_REFUSED: Final = (
    f"RAISE EXCEPTION '{_NEVER}, and {_FORWARD}' USING ERRCODE = 'integrity_constraint_violation';"
)
_OWNERS: Final = "SECURITY DEFINER SET search_path = public, pg_temp"
TAKE_HEAD: Final = "audit_take_head()"
"""PostgreSQL's function that locks the head and gives it: to lock a row one must be allowed to
change it, which who adds events is not."""
FUNCTIONS: Final = {
    "audit_refuse()": f"""
        RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_REFUSED} END $$""",
    # What Python could not read is refused, too: nobody could verify what comes after it.
    "audit_move_head()": f"""
        RETURNS trigger LANGUAGE plpgsql {_OWNERS} AS $$
        BEGIN
            UPDATE audit_head SET last_id = NEW.id, hash = NEW.hash WHERE last_id = NEW.id - 1;
            IF NOT FOUND OR NEW.hash !~ '^[0-9a-f]{{64}}$' OR json_typeof(NEW.details) <> 'object'
                OR NEW.at NOT BETWEEN '1900-01-01' AND '9999-01-01'
            THEN {_REFUSED} END IF;
            RETURN NULL;
        END $$""",  # noqa: S608 - constants of this module
    "audit_one_step()": f"""
        RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.id <> OLD.id OR NEW.last_id <> OLD.last_id + 1 OR NOT EXISTS (
                SELECT FROM audit_event WHERE id = NEW.last_id AND hash = NEW.hash)
            THEN {_REFUSED} END IF;
            RETURN NEW;
        END $$""",
    TAKE_HEAD: f"""
        RETURNS TABLE (event_id integer, event_hash text) LANGUAGE sql {_OWNERS} AS $$
            SELECT last_id, hash FROM audit_head FOR UPDATE
        $$""",  # noqa: S608 - as above
}
"""PostgreSQL's, which belong to the owner of the tables."""


def guard(connection: Connection) -> None:
    """Make the triggers that are missing."""
    if connection.dialect.name == "sqlite":
        for name, rule in _SQLITE.items():
            connection.execute(text(f"CREATE TRIGGER IF NOT EXISTS {name} {rule}"))
        return
    for name, body in FUNCTIONS.items():
        connection.exec_driver_sql(f"CREATE OR REPLACE FUNCTION {name} {body}")
    # Only those: to make one waits for whoever writes events.
    for name in missing_guards(connection):
        connection.execute(text(f"CREATE OR REPLACE TRIGGER {name} {_POSTGRES[name]}"))


def unguard(connection: Connection) -> None:
    """Drop them, for a migration that changes the audit's own tables."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    for name in _POSTGRES:
        table = "audit_event" if name.startswith("audit_event") else "audit_head"
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
    for name in FUNCTIONS:
        connection.execute(text(f"DROP FUNCTION IF EXISTS {name}"))


@contextmanager
def unguarded_head(connection: Connection) -> Iterator[None]:
    """Let the database's owner put the head right; nobody else writes meanwhile."""
    if connection.dialect.name == "sqlite":
        unguard(connection)
        yield
        guard(connection)
        return
    connection.execute(text("LOCK TABLE audit_event, audit_head IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text("ALTER TABLE audit_head DISABLE TRIGGER USER"))
    yield
    connection.execute(text("ALTER TABLE audit_head ENABLE TRIGGER USER"))


def missing_guards(connection: Connection) -> list[str]:
    """Name the triggers that are not there, or are switched off."""
    if connection.dialect.name == "sqlite":
        there = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        wanted = set(_SQLITE)
    else:
        there = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
                " AND tgrelid IN (to_regclass('audit_event'), to_regclass('audit_head'))"
            )
        )
        wanted = set(_POSTGRES)
    return sorted(wanted - set(there.scalars()))
