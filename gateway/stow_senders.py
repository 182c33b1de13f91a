"""Who may send over HTTP: bearer tokens (RFC 6750), each of one AE title."""

import hashlib
import hmac
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from core.errors import SettingsError
from core.settings import AETitle

_SHORTEST: Final = 20
"""Characters of a token; shorter ones could be guessed."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_TITLE: Final[TypeAdapter[str]] = TypeAdapter(AETitle)


class Senders:
    """The senders and their tokens, of which only digests are kept.

    Parameters
    ----------
    tokens
        The token of each AE title; None lets everybody in.
    anybody
        As whom a sender counts where everybody is let in.
    """

    def __init__(self, tokens: Mapping[str, str] | None, anybody: str) -> None:
        self._anybody = anybody
        self._digests = (
            None
            if tokens is None
            else {title: _digest(token.encode()) for title, token in tokens.items()}
        )

    def who(self, authorization: str) -> str | None:
        """Give a sender's AE title by the header of its request; None where it has no right.

        Every token is compared, each in constant time, so that an answer's time tells nothing.
        """
        if self._digests is None:
            return self._anybody
        scheme, _, token = authorization.partition(" ")
        given = _digest(token.strip().encode("latin-1", "replace"))
        matching = [
            title for title, digest in self._digests.items() if hmac.compare_digest(digest, given)
        ]
        return matching[0] if matching and scheme.lower() == "bearer" else None


def read_tokens(path: Path) -> dict[str, str]:
    """Read a file of tokens.

    Parameters
    ----------
    path
        TOML, one line for each sender: `"AE TITLE" = "token"`.

    Returns
    -------
    dict
        The token of each AE title.

    Raises
    ------
    SettingsError
        If the file can be read by others, or not at all, names nobody, a title is none, a token
        is too short or not of printable ASCII, or two senders share one. No error quotes a token.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            tokens = tomllib.load(file)
    except (OSError, ValueError) as error:
        message = f"dicomweb.tokens_file {path} cannot be read ({type(error).__name__})"
        raise SettingsError(message) from error
    if mode & _OTHERS:
        message = f"dicomweb.tokens_file {path} has mode {mode:04o}: others may read it; chmod 600"
        raise SettingsError(message)
    wrong = [title for title, token in tokens.items() if not (_is_title(title) and _good(token))]
    if wrong or not tokens:
        message = (
            f"dicomweb.tokens_file {path}: each line is an AE title and a token of at least "
            f"{_SHORTEST} printable characters, which is not so for: {', '.join(wrong) or 'any'}"
        )
        raise SettingsError(message)
    if len(set(tokens.values())) < len(tokens):
        message = f"dicomweb.tokens_file {path}: two senders share a token"
        raise SettingsError(message)
    return tokens


def _is_title(title: str) -> bool:
    try:
        _TITLE.validate_python(title)
    except ValidationError:
        return False
    return True


def _good(token: object) -> bool:
    return (
        isinstance(token, str)
        and len(token) >= _SHORTEST
        and all("!" <= character <= "~" for character in token)
    )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
