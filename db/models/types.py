"""Column types that keep values exact on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, SmallInteger, Text
from sqlalchemy.types import TypeDecorator

from core.triage import Tier

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean_text(text: str) -> str:
    """Replace what PostgreSQL cannot store: NUL characters and lone surrogates.

    Header values and the model's words are untrusted; one odd character in them must not make
    an object unstorable.
    """
    if "\x00" in text:
        text = text.replace("\x00", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(
            _REPLACEMENT if "\ud800" <= character <= "\udfff" else character for character in text
        )
    return text


class SafeText(TypeDecorator[str]):
    """Text of any length, cleaned by `clean_text` on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Clean a value on its way into the database."""
        return None if value is None else clean_text(value)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps no zones, so this type does.

    Raises
    ------
    ValueError
        On its way in, if a time is naive.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times, and turn others into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a time without a zone cannot be stored: {value!r}"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the time its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TierNumber(TypeDecorator[Tier]):
    """A `Tier` as its number, so that the database can sort by it."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Tier | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Give the number of a tier."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Tier | None:  # noqa: ARG002
        """Give the tier of a number."""
        return None if value is None else Tier(value)
