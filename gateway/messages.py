"""Messages to reporting systems, of one report version or to take earlier ones back."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydicom.dataset import Dataset

from core.report import ReportVersion
from core.settings import Hl7Settings
from core.states import ResultKind
from db.models import Peer
from db.publishable import Publishable
from db.publishing import BuiltObject
from db.retractions import Retraction
from db.spool import Spool
from dicom_sr.context import BuildContext, FilmPlace
from gateway.hl7.envelope import Envelope, Standing, Withdrawal, message_uid
from gateway.hl7.message import oru, withdrawal
from gateway.retracting import words_of


def envelopes(peers: Sequence[Peer], settings: Hl7Settings) -> dict[int, Envelope]:
    """Give how each peer that takes messages is written to.

    Parameters
    ----------
    peers
        Enabled peers.
    settings
        How FirstRead calls itself.
    """
    return {
        peer.id: Envelope(
            settings.sending_application,
            settings.sending_facility,
            peer.receiving_application,
            peer.receiving_facility,
        )
        for peer in peers
        if peer.protocol == "hl7" and peer.takes_results
    }


def build_messages(
    item: Publishable,
    to: Mapping[int, Envelope],
    source: Dataset,
    *,
    site: BuildContext,
    spool: Spool,
) -> list[BuiltObject]:
    """Build and keep the messages of a version, one for all peers that have the same before it.

    Parameters
    ----------
    item
        The version.
    to
        As `envelopes` gives it.
    source
        The film's header, with what was last told of the patient.
    site
        What the site says of every result.
    spool
        Where the bytes are kept.

    Raises
    ------
    OSError
        If an earlier message, or room for this one, is missing.
    """
    if ResultKind.ORU not in item.kinds:
        return []
    shared: dict[tuple[Envelope, tuple[Path, ...]], list[int]] = defaultdict(list)
    for peer_id, envelope in to.items():
        had = tuple(one.path for one in item.messages if one.peer_id == peer_id)
        shared[envelope, had].append(peer_id)
    context = replace(site, place=FilmPlace(item.number, item.of, item.view))
    built = []
    for (envelope, had), peer_ids in shared.items():
        standing = Standing(item.tier, tuple(path.read_bytes() for path in had))
        data = oru(
            item.reading, item.version, source, context, envelope=envelope, standing=standing
        )
        uid = message_uid(item.version.id, envelope, standing.earlier)
        kept = _kept(spool, data, uid, ResultKind.ORU, item.version)
        built.append(replace(kept, variant_key=envelope.key, peer_ids=tuple(peer_ids)))
    return built


def take_messages_back(
    item: Retraction,
    to: Mapping[int, Envelope],
    source: Dataset,
    *,
    site: BuildContext,
    spool: Spool,
) -> list[BuiltObject]:
    """Build and keep the messages that take earlier ones back; parameters as above."""
    shared: dict[Envelope, list[int]] = defaultdict(list)
    for peer_id in item.peer_ids:
        shared[to[peer_id]].append(peer_id)
    built = []
    for envelope, peer_ids in shared.items():
        standing = Standing(item.tier, tuple(one.path.read_bytes() for one in item.objects))
        data = withdrawal(
            item.reading,
            item.version,
            source,
            site,
            envelope=envelope,
            standing=standing,
            withdrawn=Withdrawal(words_of(item), item.rejected_at, item.author),
        )
        uid = message_uid(item.version.id, envelope, standing.earlier, withdrawn=True)
        kept = _kept(spool, data, uid, ResultKind.REJECTION, item.version)
        built.append(
            replace(
                kept,
                variant_key=envelope.key,
                peer_ids=tuple(peer_ids),
                rejects=tuple(one.uid for one in item.objects),
            )
        )
    return built


def _kept(
    spool: Spool, data: bytes, uid: str, kind: ResultKind, version: ReportVersion
) -> BuiltObject:
    return BuiltObject(
        uid=uid,
        kind=kind,
        variant_key="",
        path=spool.keep_bytes(data, "oru.hl7"),
        sha256=hashlib.sha256(data).hexdigest(),
        sop_class_uid="",
        series_uid="",
        reading_id=version.reading_id,
        version_id=version.id,
    )
