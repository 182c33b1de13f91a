"""Where somebody goes on to who had to sign in first: never to another site."""

from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 2000
_FIRST: Final = "/"


def onward(wanted: str) -> str:
    """Give a page of ours, as it was asked for; the first one where it is none of ours.

    Parameters
    ----------
    wanted
        From the query or a form, so from anybody. Browsers take `//host`, and a
        backslash for a slash.
    """
    if not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > _LONGEST:
        return _FIRST
    if "\\" in wanted or not wanted.isprintable():
        return _FIRST
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return _FIRST
    return _FIRST if parts.scheme or parts.netloc else wanted
