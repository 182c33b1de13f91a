"""INSERT that gives way to a row that is already there, on both databases."""

from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.models import Base


def insert_if_absent(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert one row unless a unique constraint says that it is there.

    Waits for another transaction that is inserting the same row, and tells afterwards who was
    first.

    Returns
    -------
    bool
        Whether the row was inserted by this call.
    """
    statement = _statement(session.get_bind().dialect.name, model)
    return session.execute(statement, values).first() is not None


@cache
def _statement(dialect: str, model: type[Base]) -> Executable:
    """Build the statement once: of a film's intake it would else be the dearest part."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    key = inspect(model).primary_key[0]
    return insert(cast("Table", model.__table__)).on_conflict_do_nothing().returning(key)
