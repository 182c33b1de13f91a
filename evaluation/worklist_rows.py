"""The rows of a busy hospital's worklist, written in bulk: no film lies behind them."""

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from core.clock import now
from core.labels import Label
from core.places import Place
from core.reading import Flag, Presence
from core.states import FilmState, JobKind, JobState, ReviewState, StudyState
from core.triage import Tier, tier_of
from db.engine import Database
from db.models import Instance, Job, Opening, PositiveFlag, ReadingRow, SignedReport, Study
from db.study_search import search_words
from evaluation.benchmark_model import BENCHMARK_MODEL

_DAYS: Final = 90
_BATCH: Final = 2000
_ENDS: Final = (
    (0.50, StudyState.ACCEPTED, Place.DONE),
    (0.65, StudyState.EDITED, Place.DONE),
    (0.69, StudyState.REJECTED, Place.DONE),
    (0.90, StudyState.DRAFT_READY, Place.DRAFTS),
    (0.96, StudyState.NOT_READ, Place.NO_RESULT),
    (0.99, StudyState.FAILED, Place.NO_RESULT),
    (1.00, StudyState.WAITING, Place.NO_RESULT),
)
"""What becomes of studies: more wait for a person than in any hospital."""
_FILM: Final = {
    StudyState.NOT_READ: FilmState.NOT_READ,
    StudyState.FAILED: FilmState.FAILED,
    StudyState.WAITING: FilmState.QUEUED,
}
_FAMILIES: Final = ("Okafor", "Lindqvist", "Haddad", "Tran", "Petrov", "Yamada", "Moreau", "Silva")
_GIVEN: Final = ("Anna", "Bao", "Claire", "Daniel", "Edith", "Gino", "Ida", "Keiko", "Piotr")


@dataclass(frozen=True, slots=True)
class _Case:
    """One study to be written."""

    number: int
    state: StudyState
    place: Place
    tier: Tier
    flags: tuple[Flag, ...]
    received_at: datetime
    films: int
    opened: bool


def fill(db: Database, studies: int, account_ids: list[int], seed: int = 77) -> None:
    """Write the rows of many studies into an empty database of the newest revision.

    Parameters
    ----------
    db
        The database.
    studies
        How many.
    account_ids
        Persons, some of whom opened most of them.
    seed
        Of chance: the same gives the same rows, but for their times.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up rows, no secret
    with db.write() as session:
        job = Job(kind=JobKind.DRAFT, state=JobState.DONE)
        session.add(job)
        session.flush()
        cases = (_case(number, studies, chance) for number in range(1, studies + 1))
        while some := tuple(islice(cases, _BATCH)):
            _write(session, some, job.id, account_ids)
        if db.url.startswith("postgresql"):
            # Rows that were named by us, not by the sequence.
            for table in ("study", "instance"):
                session.execute(
                    text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")  # noqa: S608
                )
    with db.write() as session:
        session.execute(text("ANALYZE"))


def _case(number: int, of: int, chance: random.Random) -> _Case:
    share = chance.random()
    state, place = next((state, place) for end, state, place in _ENDS if share <= end)
    read = state not in _FILM
    flags = tuple(
        Flag(label, Presence.PRESENT, chance.random())
        for label in Label
        if read and chance.random() < _chance_of(label)
    )
    age = timedelta(days=_DAYS) * (1 - number / of)
    return _Case(
        number=number,
        state=state,
        place=place,
        tier=tier_of(flags),
        flags=flags,
        received_at=now() - age,
        films=2 if chance.random() < 1 / 4 else 1,
        opened=chance.random() < 9 / 10,
    )


def _chance_of(label: Label) -> float:
    return 0.0005 if label is Label.PLEURAL_OTHER else 0.06


def _write(session: Session, cases: tuple[_Case, ...], job_id: int, account_ids: list[int]) -> None:
    rows: dict[type, list[dict[str, Any]]] = {
        kind: [] for kind in (Study, Instance, ReadingRow, PositiveFlag, SignedReport, Opening)
    }
    for case in cases:
        for kind, row in _rows(case, job_id, account_ids):
            rows[kind].append(row)
    for kind, values in rows.items():
        if values:
            session.execute(insert(kind), values)


def _rows(
    case: _Case, job_id: int, account_ids: list[int]
) -> Iterator[tuple[type, dict[str, Any]]]:
    number, at = case.number, case.received_at
    positive = bool(case.flags) and not case.opened
    patient_id = f"MRN{number % 70_000:06}"
    name = f"{_FAMILIES[number % 8]}^{_GIVEN[number % 9]}"
    accession = f"A{number:07}"
    yield (
        Study,
        {
            "id": number,
            "uid": f"1.2.826.0.1.{number}",
            "patient_id": patient_id,
            "issuer": "BENCH",
            "patient_name": name,
            "birth_date": f"{1930 + number % 80}0{1 + number % 9}15",
            "sex": "FM"[number % 2],
            "accession": accession,
            "search_words": search_words(name=name, patient_id=patient_id, accession=accession),
            "description": "Chest PA",
            "state": case.state,
            "review": ReviewState(case.state.value)
            if case.place is Place.DONE
            else ReviewState.NONE,
            "tier": case.tier,
            "place": case.place,
            "received_at": at,
            "changed_at": at,
            "acquired_at": at - timedelta(minutes=4),
            "opened_at": at + timedelta(minutes=9) if case.opened else None,
            "unseen_since": at if positive and case.place is not Place.DONE else None,
        },
    )
    for film in range(case.films):
        instance_id = 2 * number + film
        state = _FILM.get(case.state, FilmState.READ)
        yield (
            Instance,
            {
                "id": instance_id,
                "study_id": number,
                "uid": f"1.2.826.0.2.{instance_id}",
                "sop_class_uid": "1.2.840.10008.5.1.4.1.1.1",
                "series_uid": f"1.2.826.0.3.{number}",
                "transfer_syntax_uid": "1.2.840.10008.1.2.1",
                "modality": "DX",
                "view": ("PA", "AP")[film],
                "path": f"/nowhere/{instance_id}",
                "state": state,
                "reason": "made up" if state in {FilmState.FAILED, FilmState.NOT_READ} else None,
                "received_at": at,
            },
        )
        if state is FilmState.READ:
            yield from _reading(case, instance_id, job_id)
    if case.place is Place.DONE and number % 2:
        yield SignedReport, {"study_id": number, "uid": f"1.2.826.0.4.{number}", "received_at": at}
    if case.opened:
        account = account_ids[number % len(account_ids)]
        yield (
            Opening,
            {
                "study_id": number,
                "account_id": account,
                "opened_at": at,
                "seen_at": at,
                "closed_at": at,
            },
        )


def _reading(case: _Case, instance_id: int, job_id: int) -> Iterator[tuple[type, dict[str, Any]]]:
    reading_id = f"{instance_id:032x}"
    yield (
        ReadingRow,
        {
            "id": reading_id,
            "instance_id": instance_id,
            "study_id": case.number,
            "job_id": job_id,
            "current": True,
            "model_uid": BENCHMARK_MODEL.uid,
            "model": asdict(BENCHMARK_MODEL),
            "demo": False,
            "tier": case.tier,
            "flags": [asdict(flag) for flag in case.flags],
            "flagged_at": case.received_at,
            "completed_at": case.received_at,
        },
    )
    for flag in case.flags:
        yield (
            PositiveFlag,
            {
                "reading_id": reading_id,
                "instance_id": instance_id,
                "study_id": case.number,
                "label": flag.label,
                "presence": flag.presence,
                "told": True,
            },
        )
