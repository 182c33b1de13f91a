"""Which peers share a result object: those that want it alike and have the same before it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from core.states import DRAFT_KINDS, ResultKind
from db.models import Peer
from db.predecessors import SentResult
from dicom_sr.context import CharacterSet, PresentationLutShape, Replaced, SrClass, Variant


@dataclass(frozen=True, slots=True)
class Taker:
    """A peer's row, and the kinds of results that it gets."""

    peer_id: int
    kinds: frozenset[ResultKind]


@dataclass(frozen=True, slots=True)
class Audience:
    """The peers that share one variant.

    Parameters
    ----------
    variant
        What they want.
    takers
        The peers; none where no peer takes results, and the objects are kept all the same.
    replaces
        What these peers already have of the film that is built for.
    """

    variant: Variant
    takers: tuple[Taker, ...] = ()
    replaces: tuple[Replaced, ...] = ()

    @property
    def kinds(self) -> frozenset[ResultKind]:
        """All that any of them gets."""
        if not self.takers:
            return frozenset(DRAFT_KINDS)
        return frozenset().union(*(taker.kinds for taker in self.takers))

    def peers_for(self, kind: ResultKind) -> tuple[int, ...]:
        """Give the peers that get a kind."""
        return tuple(taker.peer_id for taker in self.takers if kind in taker.kinds)


def audiences(peers: Iterable[Peer]) -> list[Audience]:
    """Group the peers that take results by how they want them.

    Parameters
    ----------
    peers
        Enabled peers that speak DICOM.

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
    groups: dict[Variant, list[Taker]] = {}
    for peer in peers:
        if peer.takes_results:
            variant = Variant(
                # Checked by `Variant`, as every value from outside is.
                presentation_lut_shape=cast("PresentationLutShape", peer.presentation_lut_shape),
                sr_class=cast("SrClass", peer.learned_sr_class or peer.sr_class),
                series_number_base=peer.series_number_base,
                series_description=peer.series_description,
                character_set=cast("CharacterSet", peer.character_set),
            )
            taker = Taker(peer.id, frozenset(map(ResultKind, peer.result_kinds)))
            groups.setdefault(variant, []).append(taker)
    found = [Audience(variant, tuple(takers)) for variant, takers in groups.items()]
    return sorted(found, key=lambda audience: audience.variant.key) or [Audience(Variant())]


def variant_of(groups: Iterable[Audience], peer_id: int) -> Variant:
    """Give how a peer wants its objects; the default variant where it is in no group."""
    return next(
        (group.variant for group in groups if peer_id in {one.peer_id for one in group.takers}),
        Variant(),
    )


def by_predecessors(
    groups: Iterable[Audience], sent: Sequence[SentResult], kinds: Collection[ResultKind]
) -> list[Audience]:
    """Divide peers that want the same by what they already have of the same film.

    A predecessor is named only to a peer that has it, or may have it.

    Parameters
    ----------
    groups
        As `audiences` gives them.
    sent
        What was sent of the film before.
    kinds
        What is to be built.
    """
    had: dict[int, list[SentResult]] = {}
    for one in sent:
        if one.kind in kinds:
            had.setdefault(one.peer_id, []).append(one)
    divided: list[Audience] = []
    for group in groups:
        shared: dict[tuple[Replaced, ...], list[Taker]] = {}
        for taker in group.takers:
            earlier = sorted(had.get(taker.peer_id, ()), key=lambda one: one.kind)
            replaces = tuple(
                Replaced(one.kind, one.sop_class_uid, one.uid, one.series_uid, one.of)
                for one in earlier
                if one.kind in taker.kinds
            )
            shared.setdefault(replaces, []).append(taker)
        divided += [
            replace(group, takers=tuple(takers), replaces=replaces)
            for replaces, takers in shared.items()
        ] or [group]
    return divided
