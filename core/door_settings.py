"""Settings of the doors by which films come in: DICOM, with and without TLS, HTTP, and a folder."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, IPvAnyNetwork, model_validator

from core.networks import ANY_NETWORK
from core.settings_section import Section

AETitle = Annotated[
    str, Field(min_length=1, max_length=16, pattern=r"^[\x21-\x5b\x5d-\x7e][\x20-\x5b\x5d-\x7e]*$")
]
"""PS3.5 section 6.2, VR AE: no backslash, no control character, no leading space."""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class TlsSettings(Section):
    """The TLS door of the DICOM listener, with certificates on both sides (PS3.15 annex B)."""

    enabled: bool = False
    port: Annotated[int, Field(ge=0, le=65535)] = 2762
    """Beside the plain port; 0 takes a free one."""
    certificate_file: Path | None = None
    """Our certificate (PEM), with the authorities in between."""
    key_file: Path | None = None
    ca_file: Path | None = None
    """Authorities (PEM) from which a caller's certificate must come."""
    profile: Literal["bcp195", "extended-bcp195"] = "bcp195"
    """PS3.15 section B.12 (TLS 1.2 and 1.3) or B.13 (fewer ciphers, stronger keys)."""
    handshake_seconds: Annotated[float, Field(gt=0)] = 10.0

    @model_validator(mode="after")
    def _enabled_with_files(self) -> Self:
        files = (self.certificate_file, self.key_file, self.ca_file)
        if self.enabled and None in files:
            message = "enabled needs certificate_file, key_file and ca_file"
            raise ValueError(message)
        return self


class GatewaySettings(Section):
    """The DICOM edge."""

    ae_title: AETitle = "FIRSTREAD"
    host: str = "0.0.0.0"  # noqa: S104 - the modalities send from other machines
    port: Annotated[int, Field(ge=0, le=65535)] = 11112
    """0 takes a free port."""
    retrieval_ae_title: AETitle = "FIRSTREAD_RTRV"
    """Second AE title on the same port: priors and films for an audit are fetched to it, and
    nothing that comes in by it is read by chance."""
    allowed_ae_titles: tuple[AETitle, ...] = ()
    """Calling AE titles let in beside the enabled peers', from anywhere unless a peer has the
    title; empty lets in everybody only where `allow_unknown_peers` is set."""
    allow_unknown_peers: bool = False
    plain: bool = True
    """Whether the port without TLS is open; without it `tls` must be enabled."""
    networks: tuple[IPvAnyNetwork, ...] = ANY_NETWORK
    """Networks from which anybody may connect at all; each peer has its own besides."""
    maximum_associations: Annotated[int, Field(ge=1)] = 50
    maximum_associations_per_caller: Annotated[int, Field(ge=1)] = 20
    """Of one calling AE title, where its peer says nothing else."""
    network_timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds of silence after which an association is ended."""
    maximum_pixels: Annotated[int, Field(ge=1)] = 100_000_000
    """Rows x Columns x frames above which an object is quarantined before decoding."""
    extra_sop_classes: tuple[str, ...] = ()
    """SOP Class UIDs accepted though not read, beside those of each peer's list."""
    study_idle_seconds: Annotated[float, Field(ge=0)] = 30.0
    """Quiet time of a study before its results are built."""
    tls: TlsSettings = TlsSettings()

    @model_validator(mode="after")
    def _some_port_is_open(self) -> Self:
        if not self.plain and not self.tls.enabled:
            message = "plain = false needs tls.enabled"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _titles_differ(self) -> Self:
        if self.ae_title.strip() == self.retrieval_ae_title.strip():
            message = f"retrieval_ae_title must differ from ae_title: {self.ae_title!r}"
            raise ValueError(message)
        return self


class DicomwebSettings(Section):
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


class WatchSettings(Section):
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
