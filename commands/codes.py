"""The codes that results are written with."""

from pathlib import Path
from typing import Any

from commands.output import console, print_json, print_table
from core.errors import SettingsError
from core.settings import load_settings
from dicom_sr.code_table import WORDS, CodeTable, Entry
from gateway.site_context import code_table

_COLUMNS = ("group", "word", "code", "written as", "meaning", "verified", "source")


def list_(path: Path | None, *, as_json: bool) -> None:
    """Print the table in force: the built-in one, under the site's own file where there is one.

    "Written as" is empty where a code is written as it stands.

    Raises
    ------
    SettingsError
        If the site's file cannot be used.
    """
    table = code_table(load_settings(path).site.codes)
    rows = _rows(table)
    if as_json:
        unmapped = {kind: dict(words) for kind, words in table.unmapped.items()}
        print_json({"codes": rows, "unmapped": unmapped})
        return
    print_table("Codes of results", _COLUMNS, map(_cells, rows))
    words = [
        (kind, word, reason)
        for kind, reasons in table.unmapped.items()
        for word, reason in reasons.items()
    ]
    print_table("Words of models without a code", ("kind", "word", "what becomes of it"), words)


def check(path: Path | None, file: Path, *, as_json: bool) -> bool:
    """Check a site's file, and print what it changes of the built-in table.

    Parameters
    ----------
    path
        Settings file; it must be sound, and its own `site.codes` is not looked at.
    file
        The site's file.
    as_json
        Print one JSON object.

    Returns
    -------
    bool
        Whether the file can be used.
    """
    load_settings(path)
    try:
        table = code_table(file)
    except SettingsError as error:
        if as_json:
            print_json({"usable": False, "reason": str(error), "changes": []})
        else:
            console().print(str(error))
        return False
    # Rows, not entries, are compared: codes of pydicom are equal whatever they mean.
    built_in = code_table(None)
    changes = [
        row | {"before": old["written"], "meant": old["meaning"]}
        for row, old in zip(_rows(table), _rows(built_in), strict=True)
        if row != old
    ]
    if as_json:
        print_json({"usable": True, "reason": None, "changes": changes})
    else:
        cells = [(*_cells(row), row["before"], row["meant"]) for row in changes]
        print_table(f"{file} changes", (*_COLUMNS, "was written as", "meant"), cells)
    return True


def _rows(table: CodeTable) -> list[dict[str, Any]]:
    """Give the table's rows, in the same order whatever a site changes."""
    return [
        _row(group.value, word, table.rows[group][word])
        for group, words in WORDS.items()
        for word in words
    ]


def _row(group: str, word: str, entry: Entry) -> dict[str, Any]:
    return {
        "group": group,
        "word": word,
        "scheme": entry.code.scheme_designator,
        "value": entry.code.value,
        "meaning": entry.code.meaning,
        "written": _written(entry),
        "verified": entry.trust.value,
        "source": entry.source,
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    code = f"{row['value']} {row['scheme']}"
    written = "" if code == row["written"] else row["written"]
    rest = (row[key] for key in ("meaning", "verified", "source"))
    return (row["group"], row["word"], code, written, *rest)


def _written(entry: Entry) -> str:
    code = entry.written
    return f"{code.value} {code.scheme_designator}"
