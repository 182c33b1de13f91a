"""Settings of one installation: typed, nested, read once and passed in.

They come from a `firstread.toml` and from the environment, which wins: `FIRSTREAD_GATEWAY__PORT`
sets `gateway.port`. What administrators change while it runs (peers) lives in the database.
"""

from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    Field,
    IPvAnyNetwork,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as SourceError

from core.commitment_settings import CommitmentSettings
from core.door_settings import AETitle, DicomwebSettings, GatewaySettings, WatchSettings
from core.errors import SettingsError
from core.networks import PRIVATE_NETWORKS
from core.secret_url import check_server, has_password, with_password
from core.settings_section import Section
from core.web_settings import WebSettings
from core.worker_settings import WorkerSettings

__all__ = [
    "AETitle",
    "BrokerSettings",
    "DatabaseSettings",
    "DeliverySettings",
    "DicomwebSettings",
    "GatewaySettings",
    "Hl7Settings",
    "LogSettings",
    "NetworkSettings",
    "PriorsSettings",
    "RetentionSettings",
    "Settings",
    "SiteSettings",
    "SpoolSettings",
    "WatchSettings",
    "WebSettings",
    "load_settings",
]

_Section = TypeVar("_Section", bound=Section)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"no time zone is called {name!r}"
        raise ValueError(message) from error
    return name


def _printable(name: str) -> str:
    if not name.isprintable():
        message = f"a name of printable characters is wanted, not {name!r}"
        raise ValueError(message)
    return name


def _of_database(url: str) -> str:
    return url if url.startswith("sqlite:") else check_server(url)


def _with_one_password(section: _Section, url: str | None, file: Path | None) -> _Section:
    """Hold that a password stands in a file or in the URL, not in both."""
    if file is not None and (url is None or has_password(url)):
        message = "password_file needs a url without a password"
        raise ValueError(message)
    return section


class SiteSettings(Section):
    """Who runs this installation."""

    institution: Annotated[str, Field(max_length=64, pattern=r"^[^\\\x00-\x1f\x7f]*$")] = ""
    """PS3.5 section 6.2, VR LO: no backslash, no control character."""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """IANA name of the zone in which DICOM dates and times are written."""
    reporting_system: Literal["external", "firstread"] = "external"
    """Who owns the final report."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """RFC 5646 tag of the language of headings in results; the model's words stay its own."""
    headings: Path | None = None
    """TOML file with the headings of that language; None is the one that comes with FirstRead."""
    codes: Path | None = None
    """TOML file of codes that take the place of the built-in ones."""
    font: Path | None = None
    """TrueType file for letters on pages and pictures that the built-in font lacks, which has
    those of western Europe. What neither has is shown as [?]."""


class DatabaseSettings(Section):
    """Where the truth is kept."""

    url: Annotated[str, AfterValidator(_of_database)] | None = None
    """SQLAlchemy URL; None is `firstread.db` in the data folder."""
    password_file: Path | None = None
    """File with the password and nothing else, which the URL then must not hold."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        return _with_one_password(self, self.url, self.password_file)


class SpoolSettings(Section):
    """Where received objects and built results are kept."""

    folder: Path | None = None
    """None is `spool` in the data folder."""
    reserve_bytes: Annotated[int, Field(ge=0)] = 1 << 30
    """Free bytes under which C-STORE is answered Out of Resources."""
    maximum_used_percent: Annotated[float, Field(gt=0, le=100)] = 95.0
    """Share of the file system in use above which it is answered so too."""


class BrokerSettings(Section):
    """The doorbell between the gateway and the workers."""

    url: Annotated[str, AfterValidator(check_server)] | None = None
    """A redis:// URL; None is the file-system transport in the data folder."""
    polling_interval: Annotated[float, Field(gt=0)] = 0.05
    """Seconds between two looks of the file-system transport."""
    password_file: Path | None = None
    """File with Redis' password and nothing else, which the URL then must not hold."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        return _with_one_password(self, self.url, self.password_file)


class NetworkSettings(Section):
    """Who may be spoken to at all."""

    outbound: tuple[IPvAnyNetwork, ...] = PRIVATE_NETWORKS
    """Networks in which peers must lie. A model's endpoint has `worker.remote.networks`."""


class DeliverySettings(Section):
    """How results travel."""

    first_retry_seconds: Annotated[float, Field(gt=0)] = 5.0
    longest_retry_seconds: Annotated[float, Field(gt=0)] = 900.0
    network_timeout: Annotated[float, Field(gt=0)] = 30.0
    poll_seconds: Annotated[float, Field(gt=0)] = 0.25
    maximum_attempts: Annotated[int, Field(ge=1)] = 5
    """Attempts at building a study's results before that fails, for an administrator to see."""
    linger_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 5.0
    """How long an association or connection stays open when nothing waits for its peer."""


