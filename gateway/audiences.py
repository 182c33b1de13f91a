"""Which peers share a result object: those that want it alike and have the same before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from db.models import Peer
from db.predecessors import SentResult
from dicom_sr.context import CharacterSet, PresentationLutShape, Replaced, SrClass, Variant


@dataclass(frozen=True, slots=True)
class Audience:
    """The peers that share one variant.

    Parameters
    ----------
    variant
        What they want.
    peer_ids
        Their rows; none where no peer takes results, and the objects are kept all the same.
    replaces
        What these peers already have of the film that is built for.
    """

    variant: Variant
    peer_ids: tuple[int, ...]
    replaces: tuple[Replaced, ...] = ()


def audiences(peers: Sequence[Peer]) -> list[Audience]:
    """Group the peers that take results by what they want.

    Parameters
    ----------
    peers
        All enabled peers.

    Returns
    -------
    list of Audience
        One for each variant, in the order of their keys; the default variant for nobody where
        no peer takes results.

    Raises
    ------
    ValueError
        If a peer's row asks for something that no builder knows.
    """
    groups: dict[Variant, list[int]] = {}
    for peer in peers:
        if peer.takes_results:
            variant = Variant(
                # Checked by `Variant`, as every value from outside is.
                presentation_lut_shape=cast("PresentationLutShape", peer.presentation_lut_shape),
                sr_class=cast("SrClass", peer.sr_class),
                series_number_base=peer.series_number_base,
                series_description=peer.series_description,
                character_set=cast("CharacterSet", peer.character_set),
            )
            groups.setdefault(variant, []).append(peer.id)
    found = [Audience(variant, tuple(ids)) for variant, ids in groups.items()]
    return sorted(found, key=lambda audience: audience.variant.key) or [Audience(Variant(), ())]


def by_predecessors(groups: Iterable[Audience], sent: Sequence[SentResult]) -> list[Audience]:
    """Divide peers that want the same by what they already have of the same film.

    A predecessor is named only to a peer that has it, or may have it.

    Parameters
    ----------
    groups
        As `audiences` gives them.
    sent
        What was sent of the film before.
    """
    had: dict[int, list[SentResult]] = {}
    for one in sent:
        had.setdefault(one.peer_id, []).append(one)
    divided: list[Audience] = []
    for group in groups:
        shared: dict[tuple[Replaced, ...], list[int]] = {}
        for peer_id in group.peer_ids:
            earlier = sorted(had.get(peer_id, ()), key=lambda one: one.kind)
            replaces = tuple(
                Replaced(one.kind, one.sop_class_uid, one.uid, one.series_uid) for one in earlier
            )
            shared.setdefault(replaces, []).append(peer_id)
        divided += [
            Audience(group.variant, tuple(peers), replaces) for replaces, peers in shared.items()
        ] or [group]
    return divided
