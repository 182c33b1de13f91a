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

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import SettingsError
from core.states import DeliveryState, ResultKind
from db.audit import ADMINISTRATOR, record
from db.commitments import ask_all_anew
from db.models import AuditAction, Delivery, Peer, ReadingRow, ResultObject
from db.peer_entry import NOT_OF, PeerEntry
from db.retractions import ask_what_remains

HELD_DEMO = "held: a demonstration model's result, which this peer does not accept"


class _PeerFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    peer: list[PeerEntry] = []


def import_peers(session: Session, path: Path, *, actor: str = ADMINISTRATOR) -> list[Peer]:
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
    peers = [_save(session, entry) for entry in entries]
    # Studies are locked after all peers.
    ask_what_remains(session, [peer.id for peer in peers])
    record(
        session, AuditAction.PEERS_IMPORTED, actor=actor, peers=[entry.name for entry in entries]
    )
    return peers


def save_peer(session: Session, entry: PeerEntry) -> Peer:
    """Add a peer or change the one of the same name; its held deliveries follow `accepts_demo`.

    What was rejected while nothing could be taken back there is asked back, where it can be now.
    """
    peer = _save(session, entry)
    ask_what_remains(session, [peer.id])
    return peer


def _save(session: Session, entry: PeerEntry) -> Peer:
    peer = session.scalars(
        select(Peer).where(Peer.name == entry.name).with_for_update(key_share=True)
    ).one_or_none()
    if peer is None:
        peer = Peer(name=entry.name)
        session.add(peer)
    for column, value in entry.model_dump().items():
        setattr(peer, column, value)
    # Whoever changes a peer wants it tried now, and as the entry says.
    peer.learned_sr_class = ""
    peer.next_attempt_at = peer.commitment_at = None
    peer.failures = peer.commitment_failures = 0
    peer.commitment_error = None
    peer.changed_at = now()
    session.flush()
    session.execute(
        update(Delivery)
        .where(Delivery.peer_id == peer.id, Delivery.state == DeliveryState.WAITING)
        .values(next_attempt_at=None)
    )
    _apply_demo_rule(session, peer)
    ask_all_anew(session, peer.id)
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
        if name not in NOT_OF[peer.protocol]
    }
    return PeerEntry.model_validate(told)


def _table(peer: Peer) -> str:
    values = entry_of(peer).model_dump(exclude=NOT_OF[peer.protocol])
    lines = [f"{name} = {_value(value)}" for name, value in values.items() if value is not None]
    return "\n".join(["[[peer]]", *lines, ""])


def _value(value: object) -> str:
    # TOML's basic strings, numbers, booleans and arrays are written as JSON's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
