"""Speaking to the identity provider: to where it may be, and nowhere else.

Every address that its name resolves to must lie in the administrator's networks, and the connection
goes to one of those very addresses. No proxy of the environment is used, no redirect is followed.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from core.errors import RetriableError, SettingsError
from core.outbound import connect, destinations, first_outside
from core.web_settings import OidcSettings

_SECONDS: Final = 5.0
_LONGEST: Final = 1024 * 1024
_OK: Final = 200


class ProviderAwayError(RetriableError):
    """The identity provider does not answer, or not as one."""


class ProviderHttp:
    """Asks the provider for JSON.

    Parameters
    ----------
    settings
        Where it may be, and whose certificates are trusted.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings

    def get(self, url: str) -> dict[str, Any]:
        """Get a JSON object.

        Raises
        ------
        ProviderAwayError
            If there is no answer, or it is none.
        SettingsError
            If the provider lies where nobody may be called, or speaks no TLS.
        """
        return self._ask("GET", url, None, {})

    def post(self, url: str, body: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Send a form, and get a JSON object; errors as of `get`."""
        form = {"content-type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", url, body, form)

    def _ask(
        self, method: str, url: str, body: str | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        parts = urlsplit(url)
        connection = self._open(parts)
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        try:
            connection.request(method, target, body, {"accept": "application/json", **headers})
            response = connection.getresponse()
            content = response.read(_LONGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            message = f"the identity provider does not answer: {type(error).__name__}"
            raise ProviderAwayError(message) from error
        finally:
            connection.close()
        if response.status != _OK:
            message = f"the identity provider answers {response.status} at {parts.path}"
            raise ProviderAwayError(message)
        return _object(content)

    def _open(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, tls = parts.hostname or "", parts.scheme == "https"
        if not tls and not (parts.scheme == "http" and _is_loopback(host)):
            message = f"the identity provider must speak TLS, but {parts.scheme}://{host} does not"
            raise SettingsError(message)
        try:
            port = parts.port or (443 if tls else 80)
            found = destinations(host, port)
            outside = first_outside(found, self._settings.networks)
            if outside is not None:
                message = f"the identity provider is at {outside}, outside of web.oidc.networks"
                raise SettingsError(message)
            connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
            connection.sock = connect(found, _SECONDS)
            if tls:
                context = ssl.create_default_context(cafile=self._settings.ca_file)
                connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        except (OSError, ValueError) as error:
            message = f"the identity provider cannot be reached: {type(error).__name__}"
            raise ProviderAwayError(message) from error
        return connection


def _object(content: bytes) -> dict[str, Any]:
    try:
        values = json.loads(content) if len(content) <= _LONGEST else None
    except ValueError:
        values = None
    if not isinstance(values, dict):
        message = "the identity provider's answer is no JSON object"
        raise ProviderAwayError(message)
    return values


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
