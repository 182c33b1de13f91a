"""What changed is told once, and nothing that changed is left out.

Covered: each kind of event that a page shows; commits that come late; openings, and pages that fall
silent. Not covered: clocks of machines that are more than half a minute apart.
"""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.clock import now
from core.labels import Label
from core.places import Place
from core.reading import new_reading_id
from core.triage import Tier
from db import worklist_watch
from db.engine import Database
from db.models import Opening, Study
from db.openings import SILENT_AFTER, note_closed, note_open
from db.readings import film_failed, store_flags
from db.restrictions import lift_restriction, restrict_study
from db.reviews import accept, latest_draft
from db.spool import Spool
from db.worklist_watch import WorklistWatch
from tests.db.builders import (
    claim_draft,
    film,
    flags,
    model,
    read_next,
    reading,
    reject,
    sign,
)
from tests.db.listing import account, change


class Watcher:
    """Looks, and remembers what was found."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._watch = WorklistWatch()

    def news(self) -> list[str]:
        """Give the UIDs of the studies that one look finds."""
        with self._db.read() as session:
            return sorted(study.uid for study in self._watch.look(session).studies)


@pytest.fixture
def watcher(db: Database) -> Watcher:
    """Somebody who watches from the beginning."""
    return Watcher(db)


def test_each_event_is_told_once(db: Database, spool: Spool, watcher: Watcher) -> None:
    dora = account(db)

    def opened() -> None:
        with db.write() as session:
            note_open(session, 1, dora, shown=True)

    def left() -> None:
        with db.write() as session:
            note_closed(session, 1, dora)

    def flagged() -> None:
        told = flags(Label.ATELECTASIS)
        store_flags(db, claim_draft(db), new_reading_id(), model(), told, idle_seconds=0)

    def accepted() -> None:
        with db.write() as session:
            accept(session, latest_draft(session, "1"), author="Doc", final=False)

    def restricted() -> None:
        with db.write() as session:
            restrict_study(session, "1", ["dora"], "a member of staff", actor="admin")

    def lifted() -> None:
        with db.write() as session:
            lift_restriction(session, "1", "no longer of the staff", actor="admin")

    assert watcher.news() == []
    for event in (
        lambda: film(db, spool, study="1"),
        lambda: read_next(db, reading()),
        opened,
        left,
        restricted,
        lifted,
        accepted,
        lambda: film(db, spool, study="1"),
        flagged,
        lambda: sign(db, spool, study="1"),
        lambda: reject(db, spool, 1, study="1"),
    ):
        event()
        assert watcher.news() == ["1"], event
        assert watcher.news() == []
    film(db, spool, study="2")
    film_failed(db, claim_draft(db), "no words")
    assert watcher.news() == ["2"]


def test_news_say_where_a_study_stands(db: Database, spool: Spool) -> None:
    watch = WorklistWatch()
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    with db.read() as session:
        (study,) = watch.look(session).studies
        row = session.get_one(Study, 1)
    assert (study.study_id, study.uid, study.place) == (1, "1.2.3", Place.DRAFTS)
    assert (study.tier, study.received_at) == (Tier.URGENT, row.received_at)


def test_a_commit_that_comes_late_is_told(db: Database, spool: Spool, watcher: Watcher) -> None:
    film(db, spool, study="1")
    film(db, spool, study="2")
    change(db, "2", changed_at=now() - timedelta(hours=1))
    assert watcher.news() == ["1"]
    # Made before the last look, and committed after it.
    change(db, "2", changed_at=now() - timedelta(seconds=20))
    assert watcher.news() == ["2"]
    assert watcher.news() == []


def test_a_page_that_falls_silent_has_the_study_no_longer(
    db: Database, spool: Spool, watcher: Watcher
) -> None:
    film(db, spool)
    dora = account(db)
    with db.write() as session:
        note_open(session, 1, dora, shown=True)
    assert watcher.news() == ["1.2.3"]
    with db.write() as session:
        session.execute(update(Opening).values(seen_at=now() - SILENT_AFTER))
    assert watcher.news() == ["1.2.3"]
    assert watcher.news() == []


def test_very_many_changes_are_told_as_such(
    db: Database, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist_watch, "_MOST", 2)
    watch = WorklistWatch()
    for study in ("1", "2", "3"):
        film(db, spool, study=study)
    with db.read() as session:
        assert watch.look(session).many
