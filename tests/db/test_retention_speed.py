"""Retention over ten thousand studies: finding them is quick, and each is locked for a moment only.

The limits are far above what an idle machine needs, and far below what would hold up an intake.
"""

import time
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import insert, text

from core.clock import now
from core.report import ReportKind
from core.settings import RetentionSettings
from core.states import (
    DeliveryState,
    FilmState,
    JobKind,
    JobState,
    ResultKind,
    ReviewState,
    StudyState,
)
from core.triage import Tier
from db import retention
from db.engine import Database
from db.models import (
    Delivery,
    Instance,
    Job,
    ReadingRow,
    ReportVersionRow,
    ResultObject,
    ReviewRow,
    Study,
)
from db.retention import remove_of_study, studies_with_removable
from db.retention_rule import Cutoffs
from db.spool import Spool
from tests.db.builders import peer

_STUDIES = 10_000
_REMOVED = 100
_RESULTS = 3


def fill(db: Database, folder: Path) -> None:
    """Write studies whose work was done long ago; every third was never reviewed."""
    old = now() - timedelta(days=100)
    to = peer(db)
    numbers = range(1, _STUDIES + 1)
    results = [(number, place) for number in numbers for place in range(_RESULTS)]
    reviews = [number for number in numbers if number % 3]
    rows: list[tuple[type[object], list[dict[str, object]]]] = [
        (
            Study,
            [
                {
                    "id": number,
                    "uid": f"1.{number}",
                    "patient_id": f"P{number % (_STUDIES // 2)}",
                    "issuer": "H",
                    "state": StudyState.ACCEPTED,
                    "review": ReviewState.ACCEPTED if number % 3 else ReviewState.NONE,
                    "received_at": old + timedelta(minutes=number),
                }
                for number in numbers
            ],
        ),
        (
            Instance,
            [
                {
                    "id": number,
                    "study_id": number,
                    "uid": f"1.{number}.1",
                    "sop_class_uid": "1.2.840.10008.5.1.4.1.1.1",
                    "series_uid": "1",
                    "transfer_syntax_uid": "1",
                    "path": str(folder / f"{number}.dcm"),
                    "state": FilmState.READ,
                    "received_at": old + timedelta(minutes=number),
                }
                for number in numbers
            ],
        ),
        (
            Job,
            [
                {
                    "id": number,
                    "kind": JobKind.DRAFT,
                    "state": JobState.DONE,
                    "instance_id": number,
                    "study_id": number,
                }
                for number in numbers
            ],
        ),
        (
            ReadingRow,
            [
                {
                    "id": f"r{number}",
                    "instance_id": number,
                    "study_id": number,
                    "job_id": number,
                    "model_uid": "m",
                    "model": {},
                    "demo": False,
                    "tier": Tier.ROUTINE,
                    "flags": [],
                    "flagged_at": old,
                    "completed_at": old,
                }
                for number in numbers
            ],
        ),
        (
            ReportVersionRow,
            [
                {
                    "id": f"v{number}",
                    "reading_id": f"r{number}",
                    "number": 1,
                    "kind": ReportKind.DRAFT,
                    "findings": "",
                    "impression": "",
                    "created_at": old,
                }
                for number in numbers
            ],
        ),
        (
            ResultObject,
            [
                {
                    "id": number * _RESULTS + place,
                    "uid": f"2.{number}.{place}",
                    "kind": ResultKind.REPORT_SR,
                    "variant_key": "",
                    "sop_class_uid": "1.2",
                    "path": str(folder / f"{number}-{place}.dcm"),
                    "sha256": "",
                    "study_id": number,
                    "instance_id": number,
                    "reading_id": f"r{number}",
                    "version_id": f"v{number}",
                    "created_at": old,
                }
                for number, place in results
            ],
        ),
        (
            Delivery,
            [
                {
                    "result_id": number * _RESULTS + place,
                    "peer_id": to,
                    "state": DeliveryState.SENT,
                    "created_at": old,
                    "changed_at": old,
                }
                for number, place in results
            ],
        ),
        (
            ReviewRow,
            [
                {
                    "study_id": number,
                    "reading_id": f"r{number}",
                    "version_id": f"v{number}",
                    "act": ReviewState.ACCEPTED,
                    "author": "A",
                    "at": old,
                }
                for number in reviews
            ],
        ),
    ]
    with db.write() as session:
        for table, values in rows:
            session.execute(insert(table), values)
    with db.write() as session:
        # As a database does by itself once it has a while.
        session.execute(text("ANALYZE"))


@pytest.mark.slow
def test_ten_thousand_studies_are_looked_through_in_seconds_and_locked_for_moments(
    db: Database, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db, tmp_path)
    cutoffs = Cutoffs.at(now(), RetentionSettings(enabled=True))
    began = time.monotonic()
    with db.read() as session:
        studies = studies_with_removable(session, cutoffs)
    looked = time.monotonic() - began
    assert len(studies) == _STUDIES
    with db.read() as session:
        began = time.monotonic()
        none = Cutoffs.at(now() - timedelta(days=200), RetentionSettings(enabled=True))
        assert studies_with_removable(session, none) == []
        found_nothing = time.monotonic() - began
    held: list[float] = []
    remove = retention._remove

    def timed(*arguments: object) -> None:
        at = time.monotonic()
        remove(*arguments)  # type: ignore[arg-type]
        held.append(time.monotonic() - at)

    monkeypatch.setattr(retention, "_remove", timed)
    for study_id in studies[:_REMOVED]:
        remove_of_study(db, spool, study_id, cutoffs, lambda _path: (b"header", "00"))
    moment = median(held)
    told = f"looked {looked:.2f} s, nothing {found_nothing:.3f} s, held {moment * 1000:.0f} ms"
    assert looked < 20, told
    assert found_nothing < 2, told
    assert moment < 0.2, told
