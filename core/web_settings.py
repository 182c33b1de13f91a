"""Settings of the reading room: where its pages are, who signs in, and what a site prefers."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, IPvAnyNetwork, model_validator

from core.accounts import AccountRole
from core.networks import PRIVATE_NETWORKS
from core.settings_section import Section

Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.\[\]:-]+$")]
"""Scheme, host and port as a browser writes them (RFC 6454 section 6.2)."""


class OidcSettings(Section):
    """Sign-in at the hospital's identity provider (OpenID Connect Core 1.0, code flow)."""

    issuer: HttpUrl | None = None
    """Its address, below which `/.well-known/openid-configuration` lies; None: local accounts."""
    client_id: str = ""
    client_secret_file: Path | None = None
    """File with the secret and nothing else; None for a public client, with PKCE alone."""
    ca_file: Path | None = None
    """Authorities (PEM) that its certificate must come from; None are the system's."""
    networks: tuple[IPvAnyNetwork, ...] = PRIVATE_NETWORKS
    """In which the provider must lie."""
    roles_claim: Annotated[str, Field(min_length=1)] = "roles"
    """Claim of the ID token with a list of words."""
    radiologists: tuple[str, ...] = ()
    """Words of that claim that make a radiologist; who has none of any role's is not let in."""
    administrators: tuple[str, ...] = ()
    auditors: tuple[str, ...] = ()
    researchers: tuple[str, ...] = ()

    @property
    def roles(self) -> dict[str, frozenset[AccountRole]]:
        """Which roles each word gives."""
        lists = {
            AccountRole.RADIOLOGIST: self.radiologists,
            AccountRole.ADMINISTRATOR: self.administrators,
            AccountRole.AUDITOR: self.auditors,
            AccountRole.RESEARCHER: self.researchers,
        }
        words = {word for named in lists.values() for word in named}
        return {
            word: frozenset(role for role, named in lists.items() if word in named)
            for word in words
        }

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer is not None and not (self.client_id and self.roles):
            message = "issuer needs client_id, and the words that give somebody a role"
            raise ValueError(message)
        return self


class WebSettings(Section):
    """The reading room's pages, JSON API and DICOMweb."""

    enabled: bool = True
    """Whether `firstread up` runs it."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one."""
    public_url: HttpUrl | None = None
    """How browsers call it, where a proxy stands in front; None is its own address."""
    proxies: tuple[IPvAnyNetwork, ...] = ()
    """Networks of such proxies, whose word on where a request came from is believed."""
    certificate_file: Path | None = None
    """Our certificate (PEM); without one, browsers must be on this machine or behind a proxy that
    speaks TLS, since session cookies travel over TLS or to the same machine only."""
    key_file: Path | None = None
    idle_minutes: Annotated[float, Field(gt=0)] = 15.0
    """Without a keystroke or a click after which the screen locks; what was typed is kept."""
    session_hours: Annotated[float, Field(gt=0)] = 12.0
    """After which one signs in again, whatever one did."""
    sign_with_password: bool = False
    """Whether to sign a report takes the password, or the identity provider, once more."""
    break_glass_minutes: Annotated[float, Field(gt=0)] = 60.0
    """For how long somebody who gave a reason opens a study that only others may open."""
    boxes_at_first: Literal["shown", "hidden"] = "shown"
    """Whether the model's boxes are drawn when a film is opened."""
    unopened_minutes: Annotated[float, Field(gt=0)] = 60.0
    """After which a positive flag that nobody opened is listed and counted."""
    film_cache_megabytes: Annotated[int, Field(ge=0)] = 512
    """Memory for films that were decoded for the screen; a film of five million pixels takes
    eleven."""
    dicomweb_origins: tuple[Origin, ...] = ()
    """Origins of viewers elsewhere whose pages may read answers of DICOMweb; they bring a token."""
    pseudonym_key_file: Path | None = None
    """File of 32 bytes or more, by which researchers' pseudonyms are made; None makes one in the
    data folder. Who has it can tell which pseudonym is whose."""
    oidc: OidcSettings = OidcSettings()

    def browser_url(self, port: int | None = None) -> str:
        """Give the address that browsers call, without a slash at its end.

        Parameters
        ----------
        port
            On which it listens, where the settings leave that open.
        """
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        scheme = "http" if self.certificate_file is None else "https"
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port or self.port}"

    @model_validator(mode="after")
    def _both_files(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            message = "certificate_file and key_file go together"
            raise ValueError(message)
        return self
