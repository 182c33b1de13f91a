"""URLs of servers, and the passwords in them."""

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from core.secret_file import read_secret


def check_server(url: str) -> str:
    """Give a server's URL back if every program takes it apart alike.

    They do not agree on where a password with an unescaped ``@``, ``/``, ``?`` or ``#`` ends (RFC
    3986, section 3.2): the rest of it would be a host's name, which an error shows.

    Raises
    ------
    ValueError
        If it is not of the form ``scheme://user:password@host:port/...``. The text quotes nothing
        of it.
    """
    if not _is_plain(url):
        message = (
            "a URL is scheme://user:password@host:port/..., its port a number from 1 to 65535 and "
            "special characters of user and password written with %, such as %40 for @"
        )
        raise ValueError(message)
    return url


def _is_plain(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text quotes the URL
        return False
    at = url.count("@")
    return url.isprintable() and port != 0 and (at == 0 or (at == 1 and "@" in parts.netloc))


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
