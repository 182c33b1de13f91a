"""How a model behind an endpoint is to be reached, checked where it is built."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.labels import Label
from core.networks import Network
from core.secret_file import read_secret

_API: Final = "/v1"
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an OpenAI-compatible API is.

    Parameters
    ----------
    host
        Its name or address.
    port
        Its port.
    tls
        Whether it is spoken to over TLS.
    path
        What comes before `/chat/completions`.
    """

    host: str
    port: int
    tls: bool
    path: str

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """Read the URL of a setting, with or without its `/v1`.

        Raises
        ------
        SettingsError
            If it is not of the form `http[s]://host[:port][/path]`. A key belongs into a file,
            never into the URL, which is shown.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            message = f"the endpoint's URL cannot be read: {error}"
            raise SettingsError(message) from error
        if parts.username is not None or parts.password is not None:
            message = "the endpoint's URL must not hold a name or a password"
            raise SettingsError(message)
        odd = parts.query or parts.fragment or any(not "!" <= char <= "~" for char in url)
        if parts.scheme not in _PORTS or not host or port == 0 or odd:
            message = f"the endpoint's URL must be http[s]://host[:port][/path], not {url!r}"
            raise SettingsError(message)
        path = parts.path.rstrip("/")
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            tls=parts.scheme == "https",
            path=path if path.endswith(_API) else path + _API,
        )


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """How a remote model is to be asked, and what its administrator says of it.

    Parameters
    ----------
    url
        Of the endpoint, as in `Endpoint.of`.
    model
        The model's name there.
    family
        Key of its family: whose words it was trained on.
    networks
        Where the endpoint may be, beside this very machine.
    api_key_file, ca_file
        Files with the key, and with the certificates of the authorities that are trusted instead
        of the system's; None for none.
    timeout_seconds
        Longest time from a question to the end of its answer.
    retries
        Further attempts at a question where the endpoint is busy or cannot be reached.
    concurrency
        Questions that are under way at once.
    version
        Of the weights, which nobody can check from here; empty where it is not said.
    labels
        Labels that the model was trained on; None is its family's.
    demo
        Whether it is the demonstration model, whose readings are held back.

    Raises
    ------
    SettingsError
        If one of them does not fit.
    """

    url: str
    model: str
    family: str
    networks: tuple[Network, ...] = ()
    api_key_file: Path | None = None
    ca_file: Path | None = None
    timeout_seconds: float = 120.0
    retries: int = 3
    concurrency: int = 8
    version: str = ""
    labels: tuple[Label, ...] | None = None
    demo: bool = False
    endpoint: Endpoint = field(init=False)

    def __post_init__(self) -> None:
        """Check what was given."""
        object.__setattr__(self, "endpoint", Endpoint.of(self.url))
        if not self.model.strip():
            message = f"a remote model needs a name, not {self.model!r}"
            raise SettingsError(message)
        if not (self.timeout_seconds > 0 and self.retries >= 0 and self.concurrency >= 1):
            message = (
                "a remote model needs a time-out, retries and a concurrency that can be kept, not "
                f"{self.timeout_seconds}, {self.retries} and {self.concurrency}"
            )
            raise SettingsError(message)

    def api_key(self) -> str | None:
        """Read the key; None where there is none.

        Raises
        ------
        SettingsError
            If its file cannot be read, may be used by others or holds no key; the text never holds
            what it holds.
        """
        if self.api_key_file is None:
            return None
        key = read_secret(self.api_key_file, "the key's file").strip()
        if not key or any(not "!" <= char <= "~" for char in key):
            message = f"the key's file {self.api_key_file} must hold one key and nothing else"
            raise SettingsError(message)
        return key
