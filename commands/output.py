"""How commands speak: tables for people, one JSON object for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDTH_OF_A_FILE = 120
"""Columns of a table that no terminal limits."""


def console() -> Console:
    """Give the console for people, on standard error, so that standard output stays for data."""
    return Console(stderr=True, highlight=False, markup=False)


def print_json(values: Mapping[str, Any]) -> None:
    """Print one JSON object as one line on standard output."""
    sys.stdout.write(json.dumps(values, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on standard output; title and cells are untrusted text, never markup."""
    table = Table(title=escape(printable(title)), title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(printable(cell)) for cell in row))
    out = Console(highlight=False)
    if not out.is_terminal:
        out.width = max(out.width, _WIDTH_OF_A_FILE)
    out.print(table)


def printable(value: object) -> str:
    """Give a value as text whose control characters cannot steer a terminal."""
    text = str(value)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
