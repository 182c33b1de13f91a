"""What a certificate says of itself: its names, and how long it is good for."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from core.errors import SettingsError

_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_FIELDS_BEFORE_VALIDITY: Final = 3
"""Serial number, signature algorithm and issuer (RFC 5280, section 4.1)."""
_HALF_CENTURY: Final = 50
_LONG_FORM: Final = 0x80
_LONGEST_LENGTH: Final = 4
_FIRST: Final = re.compile(
    rb"-----BEGIN (?P<kind>(?:X509 |TRUSTED )?CERTIFICATE)-----(?P<base64>[^-]*)"
    rb"-----END (?P=kind)-----"
)
"""The labels that OpenSSL reads a certificate under (PEM_read_bio_X509_AUX)."""


def names_in(certificate: Mapping[str, Any]) -> frozenset[str]:
    """Give the DNS names and common names of a checked certificate, in small letters.

    Parameters
    ----------
    certificate
        As `ssl.SSLSocket.getpeercert` gives it.
    """
    alternatives = certificate.get("subjectAltName", ())
    names = {value for kind, value in alternatives if kind == "DNS"}
    for part in certificate.get("subject", ()):
        names |= {value for kind, value in part if kind == "commonName"}
    return frozenset(name.casefold() for name in names)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when a certificate is good.

    Parameters
    ----------
    first, last
        Both included, UTC.
    """

    first: datetime
    last: datetime

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read it from the first certificate of a PEM file.

        Raises
        ------
        SettingsError
            If the file holds none, or cannot be read.
        """
        try:
            first, last = _validity(_first_in(path.read_bytes()))
        except OSError as error:
            message = f"{path}: {error.strerror}"
            raise SettingsError(message) from error
        except (ValueError, IndexError) as error:
            message = f"{path} holds no certificate in PEM"
            raise SettingsError(message) from error
        return cls(first, last)

    def days_left(self, at: datetime) -> int:
        """Give the whole days until it ends; negative once it has."""
        return (self.last - at).days


def _first_in(file: bytes) -> bytes:
    """Give the first certificate of a file, as DER.

    Around the blocks anything may stand, in any encoding: OpenSSL passes over it.
    """
    found = _FIRST.search(file)
    if found is None:
        message = "no certificate"
        raise ValueError(message)
    return binascii.a2b_base64(found["base64"])


def _validity(der: bytes) -> tuple[datetime, datetime]:
    """Find the two times of a certificate (RFC 5280, section 4.1.2.5).

    Raises
    ------
    ValueError, IndexError
        If it is no certificate.
    """
    _, certificate, _ = _element(der)
    tag, fields, _ = _element(certificate)
    if tag != _SEQUENCE:
        message = "no certificate"
        raise ValueError(message)
    if fields[0] == _VERSION:
        fields = _element(fields)[2]
    for _field in range(_FIELDS_BEFORE_VALIDITY):
        fields = _element(fields)[2]
    _, times, _ = _element(fields)
    first_tag, first, rest = _element(times)
    last_tag, last, _ = _element(rest)
    return _time(first_tag, first), _time(last_tag, last)


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Take one element of DER apart: its tag, what it holds, and what follows it (X.690)."""
    tag, length, start = data[0], data[1], 2
    if length & _LONG_FORM:
        digits = length & ~_LONG_FORM
        if not 0 < digits <= _LONGEST_LENGTH:
            message = "no length of DER"
            raise ValueError(message)
        length, start = int.from_bytes(data[2 : 2 + digits]), 2 + digits
    if start + length > len(data):
        message = "cut short"
        raise ValueError(message)
    return tag, data[start : start + length], data[start + length :]


def _time(tag: int, value: bytes) -> datetime:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = f"{'19' if int(text[:2]) >= _HALF_CENTURY else '20'}{text}"
    elif tag != _GENERALIZED_TIME:
        message = "no time"
        raise ValueError(message)
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
