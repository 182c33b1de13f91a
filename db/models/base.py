"""The declarative base: names of constraints, and how Python types become columns."""

import enum
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from core.triage import Tier
from db.models.types import SafeText, TierNumber, UTCDateTime


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


class Base(DeclarativeBase):
    """Base of all tables.

    Enumerations are stored by value as plain text without a CHECK constraint, so that a new
    state needs no change of a table; SQLAlchemy refuses values that are no member.
    """

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: SafeText,
        datetime: UTCDateTime,
        Tier: TierNumber,
        enum.Enum: sa.Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=False,
            validate_strings=True,
            length=32,
            values_callable=_values,
        ),
        dict[str, Any]: sa.JSON,
        list[dict[str, Any]]: sa.JSON,
        list[str]: sa.JSON,
    }
