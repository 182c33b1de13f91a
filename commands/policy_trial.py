"""What another policy would have made of the objects that came last; nothing is changed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.errors import UnreadableObjectError
from core.policy import NumberedPolicy
from core.states import FilmState, Purpose
from db.engine import Database
from db.models import Instance
from db.received import ReadDecision
from gateway.eligibility import decide
from gateway.quiet import silence
from imaging.header import read_header


@dataclass(frozen=True, slots=True)
class Ending:
    """What a policy makes of an object.

    Parameters
    ----------
    words
        `queued`, `received`, `not_read`, or `queued` with what is asked of the pixels.
    rule
        The rule that decides.
    """

    words: str
    rule: str


@dataclass(frozen=True, slots=True)
class Change:
    """Objects of which another policy makes the same other thing.

    Parameters
    ----------
    before, after
        What the policy in force makes of them, and what the other one would.
    count
        How many.
    example
        SOP Instance UID of the newest of them.
    """

    before: Ending
    after: Ending
    count: int
    example: str


@dataclass(slots=True)
class Trial:
    """What came of trying a policy.

    Parameters
    ----------
    looked_at
        Objects that both policies decided.
    missing
        Objects whose file is not there or cannot be read.
    priors
        Objects that were fetched as priors, which no policy decides.
    changes
        What would change, most first.
    by_rule
        How many objects each rule of the tried policy decides; a rule that decides none is there.
    """

    looked_at: int = 0
    missing: int = 0
    priors: int = 0
    changes: list[Change] = field(default_factory=list)
    by_rule: dict[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """Objects that would end otherwise."""
        return sum(change.count for change in self.changes)

    def plain(self) -> Mapping[str, Any]:
        """Give it as plain JSON values."""
        return {
            "looked_at": self.looked_at,
            "changed": self.changed,
            "missing": self.missing,
            "priors": self.priors,
            "changes": [
                {
                    "from": {"state": change.before.words, "rule": change.before.rule},
                    "to": {"state": change.after.words, "rule": change.after.rule},
                    "count": change.count,
                    "example": change.example,
                }
                for change in self.changes
            ],
            "by_rule": self.by_rule,
        }


@dataclass(frozen=True, slots=True)
class _Kept:
    """An object as it lies in the spool."""

    uid: str
    path: Path
    calling_ae: str
    called_ae: str
    received_at: datetime
    purpose: Purpose


def try_policy(
    db: Database, now_in_force: NumberedPolicy, tried: NumberedPolicy, *, last: int, zone: tzinfo
) -> Trial:
    """Let two policies decide the objects that came last, as they would have at their coming.

    Parameters
    ----------
    db
        Which objects there are; their files lie in the spool.
    now_in_force, tried
        The two policies.
    last
        Number of objects, newest first.
    zone
        The site's.
    """
    silence()
    trial = Trial(by_rule=dict.fromkeys((rule.name for rule in tried.policy.rule), 0))
    counts: Counter[tuple[Ending, Ending]] = Counter()
    examples: dict[tuple[Ending, Ending], str] = {}
    for kept in _last(db, last):
        if kept.purpose is Purpose.PRIOR:
            trial.priors += 1
            continue
        endings = _endings(kept, (now_in_force, tried), zone)
        if endings is None:
            trial.missing += 1
            continue
        trial.looked_at += 1
        trial.by_rule[endings[1].rule] += 1
        if endings[0].words != endings[1].words:
            counts[endings] += 1
            examples.setdefault(endings, kept.uid)
    trial.changes = [
        Change(*endings, count, examples[endings]) for endings, count in counts.most_common()
    ]
    return trial


def _last(db: Database, last: int) -> list[_Kept]:
    with db.read() as session:
        rows = session.scalars(select(Instance).order_by(Instance.id.desc()).limit(last))
        return [
            _Kept(
                row.uid,
                Path(row.path),
                row.calling_ae,
                row.called_ae,
                row.received_at,
                row.purpose,
            )
            for row in rows
        ]


def _endings(
    kept: _Kept, policies: tuple[NumberedPolicy, NumberedPolicy], zone: tzinfo
) -> tuple[Ending, Ending] | None:
    try:
        header = read_header(kept.path)
    except (UnreadableObjectError, OSError):
        return None
    # Films that were fetched for an audit are of any age.
    at = kept.received_at if kept.purpose is Purpose.READ else None
    before, after = (
        _ending(
            decide(
                header,
                policy,
                at,
                zone=zone,
                calling_ae=kept.calling_ae,
                called_ae=kept.called_ae,
            )
        )
        for policy in policies
    )
    return before, after


def _ending(said: ReadDecision) -> Ending:
    asked = said.asked_of_pixels
    words = said.state.value
    if said.state is FilmState.QUEUED and asked:
        words = f"{words}, if the pixels show {asked}"
    return Ending(words, said.rule)
