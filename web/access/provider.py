"""The hospital's identity provider (OpenID Connect Core 1.0: code flow, PKCE, nonce and state).

Authlib (its parts that do no input and output) makes the requests and checks the claims; joserfc,
which it is built on, checks the signatures.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from core.secret_file import read_secret
from core.web_settings import OidcSettings
from web.access.provider_http import ProviderAwayError, ProviderHttp
from web.access.refusals import NotAllowedError

_ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512"),
    *("PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
)
"""Signatures by a key that only the provider has: never `none`, never by the client's secret."""
_SCOPE: Final = "openid profile"
_KEPT_SECONDS: Final = 600.0
_LEEWAY_SECONDS: Final = 60
_FRESH_SECONDS: Final = 120
_PEACE_SECONDS: Final = 10.0
"""For which one that does not answer is not asked again: each asking holds up all who wait."""


class ProviderRefusedError(NotAllowedError):
    """The provider did not vouch for the person, or its word does not hold."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to the provider, from its beginning to its end.

    Parameters
    ----------
    redirect_uri
        Where it sends the browser back to.
    state, nonce, verifier
        What ties the way back, the ID token and the code to this very browser.
    oldest_seconds
        How long ago the person may have proved who it is there; 0 asks for it anew. Without it, a
        provider that knows the browser would open a screen that was left.
    """

    redirect_uri: str
    state: str
    nonce: str
    verifier: str
    oldest_seconds: int


class Provider:
    """The provider of an installation.

    Parameters
    ----------
    settings
        With its issuer.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._http = ProviderHttp(settings)
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked_at = float("-inf")
        self._away_at = float("-inf")
        self._away = ""

    @classmethod
    def of(cls, settings: OidcSettings) -> Self | None:
        """Give the provider of an installation; None where it has none."""
        return None if settings.issuer is None else cls(settings)

    def name(self) -> str:
        """Give how the provider calls itself, once it says all that we need of it.

        Raises
        ------
        ProviderAwayError
            If it does not.
        SettingsError
            If it lies where nobody may be called.
        """
        return str(self._known()["issuer"])

    def begin(self, visit: Visit) -> str:
        """Give the address to which the browser goes.

        Raises
        ------
        ProviderAwayError
            If the provider does not say where that is.
        """
        more = {} if visit.oldest_seconds else {"prompt": "login"}
        return str(
            prepare_grant_uri(
                self._known()["authorization_endpoint"],
                client_id=self._settings.client_id,
                response_type="code",
                redirect_uri=visit.redirect_uri,
                scope=_SCOPE,
                state=visit.state,
                nonce=visit.nonce,
                code_challenge=create_s256_code_challenge(visit.verifier),
                code_challenge_method="S256",
                max_age=str(visit.oldest_seconds),
                **more,
            )
        )

    def end(self, visit: Visit, code: str) -> dict[str, Any]:
        """Give the claims about the person for whom a code was given.

        Raises
        ------
        ProviderRefusedError
            If the ID token does not hold.
        ProviderAwayError
            If the provider does not give one.
        """
        body = prepare_token_request(
            "authorization_code",
            "",
            visit.redirect_uri,
            code=code,
            code_verifier=visit.verifier,
        )
        url, headers, body = self._client().prepare(
            "POST", self._known()["token_endpoint"], {}, body
        )
        answer = self._http.post(url, body, headers)
        claims = self._checked(str(answer.get("id_token", "")), visit.nonce, answer)
        _check_fresh(claims, visit.oldest_seconds)
        return claims

    def _client(self) -> ClientAuth:
        file = self._settings.client_secret_file
        if file is None:
            return ClientAuth(self._settings.client_id, None, "none")
        offered = self._known().get("token_endpoint_auth_methods_supported")
        by_post = isinstance(offered, list) and "client_secret_basic" not in offered
        way = "client_secret_post" if by_post else "client_secret_basic"
        secret = read_secret(file, "web.oidc.client_secret_file")
        return ClientAuth(self._settings.client_id, secret, way)

    def _checked(self, id_token: str, nonce: str, answer: dict[str, Any]) -> dict[str, Any]:
        metadata = self._known()
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {
            "nonce": nonce,
            "client_id": self._settings.client_id,
            "access_token": answer.get("access_token"),
        }
        try:
            token = self._decoded(id_token)
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            message = f"the identity provider's token does not hold: {type(error).__name__}"
            raise ProviderRefusedError(message) from error
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, self._key_set(), registry=registry)
        except InvalidKeyIdError:
            # It may have changed its keys since.
            return jwt.decode(id_token, self._key_set(renewed=True), registry=registry)

    def _key_set(self, *, renewed: bool = False) -> KeySet:
        uri = self._known()["jwks_uri"]
        with self._lock:
            if self._keys is None or renewed:
                self._keys = KeySet.import_key_set(self._http.get(uri))  # type: ignore[arg-type]
            return self._keys

    def _known(self) -> dict[str, Any]:
        """Give what the provider says of itself (OpenID Connect Discovery 1.0 section 4)."""
        with self._lock:
            if time.monotonic() < self._asked_at + _KEPT_SECONDS:
                return self._metadata
            if time.monotonic() < self._away_at + _PEACE_SECONDS:
                raise ProviderAwayError(self._away)
            issuer = str(self._settings.issuer).rstrip("/")
            try:
                metadata = self._http.get(f"{issuer}/.well-known/openid-configuration")
                _check_metadata(metadata, issuer)
            except ProviderAwayError as error:
                self._away_at, self._away = time.monotonic(), str(error)
                raise
            self._metadata, self._keys = metadata, None
            self._asked_at = time.monotonic()
            return metadata


def _check_metadata(metadata: dict[str, Any], issuer: str) -> None:
    if str(metadata.get("issuer", "")).rstrip("/") != issuer:
        message = f"what is at {issuer} says that it is another issuer"
        raise ProviderAwayError(message)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if urlsplit(str(metadata.get(name, ""))).scheme not in {"https", "http"}:
            message = f"the identity provider does not name its {name}"
            raise ProviderAwayError(message)


def _check_fresh(claims: dict[str, Any], oldest_seconds: int) -> None:
    """Refuse who proved too long ago who it is; the provider signed when that was."""
    at = claims.get("auth_time")
    oldest = time.time() - oldest_seconds - _FRESH_SECONDS
    if not isinstance(at, int | float) or at < oldest:
        message = "the identity provider did not ask who is there (auth_time): sign in there anew"
        raise ProviderRefusedError(message)
