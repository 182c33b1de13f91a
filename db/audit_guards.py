"""Triggers by which the database itself refuses to change or remove audit events.

They stand against a mistake, a broken query and whoever may only use a table, not against the
database's owner, who can drop them: `missing_guards` then tells. SQLite loses a table's triggers
when a migration builds the table anew, so that every upgrade ends with `guard`.
"""

from typing import Final

from sqlalchemy import Connection, text

_NEVER: Final = "audit events are never changed"
_FORWARD: Final = "the head of the audit only goes on"
_SQLITE: Final = {
    "audit_event_no_update": f"""
        BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END""",
    "audit_event_no_delete": f"""
        BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END""",
    # INSERT OR REPLACE removes a row without asking the triggers of DELETE.
    "audit_event_only_appended": f"""
        BEFORE INSERT ON audit_event
        WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM audit_event)
        BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END""",  # noqa: S608 - constants of this module
    "audit_head_no_delete": f"""
        BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END""",
    "audit_head_no_second": f"""
        BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
        BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END""",  # noqa: S608 - as above
    "audit_head_only_forward": f"""
        BEFORE UPDATE ON audit_head WHEN NEW.id <> OLD.id OR NEW.last_id <= OLD.last_id
        BEGIN SELECT RAISE(ABORT, '{_FORWARD}'); END""",
}
_POSTGRES: Final = {
    "audit_event_no_change": "BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW",
    "audit_event_no_truncate": "BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT",
    "audit_head_no_delete": "BEFORE DELETE ON audit_head FOR EACH ROW",
    "audit_head_no_truncate": "BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT",
    "audit_head_only_forward": """
        BEFORE UPDATE ON audit_head FOR EACH ROW
        WHEN (NEW.id <> OLD.id OR NEW.last_id <= OLD.last_id)""",
}
_FUNCTION: Final = f"""
    CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{_NEVER}, and {_FORWARD}' USING ERRCODE = 'integrity_constraint_violation';
    END
    $$"""


def guard(connection: Connection) -> None:
    """Make the triggers that are missing."""
    if connection.dialect.name == "sqlite":
        for name, rule in _SQLITE.items():
            connection.execute(text(f"CREATE TRIGGER IF NOT EXISTS {name} {rule}"))
        return
    connection.execute(text(_FUNCTION))
    # Only those: to make one waits for whoever writes events.
    for name in missing_guards(connection):
        rule = f"{_POSTGRES[name]} EXECUTE FUNCTION audit_refuse()"
        connection.execute(text(f"CREATE OR REPLACE TRIGGER {name} {rule}"))


def unguard(connection: Connection) -> None:
    """Drop them, for a migration that changes the audit's own tables."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    for name in _POSTGRES:
        table = "audit_event" if name.startswith("audit_event") else "audit_head"
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
    connection.execute(text("DROP FUNCTION IF EXISTS audit_refuse()"))


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
