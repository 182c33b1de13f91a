"""Numbers of rows as requests give them: none is beyond what the database's columns hold."""

from typing import Annotated, Final

from pydantic import Field

LARGEST_NUMBER: Final = 2**31 - 1
"""Of an INTEGER of PostgreSQL."""

RowNumber = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
"""A row of a table."""
VersionNumber = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
"""A version, counted from 1; 0 is what was there before any."""
