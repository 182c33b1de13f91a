"""URLs of servers, and the passwords in them."""

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from core.secret_file import read_secret


def has_password(url: str) -> bool:
    """Tell whether a URL holds a password, be it an empty one."""
    parts = urlsplit(url)
    return parts.password is not None or "password" in parse_qs(parts.query, keep_blank_values=True)


def with_password(url: str, file: Path | None, setting: str) -> str:
    """Give a URL with the password of a file put in; None leaves it as it is.

    Parameters
    ----------
    url
        Without a password.
    file
        As `core.secret_file.read_secret` wants it.
    setting
        The setting that names the file, for errors.

    Raises
    ------
    SettingsError
        If the file cannot be used.
    """
    if file is None:
        return url
    password = quote(read_secret(file, setting), safe="")
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        host = parts.netloc
    return urlunsplit(parts._replace(netloc=f"{user.removesuffix(':')}:{password}@{host}"))
