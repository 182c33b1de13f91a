"""Settings of one installation: typed, nested, read once and passed in.

They come from a `firstread.toml` and from the environment, which wins: `FIRSTREAD_GATEWAY__PORT`
sets `gateway.port`. What administrators change while it runs (peers) lives in the database.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
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

from core.errors import SettingsError
from core.labels import Label

LONGEST_REMOTE_PAUSE: Final = 30.0
"""Seconds between two attempts at a remote model at most, whatever its endpoint asks for."""

AETitle = Annotated[
    str, Field(min_length=1, max_length=16, pattern=r"^[\x21-\x5b\x5d-\x7e][\x20-\x5b\x5d-\x7e]*$")
]
"""PS3.5 section 6.2, VR AE: no backslash, no control character, no leading space."""

QualityGate = Literal["refuse", "remark", "off"]
"""What becomes of a film that the quality gate would not have read."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"no time zone is called {name!r}"
        raise ValueError(message) from error
    return name


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSettings(_Section):
    """Who runs this installation."""

    institution: Annotated[str, Field(max_length=64, pattern=r"^[^\\\x00-\x1f\x7f]*$")] = ""
    """PS3.5 section 6.2, VR LO: no backslash, no control character."""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """IANA name of the zone in which DICOM dates and times are written."""
    reporting_system: Literal["external", "firstread"] = "external"
    """Who owns the final report."""
    authorised: bool = False
    """Whether an administrator recorded the site's authorisation for use on patients."""


class DatabaseSettings(_Section):
    """Where the truth is kept."""

    url: str | None = None
    """SQLAlchemy URL; None is `firstread.db` in the data folder."""


class SpoolSettings(_Section):
    """Where received objects and built results are kept."""

    folder: Path | None = None
    """None is `spool` in the data folder."""
    reserve_bytes: Annotated[int, Field(ge=0)] = 1 << 30
    """Free bytes under which C-STORE is answered Out of Resources."""


class BrokerSettings(_Section):
    """The doorbell between the gateway and the workers."""

    url: str | None = None
    """A redis:// URL; None is the file-system transport in the data folder."""
    polling_interval: Annotated[float, Field(gt=0)] = 0.05
    """Seconds between two looks of the file-system transport."""


class GatewaySettings(_Section):
    """The DICOM edge."""

    ae_title: AETitle = "FIRSTREAD"
    host: str = "0.0.0.0"  # noqa: S104 - the modalities send from other machines
    port: Annotated[int, Field(ge=0, le=65535)] = 11112
    """0 takes a free port."""
    retrieval_ae_title: AETitle = "FIRSTREAD_RTRV"
    """Second AE title on the same port: priors and films for an audit are fetched to it, and
    nothing that comes in by it is read by chance."""
    allowed_ae_titles: tuple[AETitle, ...] = ()
    """Calling AE titles let in beside the enabled peers'; empty lets in everybody only where
    `allow_unknown_peers` is set."""
    allow_unknown_peers: bool = False
    maximum_associations: Annotated[int, Field(ge=1)] = 50
    network_timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds of silence after which an association is ended."""
    maximum_pixels: Annotated[int, Field(ge=1)] = 100_000_000
    """Rows x Columns x frames above which an object is quarantined before decoding."""
    extra_sop_classes: tuple[str, ...] = ()
    """SOP Class UIDs accepted though not read, beside those of each peer's list."""
    study_idle_seconds: Annotated[float, Field(ge=0)] = 30.0
    """Quiet time of a study before its results are built."""

    @model_validator(mode="after")
    def _titles_differ(self) -> Self:
        if self.ae_title.strip() == self.retrieval_ae_title.strip():
            message = f"retrieval_ae_title must differ from ae_title: {self.ae_title!r}"
            raise ValueError(message)
        return self


class DicomwebSettings(_Section):
    """The HTTP door: STOW-RS (PS3.18 section 10.5), beside the DICOM listener."""

    enabled: bool = False
    host: str = "127.0.0.1"
    """Another machine's senders need another address, and that needs `tokens_file`."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8042
    """0 takes a free port."""
    tokens_file: Path | None = None
    """TOML file of `"AE TITLE" = "token"` lines; None lets in everybody on this machine."""
    ae_title: AETitle = "DICOMWEB"
    """As whom senders on this machine count where there is no `tokens_file`."""
    maximum_object_bytes: Annotated[int, Field(ge=1)] = 1 << 30
    maximum_request_bytes: Annotated[int, Field(ge=1)] = 8 << 30
    idle_seconds: Annotated[float, Field(gt=0)] = 60.0
    """Silence within a request after which it is ended."""

    @model_validator(mode="after")
    def _only_this_machine_without_tokens(self) -> Self:
        if self.tokens_file is None and not _is_loopback(self.host):
            message = f"without tokens_file host must be this machine's own, not {self.host!r}"
            raise ValueError(message)
        return self


class WatchSettings(_Section):
    """A folder whose files are taken in."""

    enabled: bool = False
    folder: Path | None = None
    """Its sub-folders `done` and `refused` are made where they are missing; they and the folder
    must lie on one file system."""
    ae_title: AETitle = "WATCH"
    """As whom the files come: an enabled peer with `sends_films`, or one of
    `gateway.allowed_ae_titles`."""
    poll_seconds: Annotated[float, Field(gt=0)] = 2.0
    settle_seconds: Annotated[float, Field(ge=0)] = 5.0
    """How long a file must lie still before it counts as whole."""
    remove_stored: bool = False
    """Remove files that are stored instead of moving them to `done`."""

    @model_validator(mode="after")
    def _enabled_with_a_folder(self) -> Self:
        if self.enabled and self.folder is None:
            message = "enabled needs a folder"
            raise ValueError(message)
        return self


class RemoteSettings(_Section):
    """A model behind an OpenAI-compatible endpoint, for `worker.engine = "remote"`."""

    url: str | None = None
    """`http[s]://host[:port][/path]`, with or without its `/v1`; never with a password in it."""
    model: str = ""
    """The model's name there."""
    family: str = "radvlm"
    """Whose words it was trained on: a key that `firstread model check` shows."""
    networks: tuple[IPvAnyNetwork, ...] = ()
    """Where the endpoint may be, as 10.1.2.0/24; empty is this very machine only."""
    api_key_file: Path | None = None
    """File with the endpoint's key and nothing else."""
    ca_file: Path | None = None
    """Certificates (PEM) of the authorities to be trusted instead of the system's."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 120.0
    """Longest time from a question to the end of its answer."""
    retries: Annotated[int, Field(ge=0, le=20)] = 3
    """Further attempts at a question where the endpoint is busy or cannot be reached."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """Questions that are under way at once."""
    version: str = ""
    """Version of the weights, as the administrator knows it: nobody can check it from here."""
    labels: tuple[Label, ...] | None = None
    """What it was trained on; None is its family's."""
    demo: bool = False
    """Whether it is the demonstration model, whose results are held back."""


