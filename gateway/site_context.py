"""What the site's settings and files put into every result."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from core.errors import SettingsError
from core.settings import Settings, SiteSettings
from dicom_sr.code_table import CodeTable
from dicom_sr.codes_toml import built_in_codes, parse_codes
from dicom_sr.context import BuildContext
from dicom_sr.page_font import check_font
from dicom_sr.wording_table import Wording, built_in_wording, parse_wording
from imaging import lettering

_LARGEST = 1 << 20
"""Bytes of a table: more is no table of ours."""
Table = TypeVar("Table")


def site_context(settings: Settings) -> BuildContext:
    """Give the site's part of every result, its files read once.

    Parameters
    ----------
    settings
        The whole tree.

    Returns
    -------
    BuildContext
        With the default variant, and of no model that is authorised: `dataclasses.replace` gives
        it what an audience wants, and what a model's standing is (`db.standings`).

    Raises
    ------
    SettingsError
        If the site's codes, headings or font cannot be read or used: results are never quietly
        written with others than the site wants.
    """
    site = settings.site
    return BuildContext(
        institution=site.institution,
        timezone=site.timezone,
        codes=code_table(site.codes),
        wording=wording_of(site),
        font=_font(site.font),
    )


def code_table(path: Path | None) -> CodeTable:
    """Give the table of codes in force: the built-in one, under a site's file where there is one.

    Parameters
    ----------
    path
        The site's file (`site.codes`), None where it has none.

    Raises
    ------
    SettingsError
        If the file cannot be read or used; the text names file and row.
    """
    built_in = built_in_codes()
    if path is None:
        return built_in
    return _parsed("site.codes", path, lambda values: parse_codes(values, built_in))


def wording_of(site: SiteSettings) -> Wording:
    """Give headings and sentences in the site's language.

    Parameters
    ----------
    site
        Names the language, and the file that holds them.

    Raises
    ------
    SettingsError
        If the file cannot be read or used, or is of another language; if no file is named for a
        language that does not come with FirstRead.
    """
    if site.headings is not None:
        found = _parsed("site.headings", site.headings, parse_wording)
    else:
        found = built_in_wording()
    if found.language.value != site.language:
        where = site.headings or "FirstRead's own headings"
        message = f"site.language is {site.language!r}, and {where} is of {found.language.value!r}"
        raise SettingsError(message)
    return found


def _font(path: Path | None) -> bytes | None:
    """Give the font of the site's script, tried out: without it names and words would be lost."""
    if path is None:
        return None
    try:
        content = path.read_bytes()
        check_font(content)
        lettering.check_font(path)
    except OSError as error:
        message = f"site.font: {path} cannot be read: {error.strerror or error}"
        raise SettingsError(message) from error
    except ValueError as error:
        message = f"site.font: {path}: {error}"
        raise SettingsError(message) from error
    return content


def _parsed(name: str, path: Path, parse: Callable[[Mapping[str, Any]], Table]) -> Table:
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            message = f"{name}: {path} has more than {_LARGEST} bytes"
            raise SettingsError(message)
        return parse(tomllib.loads(text.decode()))
    except OSError as error:
        message = f"{name}: {path} cannot be read: {error.strerror}"
        raise SettingsError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{name}: {path}: {error}"
        raise SettingsError(message) from error
