"""Compares what was acknowledged with what the peers have; pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.states import DRAFT_KINDS, ResultKind
from evaluation.chaos.holdings import Held, by_film


@dataclass(frozen=True, slots=True)
class Account:
    """What is not as it should be; every list is of UIDs with a word of where and what.

    Parameters
    ----------
    lost
        An acknowledged film, a peer that lacks one of its results, and no visible reason.
    two_drafts
        A film with results of two readings at a peer, neither of which replaces the other.
    duplicate_objects
        Two objects of one kind for one reading of a film at a peer, or one UID with two contents.
    stuck
        An acknowledged film that still waits or is being read.
    """

    lost: list[str] = field(default_factory=list)
    two_drafts: list[str] = field(default_factory=list)
    duplicate_objects: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.two_drafts or self.duplicate_objects or self.stuck)


def account(
    acknowledged: Collection[str],
    peers: Mapping[str, Sequence[Held]],
    *,
    under_way: Collection[str] = (),
    told: Collection[str] = (),
) -> Account:
    """Balance the books.

    Parameters
    ----------
    acknowledged
        UIDs of the films that are to be read, and were answered with success.
    peers
        By name: what each has.
    under_way
        UIDs of films whose reading or delivery the installation has still before it.
    told
        UIDs of films of which the installation shows why they have no result.
    """
    result = Account()
    result.stuck.extend(sorted(set(acknowledged) & set(under_way)))
    for name, held in peers.items():
        films = by_film(held)
        result.duplicate_objects.extend(f"{name}: {uid}" for uid in _of_two_contents(held))
        for uid, objects in sorted(films.items()):
            _count(result, f"{name}: {uid}", objects)
        for uid in sorted(set(acknowledged) - set(under_way) - set(told)):
            there = {one.kind for one in films.get(uid, ())}
            missing = [kind.value for kind in DRAFT_KINDS if kind not in there]
            if missing:
                result.lost.append(f"{name}: {uid} lacks {', '.join(missing)}")
    return result


def _count(result: Account, where: str, objects: Sequence[Held]) -> None:
    replaced = {uid for one in objects for uid in one.replaces}
    current: dict[ResultKind, dict[str, Held]] = defaultdict(dict)
    for one in objects:
        if one.uid not in replaced:
            current[one.kind][one.uid] = one
    readings = {one.reading for one in current[ResultKind.FINDINGS_SR].values()}
    if len(readings) > 1:
        result.two_drafts.append(where)
    for kind, same in current.items():
        # A presentation state names no reading and replaces none: one for each that was made.
        most = _made(objects) if kind is ResultKind.GSPS else len(readings)
        if len(same) > max(1, most):
            result.duplicate_objects.append(f"{where} has {len(same)} of {kind.value}")


def _made(objects: Sequence[Held]) -> int:
    """Count the readings that a film's objects are of, replaced ones among them."""
    return len({one.reading for one in objects if one.kind is ResultKind.FINDINGS_SR})


def _of_two_contents(held: Iterable[Held]) -> list[str]:
    contents: dict[str, set[str]] = defaultdict(set)
    for one in held:
        contents[one.uid].add(one.sha256)
    return [f"{uid} has two contents" for uid, hashes in contents.items() if len(hashes) > 1]
