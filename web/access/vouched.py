"""Whom an identity provider vouches for, as its claims say."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from core.accounts import AccountRole
from core.web_settings import OidcSettings
from web.access.provider import ProviderRefusedError

_LONGEST_SUBJECT: Final = 255
"""ASCII characters (OpenID Connect Core 1.0 section 2)."""
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9._@-]+")
_NOT_IN_PERSONS: Final = re.compile(r"[\\^=\x00-\x1f\x7f-\x9f]+")
_LONGEST_NAME: Final = 48
_LONGEST_PART: Final = 31


@dataclass(frozen=True, slots=True)
class Vouched:
    """A person as the provider names it.

    Parameters
    ----------
    issuer, subject
        By which the person is known again; nothing else is.
    name
        For the account, where nobody has it.
    person_name
        DICOM person name.
    roles
        What the person may do; maybe nothing.
    proved_at
        When the person proved to the provider who it is: a silent visit is no new proof.
    """

    issuer: str
    subject: str
    name: str
    person_name: str
    roles: frozenset[AccountRole]
    proved_at: datetime

    @classmethod
    def of(cls, claims: Mapping[str, Any], settings: OidcSettings) -> Self:
        """Read checked claims.

        Raises
        ------
        ProviderRefusedError
            If they name nobody.
        """
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            message = "the identity provider names nobody"
            raise ProviderRefusedError(message)
        name = _name(claims, subject)
        return cls(
            issuer=str(claims["iss"]),
            subject=subject,
            name=name,
            person_name=_person(claims) or name,
            roles=_roles(claims.get(settings.roles_claim), settings),
            # A clock that is ahead proves nothing for later.
            proved_at=datetime.fromtimestamp(min(time.time(), claims["auth_time"]), UTC),
        )


def _roles(words: object, settings: OidcSettings) -> frozenset[AccountRole]:
    given = words if isinstance(words, list) else [words]
    return frozenset(
        role for word in given if isinstance(word, str) for role in settings.roles.get(word, ())
    )


def _name(claims: Mapping[str, Any], subject: str) -> str:
    wanted = str(claims.get("preferred_username") or subject).lower()
    return _NOT_IN_NAMES.sub("-", wanted).strip("._@-")[:_LONGEST_NAME] or "person"


def _person(claims: Mapping[str, Any]) -> str:
    family, given = _part(claims.get("family_name")), _part(claims.get("given_name"))
    if family:
        return f"{family}^{given}" if given else family
    return _part(claims.get("name"))


def _part(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join(_NOT_IN_PERSONS.sub(" ", text).split())[:_LONGEST_PART]
