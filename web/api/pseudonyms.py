"""Names that tell two patients apart and say of none who it is."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from core.errors import SettingsError
from core.private_files import create_private, private_folder
from core.settings import Settings

_LEAST_BYTES: Final = 32
_DIGITS: Final = 32
_OWN_FILE: Final = "pseudonym.key"
_REMOVED: Final = "[removed]"
_SHORTEST_WORD: Final = 2
_WORDS: Final = re.compile(r"[\^=\s\\,;]+")


class Pseudonyms:
    """Makes pseudonyms by a key (HMAC-SHA-256), always the same one for the same thing.

    Parameters
    ----------
    key
        Secret: who has it can find out by trying whose a pseudonym is.

    Raises
    ------
    SettingsError
        If the key is too short to be one.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _LEAST_BYTES:
            message = f"a key of pseudonyms has at least {_LEAST_BYTES} bytes"
            raise SettingsError(message)
        self._key = key

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Give the site's own, with a new key where it has none yet.

        Raises
        ------
        SettingsError
            If the key's file cannot be read or made.
        """
        path = settings.web.pseudonym_key_file
        try:
            return cls(_own_key(settings.data) if path is None else path.read_bytes())
        except OSError as error:
            message = f"the key of pseudonyms cannot be read: {error.strerror}"
            raise SettingsError(message) from error

    def name(self, kind: str, *parts: str) -> str:
        """Give the pseudonym of a thing.

        Parameters
        ----------
        kind
            Of what, so that a patient and a study of one name differ.
        *parts
            What identifies it.
        """
        said = "\x1f".join(f"{len(part)}:{part}" for part in (kind, *parts))
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def without_names(text: str, identifiers: Iterable[str]) -> str:
    """Take words that name a patient out of a text.

    Parameters
    ----------
    text
        The model's, which may have repeated what stood in a header or on the film.
    identifiers
        Names and numbers of the patient; each word of them is taken out, whatever its case. One of
        a single character is left, since it stands in every text.
    """
    words = {
        word
        for identifier in identifiers
        for word in (identifier.strip(), *_WORDS.split(identifier))
        if len(word) >= _SHORTEST_WORD
    }
    if not words:
        return text
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    pattern = "|".join(re.escape(word) for word in longest_first)
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", _REMOVED, text, flags=re.IGNORECASE)


def _own_key(folder: Path) -> bytes:
    path = folder / _OWN_FILE
    if not path.exists():
        private_folder(folder)
        fresh = folder / f"{_OWN_FILE}.{secrets.token_hex(8)}"
        with create_private(fresh) as file:
            file.write(secrets.token_bytes(_LEAST_BYTES))
        # Whole or not at all, and the first one wins.
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_bytes()
