"""One run: break everything for some minutes, wait for quiet, balance the books."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.engine import Database
from evaluation.chaos import inside
from evaluation.chaos.account import Account, account
from evaluation.chaos.films import broken_films, whole_films
from evaluation.chaos.holdings import of_orthanc, of_storescp
from evaluation.chaos.house import House, running_house
from evaluation.chaos.killing import Killer
from evaluation.chaos.ledger import Ledger, Sent, Sort
from evaluation.chaos.plan import Plan
from evaluation.chaos.processes import kinds
from evaluation.chaos.schedule import Schedule
from evaluation.chaos.senders import Senders
from evaluation.chaos.surroundings import Surroundings, surroundings
from evaluation.chaos.troubles import Troubles

_BROKEN_SHARE: Final = 0.15
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run showed.

    Parameters
    ----------
    figures
        Plain values for JSON.
    found
        What is wrong, by UIDs.
    held
        Whether everything was kept that is promised, and the run was hard enough to show it.
    """

    figures: dict[str, Any]
    found: Account
    held: bool


def run(plan: Plan, folder: Path, say: Say) -> Outcome:
    """Do a run in a folder, which must be empty.

    Raises
    ------
    FirstReadError
        If a program is missing or something does not start.
    """
    say(f"{plan.form} form, seed {plan.seed}: {plan.films} films are made")
    whole = whole_films(folder / "films", plan.films, plan.seed)
    broken = broken_films(folder / "broken", max(1, round(_BROKEN_SHARE * plan.films)), plan.seed)
    ledger = Ledger(whole, broken, plan.seconds)
    with surroundings(folder, embedded=plan.embedded) as around:
        with running_house(folder, around, each=plan.each) as house:
            rng = np.random.default_rng([plan.seed, 3])
            killer = Killer(house, around, rng)
            troubles = Troubles(around, killer, rng)
            say(f"everything is broken for {plan.seconds:.0f} seconds, from {plan.senders} sides")
            with Senders(plan.senders, house.port, ledger, plan.seed):
                try:
                    schedule = Schedule(plan, killer, troubles, rng)
                    broken_for = schedule.run(lambda: _enough(plan, ledger.sent(), killer))
                finally:
                    killer.thaw_all()
                    around.restore()
            sent = ledger.sent()
            say(f"{len(sent.acknowledged)} films are acknowledged; waiting for quiet")
            quiet = _rest(house, plan)
            figures = _figures(plan, sent, killer, troubles, around)
            figures |= {
                "enough": _enough(plan, sent, killer),
                "seconds_broken": round(broken_for, 1),
                "seconds_to_quiet": None if quiet is None else round(quiet, 1),
            }
        return _balance(house, around, ledger, figures)


def _enough(plan: Plan, sent: Sent, killer: Killer) -> bool:
    """Tell whether a run was hard enough to show something."""
    return len(sent.acknowledged) >= plan.acknowledged_wanted and all(
        killer.kills[kind.value] >= plan.kills_wanted for kind in kinds(embedded=plan.embedded)
    )


def _rest(house: House, plan: Plan) -> float | None:
    db = Database(house.settings.database_url)
    try:
        return inside.wait_for_rest(db, 60 * plan.quiet_minutes)
    finally:
        db.close()


def _balance(
    house: House, around: Surroundings, ledger: Ledger, figures: dict[str, Any]
) -> Outcome:
    sent = ledger.sent()
    db = Database(house.settings.database_url)
    try:
        seen = inside.look_inside(db)
        peers = {"orthanc": of_orthanc(around.orthanc), "storescp": of_storescp(around.storing)}
        found = account(sent.acknowledged, peers, under_way=seen.under_way, told=seen.told)
        found.lost.extend(
            f"broken, and nowhere: {uid}" for uid in inside.unseen(db, sent.taken_broken)
        )
        found.two_drafts.extend(f"database: {uid}" for uid in sorted(seen.two_readings))
        altered = inside.altered(db, (ledger.film(uid) for uid in sorted(sent.acknowledged)))
        aside = inside.kept_aside(db)
    finally:
        db.close()
    figures |= {
        "lost": len(found.lost),
        "two_drafts": len(found.two_drafts),
        "duplicate_objects": len(found.duplicate_objects),
        "stuck": len(found.stuck),
        "altered": len(altered),
        "without_result": len(sent.acknowledged & seen.told),
        "failed_deliveries": seen.failed_deliveries,
        "kept_aside": aside,
        "objects_at_peers": {name: len(held) for name, held in peers.items()},
    }
    return Outcome(figures, found, held=_held(figures, found, altered))


def _held(figures: Mapping[str, Any], found: Account, altered: list[str]) -> bool:
    failed = figures["without_result"] or figures["failed_deliveries"]
    return found.balanced and not altered and not failed and bool(figures["enough"])


def _figures(
    plan: Plan, sent: Sent, killer: Killer, troubles: Troubles, around: Surroundings
) -> dict[str, Any]:
    return {
        "minutes": plan.minutes,
        "form": plan.form,
        "seed": plan.seed,
        "senders": plan.senders,
        "acknowledged": len(sent.acknowledged),
        "answers": sent.answers,
        "kills": {kind.value: killer.kills[kind.value] for kind in kinds(embedded=plan.embedded)},
        "kills_total": killer.kills.total(),
        "kills_in_a_moment": dict(killer.in_a_moment),
        "restarts": dict(troubles.restarts),
        "frozen": dict(troubles.frozen + killer.frozen),
        "redis_emptied": troubles.emptied,
        "filled": {"disk": around.disk.way, **troubles.filled},
        "corrupted": sent.answers[Sort.BROKEN.value],
        "load": round(os.getloadavg()[0], 1),
    }
