"""INSERT that gives way to a row that is already there, on both databases."""

from typing import Any

from sqlalchemy import Dialect, inspect
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
    dialect: Dialect = session.get_bind().dialect
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    key = inspect(model).primary_key[0]
    statement = insert(model).values(**values).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None
