"""Names that tell two patients apart and say of none who it is."""

import hashlib
import hmac
import re
import secrets
import unicodedata
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
_SEPARATORS: Final = re.compile(r"[\^=\s\\,;_\-\u2010-\u2015'\u2018\u2019\u02bc`\u00b4]+")
_DATES: Final = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:\d\d){1,2}"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
"""As ISO 8601, DICOM (PS3.5 section 6.2, VR DA) and persons write them."""
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_MARKS: Final = str.maketrans("\u2010\u2011\u2012\u2013\u2018\u2019\u02bc`\u00b4", "----'''''")
"""Hyphens and apostrophes as one kind each."""
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


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
    """Take words that name a patient, and dates, out of a text.

    Parameters
    ----------
    text
        The model's, which may have repeated what stood in a header or on the film.
    identifiers
        Names and numbers of the patient; each word of them is taken out, whatever its case, accents
        and umlauts. One of a single character is left, since it stands in every text.

    Returns
    -------
    str
        The text; where nothing was taken out, as it was.
    """
    parts = (
        part
        for identifier in identifiers
        for part in (identifier.strip(), *_WORDS.split(identifier), *_SEPARATORS.split(identifier))
    )
    spellings = {one for part in parts for one in _spellings(part) if len(one) >= _SHORTEST_WORD}
    taken = [found.span() for found in _DATES.finditer(text)]
    plain, places = _plain(text)
    if spellings:
        longest_first = sorted(spellings, key=lambda word: (-len(word), word))
        pattern = "|".join(_bounded(word) for word in longest_first)
        taken += [
            (places[found.start()], places[found.end() - 1] + 1)
            for found in re.finditer(pattern, plain)
        ]
    return _without(text, taken)


def _bounded(word: str) -> str:
    """Give a pattern of a word; scripts that put no spaces between words have no borders."""
    escaped = re.escape(word)
    return escaped if _UNSPACED.search(word) else rf"(?<![^\W_]){escaped}(?![^\W_])"


def _spellings(word: str) -> set[str]:
    """Give a word as it is compared, with umlauts as one letter and as two."""
    written = unicodedata.normalize("NFC", word).casefold()
    return {_plain(word)[0], _plain(written.translate(_UMLAUTS))[0]}


def _plain(text: str) -> tuple[str, list[int]]:
    """Give a text without case and accents, and of each of its characters where it stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for one in unicodedata.normalize("NFKD", letter.translate(_MARKS)).casefold():
            if not unicodedata.combining(one):
                letters.append(one)
                places.append(place)
    return "".join(letters), places


def _without(text: str, taken: Iterable[tuple[int, int]]) -> str:
    kept, end = [], 0
    for first, last in sorted(taken):
        if first >= end:
            kept += [text[end:first], _REMOVED]
        # An accent that stands behind its letter goes with it.
        end = max(end, last)
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
    return "".join([*kept, text[end:]])


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
