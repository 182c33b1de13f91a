"""What another triage policy would have made of the studies that came last; nothing is changed.

Restricted studies are counted and never listed: who tries policies would learn their flags by them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now
from core.labels import Label
from core.places import Place
from core.reading import Flag
from core.reading_json import flag_from_json
from core.states import Purpose
from core.triage import Tier, rules_for, tier_of
from core.triage_policy import TriagePolicy
from db.models import Instance, ReadingRow, Restriction, ReviewRow, SignedReport, Study

LAST: Final = 1000


@dataclass(frozen=True, slots=True)
class Move:
    """A study that another policy would have put elsewhere.

    Parameters
    ----------
    study_uid, accession, received_at
        Which.
    before, after
        What its flags earn by the policy in force, and by the other one.
    labels
        Whose flags earn the higher of the two.
    """

    study_uid: str
    accession: str
    received_at: datetime
    before: Tier
    after: Tier
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What came of trying a policy.

    Parameters
    ----------
    studies
        How many were looked at.
    before, after
        Number of studies in each tier by their flags, by either policy.
    moves
        The studies whose tier differs and that are not restricted, newest first.
    unlisted
        How many restricted ones there are whose tier differs.
    waited_before, waited_after
        How many nobody had opened, reviewed or reported when the longest wait was over.
    """

    studies: int
    before: Mapping[Tier, int]
    after: Mapping[Tier, int]
    moves: tuple[Move, ...]
    unlisted: int
    waited_before: int
    waited_after: int

    @property
    def rises(self) -> int:
        """How many of the moves are upwards."""
        return sum(move.after > move.before for move in self.moves)

    def plain(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "studies": self.studies,
            "before": {tier.name.lower(): self.before[tier] for tier in reversed(Tier)},
            "after": {tier.name.lower(): self.after[tier] for tier in reversed(Tier)},
            "waited_before": self.waited_before,
            "waited_after": self.waited_after,
            "unlisted": self.unlisted,
            "moves": [
                {
                    "study_uid": move.study_uid,
                    "accession": move.accession,
                    "received_at": move.received_at.isoformat(),
                    "before": move.before.name.lower(),
                    "after": move.after.name.lower(),
                    "labels": [label.value for label in move.labels],
                }
                for move in self.moves
            ],
        }


_Said = tuple[str, tuple[Flag, ...]]
"""A model's UID, and its flags of one film."""


def preview_triage(
    session: Session, in_force: TriagePolicy, tried: TriagePolicy, *, last: int = LAST
) -> Preview:
    """Let two policies place the studies that came last, by what models said of them.

    Readings in shadow raise nothing and are left out, and so is what else raised a study.

    Parameters
    ----------
    session
        A reading session.
    in_force, tried
        The two policies.
    last
        Number of studies, newest first.
    """
    studies = session.scalars(
        select(Study)
        .where(Study.place != Place.NOWHERE)
        .order_by(Study.received_at.desc(), Study.id.desc())
        .limit(last)
    ).all()
    ids = [study.id for study in studies]
    said, seen = _said(session, ids), _seen(session, ids)
    restricted = set(session.scalars(select(Restriction.study_id)))
    before, after = Counter[Tier](), Counter[Tier]()
    moves = []
    unlisted = 0
    for study in studies:
        tiers = _earned(said[study.id], in_force), _earned(said[study.id], tried)
        before[tiers[0]] += 1
        after[tiers[1]] += 1
        if tiers[0] is tiers[1]:
            continue
        if study.id in restricted:
            unlisted += 1
        else:
            higher = in_force if tiers[0] > tiers[1] else tried
            labels = _earning(said[study.id], higher, max(tiers))
            moves.append(Move(study.uid, study.accession, study.received_at, *tiers, labels))
    waits = [
        min(study.opened_at or now(), seen.get(study.id, now())) - study.received_at
        for study in studies
    ]
    return Preview(
        studies=len(studies),
        before=before,
        after=after,
        moves=tuple(moves),
        unlisted=unlisted,
        waited_before=_too_long(waits, in_force),
        waited_after=_too_long(waits, tried),
    )


def _said(session: Session, ids: Sequence[int]) -> dict[int, list[_Said]]:
    found: dict[int, list[_Said]] = defaultdict(list)
    for study_id, model, flags in session.execute(
        select(ReadingRow.study_id, ReadingRow.model_uid, ReadingRow.flags)
        .join(ReadingRow.instance)
        .where(
            ReadingRow.study_id.in_(ids),
            ReadingRow.shadow.is_(False),
            Instance.purpose == Purpose.READ,
        )
    ):
        found[study_id].append((model, tuple(map(flag_from_json, flags))))
    return found


def _seen(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """Say when a person first reviewed each study, or another system reported it."""
    found: dict[int, datetime] = {}
    for study, at in (
        (ReviewRow.study_id, ReviewRow.at),
        (SignedReport.study_id, SignedReport.received_at),
    ):
        for study_id, first in session.execute(
            select(study, func.min(at)).where(study.in_(ids)).group_by(study)
        ):
            found[study_id] = min(first, found.get(study_id, first))
    return found


def _earned(said: Sequence[_Said], policy: TriagePolicy) -> Tier:
    rules = policy.rules
    return max((tier_of(flags, rules, model=model) for model, flags in said), default=Tier.ROUTINE)


def _earning(said: Sequence[_Said], policy: TriagePolicy, tier: Tier) -> tuple[Label, ...]:
    labels = {
        flag.label
        for model, flags in said
        for rule in rules_for(policy.rules, model)
        for flag in flags
        if rule.tier is tier and rule.counts(flag)
    }
    return tuple(label for label in Label if label in labels)


def _too_long(waits: Sequence[timedelta], policy: TriagePolicy) -> int:
    longest = timedelta(minutes=policy.longest_wait_minutes)
    return sum(wait > longest for wait in waits)
