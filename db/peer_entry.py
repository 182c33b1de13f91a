"""One `[[peer]]` table of a TOML file, checked; `db.models.Peer` says what each value means."""

from ipaddress import ip_network
from string import Formatter
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core.results import SERIES_DESCRIPTION, SERIES_DESCRIPTION_WORDS
from core.settings import AETitle
from core.states import DRAFT_KINDS, EXTRA_KINDS, CommitmentWay, ResultKind
from core.uids import is_uid

_HOST = r"^([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?$|^[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?$"
"""A host name's labels (RFC 1123, and the underscores that Windows networks add), or IPv6."""


def _printable(text: str) -> str:
    if not text.isprintable():
        message = f"a name of printable characters is wanted, not {text!r}"
        raise ValueError(message)
    return text


def _printable_or_empty(text: str) -> str:
    return _printable(text) if text else text


def _uid(text: str) -> str:
    if not is_uid(text):
        message = f"no UID: {text!r}"
        raise ValueError(message)
    return text


def _sent_by_dicom(kinds: list[ResultKind]) -> list[ResultKind]:
    others = [kind.value for kind in kinds if kind not in (*DRAFT_KINDS, *EXTRA_KINDS)]
    if others:
        message = f"not for a peer to choose: {', '.join(others)}"
        raise ValueError(message)
    return list(dict.fromkeys(kinds))


def _template(text: str) -> str:
    """Check the template of a Series Description; plain fields only, so that none can be huge."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        message = f"no template: {text!r}: {error}"
        raise ValueError(message) from error
    names = {name for _, name, *_ in parts}
    if not names <= SERIES_DESCRIPTION_WORDS or any(spec or how for _, _, spec, how in parts):
        message = f"no template with plain {{kind}}, {{film}} and {{notice}}: {text!r}"
        raise ValueError(message)
    if "notice" not in names or not text.isprintable() or "\\" in text:
        message = f"a series description must hold {{notice}} and no backslash: {text!r}"
        raise ValueError(message)
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        message = f"no network such as 10.20.0.0/24: {text!r}"
        raise ValueError(message) from error


Hour = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^$")]
Hl7Name = Annotated[str, Field(max_length=20), AfterValidator(_printable_or_empty)]
_DICOM_ONLY = {
    "ae_title",
    "sends_films",
    "takes_rejections",
    "gives_priors",
    "accepted_sop_classes",
    "result_kinds",
    "series_number_base",
    "series_description",
    "presentation_lut_shape",
    "sr_class",
    "commitment",
    "commitment_seconds",
    "calling_networks",
    "certificate_names",
    "maximum_associations",
    "maximum_pdu",
    "idle_seconds",
}
_HL7_ONLY = {
    "receiving_application",
    "receiving_facility",
}
NOT_OF: Final = {"dicom": _HL7_ONLY, "hl7": _DICOM_ONLY}
"""By protocol: what an entry of it does not have."""


class PeerEntry(BaseModel):
    """One `[[peer]]` table; what each value means stands at `db.models.Peer`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
    protocol: Literal["dicom", "hl7"] = "dicom"
    ae_title: AETitle | Literal[""] = ""
    host: Annotated[str, Field(max_length=253, pattern=_HOST)]
    port: Annotated[int, Field(ge=1, le=65535)]
    enabled: bool = True
    sends_films: bool = False
    takes_results: bool = False
    accepts_demo: bool = False
    takes_rejections: bool = False
    gives_priors: bool = False
    accepted_sop_classes: list[Annotated[str, AfterValidator(_uid)]] = []
    presentation_lut_shape: Literal["auto", "IDENTITY", "INVERSE"] = "auto"
    sr_class: Literal["comprehensive3d", "comprehensive"] = "comprehensive3d"
    result_kinds: Annotated[list[ResultKind], AfterValidator(_sent_by_dicom)] = Field(
        default_factory=lambda: [*DRAFT_KINDS]
    )
    series_number_base: Annotated[int, Field(ge=1, le=2**31 - 100)] = 9001
    series_description: Annotated[str, AfterValidator(_template)] = SERIES_DESCRIPTION
    character_set: Literal["ISO_IR 192", "ISO_IR 100"] = "ISO_IR 192"
    lines: Annotated[int, Field(ge=1, le=16)] = 1
    quiet_from: Hour = ""
    quiet_until: Hour = ""
    commitment: CommitmentWay = CommitmentWay.NONE
    commitment_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 600.0
    calling_networks: list[Annotated[str, AfterValidator(_network)]] = []
    certificate_names: list[Annotated[str, Field(max_length=253), AfterValidator(_printable)]] = []
    maximum_associations: Annotated[int, Field(ge=1)] | None = None
    maximum_pdu: Annotated[int, Field(ge=4096, le=1 << 20)] | None = None
    idle_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    receiving_application: Hl7Name = ""
    receiving_facility: Hl7Name = ""
    tls: bool = False
    tls_ca_file: str = ""
    tls_certificate_file: str = ""
    tls_key_file: str = ""

    @model_validator(mode="after")
    def _fits_its_protocol(self) -> Self:
        if self.protocol == "dicom" and not self.ae_title:
            message = "a DICOM peer needs an ae_title"
            raise ValueError(message)
        told = sorted(NOT_OF[self.protocol] & self.model_fields_set)
        if told:
            message = f"a peer of protocol {self.protocol!r} has no {', '.join(told)}"
            raise ValueError(message)
        if bool(self.tls_certificate_file) != bool(self.tls_key_file):
            message = "tls_certificate_file and tls_key_file go together"
            raise ValueError(message)
        if bool(self.quiet_from) != bool(self.quiet_until) or (
            self.quiet_from and self.quiet_from == self.quiet_until
        ):
            message = "quiet_from and quiet_until go together, and differ"
            raise ValueError(message)
        return self
