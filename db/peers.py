"""Peers: import from and export to TOML, and the rule for demo results.

::

    [[peer]]
    name = "pacs"
    ae_title = "PACS"
    host = "10.0.0.5"
    port = 104
    takes_results = true

A peer is known by its name. Peers that a file does not name are left as they are; one that is
to be silent is named with `enabled = false`.
"""

import json
import tomllib
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import SettingsError
from core.results import SERIES_DESCRIPTION, SERIES_DESCRIPTION_WORDS
from core.settings import AETitle
from core.states import DRAFT_KINDS, EXTRA_KINDS, DeliveryState, ResultKind
from core.uids import is_uid
from db.audit import record
from db.models import AuditAction, Delivery, Peer, ReadingRow, ResultObject

HELD_DEMO = "held: a demonstration model's result, which this peer does not accept"


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
    """Check the template of a Series Description by filling it."""
    try:
        fields = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        text.format(**dict.fromkeys(SERIES_DESCRIPTION_WORDS, ""))
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        message = f"no template with {{kind}}, {{film}} and {{notice}}: {text!r}"
        raise ValueError(message) from error
    if "notice" not in fields or not text.isprintable() or "\\" in text:
        message = f"a series description must hold {{notice}} and no backslash: {text!r}"
        raise ValueError(message)
    return text


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
}
_HL7_ONLY = {
    "receiving_application",
    "receiving_facility",
    "tls",
    "tls_ca_file",
    "tls_certificate_file",
    "tls_key_file",
}
_OTHERS = {"dicom": _HL7_ONLY, "hl7": _DICOM_ONLY}
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
        told = sorted(_OTHERS[self.protocol] & self.model_fields_set)
        if told:
            message = f"a peer of protocol {self.protocol!r} has no {', '.join(told)}"
            raise ValueError(message)
        if bool(self.tls_certificate_file) != bool(self.tls_key_file):
            message = "tls_certificate_file and tls_key_file go together"
            raise ValueError(message)
        return self


class _PeerFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    peer: list[PeerEntry] = []


def import_peers(session: Session, path: Path, *, actor: str = "administrator") -> list[Peer]:
    """Add or change the peers that a TOML file names.

    Returns
    -------
    list of Peer
        One for each entry, in the file's order.

    Raises
    ------
    SettingsError
        If the file is no such file; nothing is changed, and the text names each mistake.
    """
    entries = _entries(path)
    peers = [save_peer(session, entry) for entry in entries]
    record(
        session, AuditAction.PEERS_IMPORTED, actor=actor, peers=[entry.name for entry in entries]
    )
    return peers


def save_peer(session: Session, entry: PeerEntry) -> Peer:
    """Add a peer or change the one of the same name; its held deliveries follow `accepts_demo`."""
    peer = session.scalars(
        select(Peer).where(Peer.name == entry.name).with_for_update(key_share=True)
    ).one_or_none()
    if peer is None:
        peer = Peer(name=entry.name)
        session.add(peer)
    for column, value in entry.model_dump().items():
        setattr(peer, column, value)
    # Whoever changes a peer wants it tried now.
    peer.next_attempt_at = None
    peer.failures = 0
    peer.changed_at = now()
    session.flush()
    _apply_demo_rule(session, peer)
    return peer


def export_peers(session: Session) -> str:
    """Give all peers as the TOML text that `import_peers` reads."""
    peers = session.scalars(select(Peer).order_by(Peer.name))
    return "\n".join(_table(peer) for peer in peers)


def enabled_peers(session: Session) -> list[Peer]:
    """List the enabled peers by name, whatever they speak."""
    return list(session.scalars(select(Peer).where(Peer.enabled).order_by(Peer.name)))


def dicom_peers(session: Session) -> list[Peer]:
    """List the enabled peers that speak DICOM, by name."""
    return [peer for peer in enabled_peers(session) if peer.protocol == "dicom"]


def _entries(path: Path) -> list[PeerEntry]:
    try:
        entries = _PeerFile.model_validate(tomllib.loads(path.read_text("utf-8"))).peer
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        message = f"{path}: {'; '.join(lines)}"
        raise SettingsError(message) from error
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise SettingsError(message) from error
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{path}: named more than once: {', '.join(twice)}"
        raise SettingsError(message)
    return entries


def _apply_demo_rule(session: Session, peer: Peer) -> None:
    demo = (
        select(ResultObject.id)
        .join(ReadingRow, ReadingRow.id == ResultObject.reading_id)
        .where(ReadingRow.demo, ResultObject.kind != ResultKind.REJECTION)
    )
    if peer.accepts_demo:
        before, after, words = DeliveryState.HELD, DeliveryState.WAITING, ""
    else:
        before, after, words = DeliveryState.WAITING, DeliveryState.HELD, HELD_DEMO
    session.execute(
        update(Delivery)
        .where(Delivery.peer_id == peer.id, Delivery.state == before, Delivery.result_id.in_(demo))
        .values(state=after, words=words, changed_at=now())
    )


def entry_of(peer: Peer) -> PeerEntry:
    """Give a peer's row as the entry that it would be imported from."""
    told = {
        name: getattr(peer, name)
        for name in PeerEntry.model_fields
        if name not in _OTHERS[peer.protocol]
    }
    return PeerEntry.model_validate(told)


def _table(peer: Peer) -> str:
    values = entry_of(peer).model_dump(exclude=_OTHERS[peer.protocol])
    lines = [f"{name} = {_value(value)}" for name, value in values.items()]
    return "\n".join(["[[peer]]", *lines, ""])


def _value(value: object) -> str:
    # TOML's basic strings, numbers, booleans and arrays are written as JSON's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
