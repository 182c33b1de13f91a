"""The SQL that makes the roles of `db.rights` in PostgreSQL, and gives them their rights."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, exc, make_url, text

from core.errors import SettingsError, WrongArgumentError
from db.audit_guards import FUNCTIONS, TAKE_HEAD
from db.engine import create_database_engine, told_when_away
from db.models import Base
from db.rights import OWNER, RIGHTS, VERSION_TABLE, Role

_LARGE_OBJECTS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_put(oid, bigint, bytea)",
    "lo_import(text)",
    "lo_import(text, oid)",
    "lowrite(integer, bytea)",
)
"""PostgreSQL's own functions that write into no table, and that everybody may call."""
_PREFIX = re.compile(r"[a-z_][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True)
class GivenAgain:
    """Roles that were given their rights once more.

    Parameters
    ----------
    prefix
        Of their names.
    missing
        Names of roles that this version has and the database has not: such as those of a service
        that came with an upgrade.
    """

    prefix: str
    missing: tuple[str, ...]


def statements(prefix: str, database: str, roles: Collection[Role] = tuple(Role)) -> list[str]:
    """Give what makes the roles, takes every right away and gives those that are needed.

    May be run again: by a superuser the first time, by the owner's role after an upgrade. It sets
    no passwords.

    Parameters
    ----------
    prefix
        Of the roles' names: `firstread` makes `firstread_gateway`.
    database
        Its name.
    roles
        Which, beside the owner's.

    Raises
    ------
    WrongArgumentError
        If the prefix fits no role's name.
    """
    if not _PREFIX.fullmatch(prefix):
        message = f"a prefix has small letters, digits and underscores: {prefix!r}"
        raise WrongArgumentError(message)
    return [
        *_owned(prefix, _quoted(database), roles),
        *_denied(prefix, _quoted(database), roles),
        *_given(prefix, roles),
    ]


def database_name(url: str) -> str:
    """Give the database that a URL names.

    Raises
    ------
    SettingsError
        If it is not PostgreSQL's.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        message = "roles are PostgreSQL's: SQLite's file belongs to one account"
        raise SettingsError(message)
    return parsed.database or parsed.username or ""


def apply(url: str, prefix: str) -> list[str]:
    """Run `statements` in one transaction, and give them.

    Raises
    ------
    SettingsError
        If the database is not PostgreSQL, or this login may not do it.
    DatabaseAwayError
        If the database does not answer.
    WrongArgumentError
        If the prefix fits no role's name.
    """
    database_name(url)
    engine = create_database_engine(url)
    try:
        with told_when_away(), engine.begin() as connection:
            return _apply(connection, prefix)
    except exc.ProgrammingError as error:
        # Such as: permission denied to create role.
        message = f"this login may not do it: {error.orig}"
        raise SettingsError(message) from error
    finally:
        engine.dispose()


def apply_again(url: str) -> GivenAgain | None:
    """Give roles that are there their rights to what an upgrade made.

    Returns
    -------
    GivenAgain or None
        None on SQLite, and where the tables do not belong to such a role.
    """
    engine = create_database_engine(url)
    try:
        if engine.dialect.name != "postgresql":
            return None
        with told_when_away(), engine.begin() as connection:
            prefix, there = _roles_there(connection)
            if not there:
                return None
            _apply(connection, prefix, there)
            missing = (f"{prefix}_{role}" for role in Role if role not in there)
            return GivenAgain(prefix, tuple(missing))
    finally:
        engine.dispose()


def _apply(connection: Connection, prefix: str, roles: Collection[Role] = tuple(Role)) -> list[str]:
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    made = statements(prefix, database, roles)
    for statement in made:
        connection.exec_driver_sql(statement)
    return made


def _roles_there(connection: Connection) -> tuple[str, list[Role]]:
    """Give the prefix of the role that owns the tables, and which of its other roles are there."""
    owner = connection.scalars(
        text("SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'job'")
    ).one()
    prefix, end, _ = str(owner).rpartition(f"_{OWNER}")
    names = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    return prefix, [role for role in Role if end and f"{prefix}_{role}" in names]


def _owned(prefix: str, database: str, roles: Collection[Role]) -> Iterator[str]:
    owner = f"{prefix}_{OWNER}"
    for name in (OWNER, *roles):
        yield f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{prefix}_{name}') THEN
        CREATE ROLE {prefix}_{name} LOGIN;
    END IF;
END $$""".strip()
    yield f"ALTER DATABASE {database} OWNER TO {owner}"
    yield f"ALTER SCHEMA public OWNER TO {owner}"
    for name in _tables():
        yield f"ALTER TABLE {name} OWNER TO {owner}"
    for name in FUNCTIONS:
        yield f"ALTER FUNCTION {name} OWNER TO {owner}"


def _denied(prefix: str, database: str, roles: Collection[Role]) -> Iterator[str]:
    named = ", ".join(f"{prefix}_{role}" for role in roles)
    everybody = f"PUBLIC, {named}"
    yield f"REVOKE ALL ON DATABASE {database} FROM {everybody}"
    for what in ("SCHEMA public", "ALL TABLES IN SCHEMA public", "ALL SEQUENCES IN SCHEMA public"):
        yield f"REVOKE ALL ON {what} FROM {everybody}"
    for function in FUNCTIONS:
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
    yield _no_large_objects()
    yield f"GRANT CONNECT ON DATABASE {database} TO {named}"
    yield f"GRANT USAGE ON SCHEMA public TO {named}"
    yield f"GRANT EXECUTE ON FUNCTION {TAKE_HEAD} TO {named}"


def _no_large_objects() -> str:
    """Give what keeps everybody from filling the disk past all rights, where this login may."""
    functions = ", ".join(_LARGE_OBJECTS)
    return f"""
DO $$ BEGIN
    REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'large objects stay open to everybody: only a superuser may close them';
END $$""".strip()


def _given(prefix: str, roles: Collection[Role]) -> Iterator[str]:
    for role in roles:
        for table, right in sorted(RIGHTS[role].items()):
            yield f"GRANT {', '.join(right.privileges)} ON {table} TO {prefix}_{role}"
            if "I" in right.letters and _has_sequence(table):
                yield f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {prefix}_{role}"


def _has_sequence(table: str) -> bool:
    column = Base.metadata.tables[table].columns.get("id")
    return column is not None and Base.metadata.tables[table].autoincrement_column is column


def _tables() -> list[str]:
    return [*(table.name for table in Base.metadata.sorted_tables), VERSION_TABLE]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