class RetentionSettings(Section):
    """How long files are kept once they are needed no more; rows are kept for good."""

    enabled: bool = False
    films_days: Annotated[float, Field(ge=0)] = 30.0
    """After a film was read, its results delivered and its draft reviewed."""
    unreviewed_films_days: Annotated[float, Field(ge=0)] | None = None
    """The same where nobody reviews in FirstRead and no signed report came; None keeps them."""
    results_days: Annotated[float, Field(ge=0)] = 30.0
    """After an object was delivered everywhere, or became obsolete."""
    quarantine_days: Annotated[float, Field(ge=0)] | None = None
    """Objects that were kept aside; None keeps them until an administrator decides."""


class Hl7Settings(Section):
    """How FirstRead calls itself in HL7 messages (v2.5.1, MSH-3 and MSH-4)."""

    sending_application: Annotated[
        str, Field(max_length=20, pattern=r"\S"), AfterValidator(_printable)
    ] = "FIRSTREAD"
    sending_facility: Annotated[str, Field(max_length=20), AfterValidator(_printable)] = ""
    acknowledgement_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long an acknowledgement is waited for."""


class PriorsSettings(Section):
    """Which earlier films and reports of a patient are fetched to stand beside a draft."""

    enabled: bool = True
    """Whether peers that give priors are asked at all."""
    most: Annotated[int, Field(ge=1, le=20)] = 3
    """Studies of one patient at most, the newest."""
    years: Annotated[int, Field(ge=1, le=100)] = 5
    """How far back."""
    modalities: Annotated[tuple[Literal["CR", "DX", "RG"], ...], Field(min_length=1)] = ("CR", "DX")
    """Of the studies that are asked for, and of the series with films that are fetched."""


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    json_lines: bool = True


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="FIRSTREAD_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data: Path = Path("firstread-data")
    """Folder of everything that the embedded mode keeps."""
    site: SiteSettings = SiteSettings()
    database: DatabaseSettings = DatabaseSettings()
    spool: SpoolSettings = SpoolSettings()
    broker: BrokerSettings = BrokerSettings()
    network: NetworkSettings = NetworkSettings()
    gateway: GatewaySettings = GatewaySettings()
    dicomweb: DicomwebSettings = DicomwebSettings()
    watch: WatchSettings = WatchSettings()
    worker: WorkerSettings = WorkerSettings()
    delivery: DeliverySettings = DeliverySettings()
    commitment: CommitmentSettings = CommitmentSettings()
    retention: RetentionSettings = RetentionSettings()
    hl7: Hl7Settings = Hl7Settings()
    priors: PriorsSettings = PriorsSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _data_fits(self) -> Self:
        if "\0" in str(self.data) or (self.embedded and "?" in str(self.data)):
            message = f"data must be a path without NUL and question mark: {str(self.data)!r}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _database_fits(self) -> Self:
        address = self.database.url
        if address and not address.startswith(("sqlite:///", "postgresql+psycopg://")):
            scheme = address.split(":", 1)[0] if ":" in address else "that"
            message = f"database.url must be sqlite:/// or postgresql+psycopg://, not {scheme}:"
            raise ValueError(message)
        return self

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database, with its password, which is read anew each time.

        Raises
        ------
        SettingsError
            If the password's file cannot be used.
        """
        section = self.database
        url = section.url or f"sqlite:///{self.data.absolute() / 'firstread.db'}"
        return with_password(url, section.password_file, "database.password_file")

    @property
    def broker_url(self) -> str | None:
        """The URL of Redis, with its password; None where the broker is a folder.

        Raises
        ------
        SettingsError
            If the password's file cannot be used.
        """
        section = self.broker
        if section.url is None:
            return None
        return with_password(section.url, section.password_file, "broker.password_file")

    @property
    def spool_folder(self) -> Path:
        """The folder of the durable file store."""
        return self.spool.folder or self.data.absolute() / "spool"

    @property
    def embedded(self) -> bool:
        """Whether this installation keeps everything in its own data folder."""
        return self.database.url is None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and arguments over both."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings from a TOML file and the environment.

    Parameters
    ----------
    path
        The file; None reads `firstread.toml` of the working folder where there is one.

    Returns
    -------
    Settings
        The checked tree.

    Raises
    ------
    SettingsError
        If the named file is missing, is no TOML, or a value does not fit; the text names each.
    """
    if path is not None and not path.is_file():
        message = f"there is no settings file {path}"
        raise SettingsError(message)
    source = path or Path("firstread.toml")

    class _FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=source)

    try:
        return _FromFile()
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()
        ]
        raise SettingsError("; ".join(lines)) from error
    except SourceError as error:
        # A variable that must hold JSON, such as a list, and does not.
        message = f'{error}; a list is written as JSON, such as ["XRAY1"]'
        raise SettingsError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{source}: {error}"
        raise SettingsError(message) from error