class WorkerSettings(_Section):
    """The model's side."""

    engine: Literal["local", "remote"] = "local"
    """Where the model runs: in the worker itself, or behind the endpoint of `worker.remote`."""
    remote: RemoteSettings = RemoteSettings()
    model: Path | None = None
    """Model folder; None is the demonstration model that comes with FirstRead."""
    grounding_model: Path | None = None
    """Folder of a second model, which shows where findings lie if the first one cannot."""
    calibration: Path | None = None
    """A calibration of the model's scores by the site's own films, from `firstread model
    calibrate`; None shows the model's own."""
    device: str = "auto"
    """`cpu`, `cuda`, `cuda:1`, ...; `auto` takes an accelerator where there is one."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    system_prompt: bool = False
    """Put RadVLM's training-time system turn before the question; published inference does not."""
    quality_gate: QualityGate = "refuse"
    """`refuse` does not read a film whose pixels show no upright, whole frontal chest, and says
    why; `remark` reads it and says why it should not have been; `off` does not look. What a header
    leaves open the pixels must show in any case."""
    lease_seconds: Annotated[float, Field(gt=0)] = 60.0
    """How long a claim lasts without a heartbeat."""
    progress_timeout_seconds: Annotated[float, Field(gt=0)] = 300.0
    """Seconds without progress after which the watchdog ends the worker process."""
    maximum_attempts: Annotated[int, Field(ge=1)] = 3
    """Attempts at one film before it fails."""
    self_test: bool = True
    """Whether a model must show, before it serves, that it looks at its pictures."""
    away_pause_seconds: Annotated[float, Field(gt=0)] = 15.0
    """How long a film waits where the endpoint is away; such an attempt is not counted."""

    @model_validator(mode="after")
    def _remote_fits(self) -> Self:
        if self.engine == "local":
            return self
        if not self.remote.url or not self.remote.model.strip():
            message = "engine = 'remote' needs remote.url and remote.model"
            raise ValueError(message)
        if self.calibration is not None:
            message = "a remote engine gives no scores that a calibration could be for"
            raise ValueError(message)
        if self.system_prompt:
            message = "system_prompt cannot be had of a remote engine, whose own template decides"
            raise ValueError(message)
        silence = self.remote.timeout_seconds + LONGEST_REMOTE_PAUSE
        if silence >= self.progress_timeout_seconds:
            message = (
                f"an endpoint may be silent for {silence:g} s (remote.timeout_seconds and a pause "
                f"of {LONGEST_REMOTE_PAUSE:g}), which progress_timeout_seconds must exceed"
            )
            raise ValueError(message)
        return self


class DeliverySettings(_Section):
    """How results travel."""

    first_retry_seconds: Annotated[float, Field(gt=0)] = 5.0
    longest_retry_seconds: Annotated[float, Field(gt=0)] = 900.0
    network_timeout: Annotated[float, Field(gt=0)] = 30.0
    poll_seconds: Annotated[float, Field(gt=0)] = 0.25


class PriorsSettings(_Section):
    """Which earlier films and reports of a patient are fetched to stand beside a draft."""

    enabled: bool = True
    """Whether peers that give priors are asked at all."""
    most: Annotated[int, Field(ge=1, le=20)] = 3
    """Studies of one patient at most, the newest."""
    years: Annotated[int, Field(ge=1, le=100)] = 5
    """How far back."""
    modalities: Annotated[tuple[Literal["CR", "DX", "RG"], ...], Field(min_length=1)] = ("CR", "DX")
    """Of the studies that are asked for, and of the series with films that are fetched."""


class LogSettings(_Section):
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
    gateway: GatewaySettings = GatewaySettings()
    dicomweb: DicomwebSettings = DicomwebSettings()
    watch: WatchSettings = WatchSettings()
    worker: WorkerSettings = WorkerSettings()
    delivery: DeliverySettings = DeliverySettings()
    priors: PriorsSettings = PriorsSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _data_fits(self) -> Self:
        if "\0" in str(self.data) or (self.embedded and "?" in str(self.data)):
            message = f"data must be a path without NUL and question mark: {str(self.data)!r}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _database_fits(self) -> Self:
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            scheme = self.database_url.split(":", 1)[0]
            message = f"database.url must be sqlite:/// or postgresql+psycopg://, not {scheme}:"
            raise ValueError(message)
        return self

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database.url or f"sqlite:///{self.data.absolute() / 'firstread.db'}"

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
