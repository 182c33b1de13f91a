"""Triage over random histories: nothing falls, no wait is too long, no failure looks normal.

Films come in, are read, fail, are not read or read in shadow; standings and policies change, time
passes, persons open, review and sign. After each event the promises are held against the rows, and
against the worklist as it is shown. On SQLite alone: each event is the same on both databases, and
is tested on both beside this.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.accounts import AccountRole
from core.clock import now
from core.labels import Label
from core.places import Place
from core.states import FilmState, JobKind, Standing
from core.triage import Tier
from core.triage_policy import TriageEntry, TriagePolicy
from db.accounts import add_account
from db.engine import Database
from db.jobs import Claim, claim, give_back
from db.models import (
    Account,
    Instance,
    Job,
    Opening,
    ReadingRow,
    ReviewRow,
    SignedReport,
    Study,
)
from db.openings import note_closed, note_open
from db.readings import film_failed, film_for, film_not_read, store_flags, store_reading
from db.review_state import lacks_a_reading
from db.reviews import accept, latest_draft, reject
from db.spool import Spool
from db.standings import set_standing
from db.triage_policies import save_triage, triage_at_work
from db.waits import raise_waiting
from db.withdrawals import UNFIT
from db.worklist import worklist
from tests.db.builders import film, let_show, model, reading, sign

STUDIES = ("1.2.1", "1.2.2")
_LABELS = (Label.EDEMA, Label.PNEUMOTHORAX, Label.CARDIOMEGALY)
_said = st.sampled_from([(), *((label,) for label in _LABELS), _LABELS])
_policies = st.builds(
    lambda wait, entries: TriagePolicy(
        longest_wait_minutes=wait,
        rule=tuple(TriageEntry(label=label, tier=tier) for label, tier in entries),
    ),
    st.sampled_from([20.0, 60.0]),
    st.lists(
        st.tuples(st.sampled_from(_LABELS), st.sampled_from(["raised", "urgent"])), unique=True
    ),
)
_TIMES: tuple[InstrumentedAttribute[Any], ...] = (
    Study.received_at,
    Instance.received_at,
    Opening.seen_at,
    ReviewRow.at,
    Job.finished_at,
)
_studies = st.sampled_from(STUDIES)


class History(RuleBasedStateMachine):
    """What may happen to a few studies."""

    empty: Path

    @initialize()
    def begin(self) -> None:
        """Open an installation in which nothing has happened."""
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.empty, self.folder / "firstread.db")
        self.db = Database(f"sqlite:///{self.folder / 'firstread.db'}")
        self.spool = Spool(self.folder / "spool", 0)
        let_show(self.db, model())
        with self.db.write() as session:
            add_account(session, "dora", person="Dora", roles=[AccountRole.RADIOLOGIST])
            self.dora = session.scalars(select(Account.id)).one()
        self.highest: dict[str, Tier] = {}

    def teardown(self) -> None:
        """Close it."""
        if hasattr(self, "db"):
            self.db.close()
            shutil.rmtree(self.folder)

    @rule(study=_studies)
    def comes(self, study: str) -> None:
        """A film comes in."""
        film(self.db, self.spool, study=study)

    @rule(study=_studies, labels=_said)
    def is_read(self, study: str, labels: tuple[Label, ...]) -> None:
        """A film comes in, and the one that waited longest is read."""
        self.comes(study)
        held = self._claimed()
        if held is not None:
            store_reading(self.db, held, reading(*labels), idle_seconds=0)

    @rule(labels=_said)
    def is_flagged_and_given_back(self, labels: tuple[Label, ...]) -> None:
        """A worker dies after the flags."""
        said = reading(*labels)
        held = self._claimed()
        if held is not None:
            store_flags(self.db, held, said.id, said.model, said.flags, idle_seconds=0)
            with self.db.write() as session:
                give_back(session, held)

    @rule(study=_studies, end=st.sampled_from([film_failed, film_not_read]))
    def ends_without(self, study: str, end: Callable[[Database, Claim, str], None]) -> None:
        """A film comes in, and the one that waited longest has no reading."""
        self.comes(study)
        held = self._claimed()
        if held is not None:
            end(self.db, held, "for a reason")

    @rule(standing=st.sampled_from(Standing))
    def stands(self, standing: Standing) -> None:
        """An administrator says what the model may be used for."""
        with self.db.write() as session:
            set_standing(session, model().uid, standing, basis="board", actor="anna")

    @rule(policy=_policies)
    def is_decided(self, policy: TriagePolicy) -> None:
        """An administrator makes another policy."""
        with self.db.write() as session:
            save_triage(session, policy)

    @rule(minutes=st.sampled_from([30, 100]))
    def passes(self, minutes: int) -> None:
        """Time passes, and the gateway sweeps: from now on nobody has waited for too long."""
        with self.db.write() as session:
            for column in _TIMES:
                for row in session.scalars(select(column.class_).where(column.is_not(None))):
                    setattr(row, column.key, getattr(row, column.key) - timedelta(minutes=minutes))
        self._sweeps()

    @rule(study=_studies)
    def opens(self, study: str) -> None:
        """A person opens a study, and leaves it again."""
        with self.db.write() as session:
            row = session.scalars(select(Study).where(Study.uid == study)).one_or_none()
            if row is not None:
                note_open(session, row.id, self.dora, shown=True)
                note_closed(session, row.id, self.dora)

    @rule(study=_studies, good=st.booleans())
    def is_reviewed(self, study: str, good: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """A person accepts or rejects the draft that is shown first, where there is one."""
        with self.db.write() as session:
            rows = [row for row in worklist(session) if row.study_uid == study]
            if not rows or rows[0].preferred_reading_id is None:
                return
            seen = latest_draft(session, study)
            if seen.version.author is not None and not lacks_a_reading(session, seen.study_id):
                return
            if good:
                accept(session, seen, author="Doe^Dora", final=False)
            else:
                reject(session, seen, author="Doe^Dora", reason="no", code=UNFIT)

    @rule(study=_studies, end=st.sampled_from([film_failed, film_not_read]))
    def lacks_one_later(self, study: str, end: Callable[[Database, Claim, str], None]) -> None:
        """All films of a study are read and reviewed, and one more has no reading."""
        self.stands(Standing.RESEARCH)
        self.comes(study)
        while (held := self._claimed()) is not None:
            store_reading(self.db, held, reading(), idle_seconds=0)
        self.is_reviewed(study, good=True)
        self.ends_without(study, end)

    @rule(study=_studies)
    def is_signed(self, study: str) -> None:
        """Another system reports a study."""
        sign(self.db, self.spool, study=study)

    def _sweeps(self) -> None:
        while raise_waiting(self.db):
            pass
        with self.db.read() as session:
            wait = timedelta(minutes=triage_at_work(session).policy.longest_wait_minutes)
            for study in session.scalars(select(Study)):
                if study.place in {Place.DRAFTS, Place.NO_RESULT}:
                    since = _left_alone_since(session, study)
                    assert study.tier is Tier.URGENT or now() - since < wait

    def _claimed(self) -> Claim | None:
        """Claim the next film, where one waits, and begin to read it."""
        held = claim(self.db, [JobKind.DRAFT], worker="w", lease_seconds=60.0)
        if held is not None:
            film_for(self.db, held)
        return held

    @invariant()
    def nothing_falls(self) -> None:
        """No study ever stands lower than it did, nor than its films earned."""
        if not hasattr(self, "db"):
            return
        with self.db.read() as session:
            for study in session.scalars(select(Study)):
                assert study.tier >= self.highest.get(study.uid, Tier.ROUTINE)
                self.highest[study.uid] = study.tier
                shown = select(ReadingRow.tier).where(
                    ReadingRow.study_id == study.id, ReadingRow.shadow.is_(False)
                )
                assert all(study.tier >= tier for tier in session.scalars(shown))

    @invariant()
    def no_missing_answer_looks_normal(self) -> None:
        """A study without an answer that may be shown is no draft, and says nothing of flags."""
        if not hasattr(self, "db"):
            return
        with self.db.read() as session:
            listed = {row.study_uid: row for row in worklist(session)}
            for study in session.scalars(select(Study)):
                row = listed.get(study.uid)
                states = () if row is None else row.films
                if study.place is Place.DRAFTS:
                    assert row is not None
                    assert row.answered
                    assert not {*states} & {FilmState.FAILED, FilmState.QUEUED, FilmState.READING}
                if states and FilmState.READ not in states:
                    assert study.place in {Place.NO_RESULT, Place.DONE}
                if row is not None and not _shown(session, study):
                    assert (row.flagged, row.answered) == ((), False)

    @invariant()
    def no_late_film_without_a_reading_is_done(self) -> None:
        """A study is done only if a person acted since its last film came without a reading."""
        if not hasattr(self, "db"):
            return
        with self.db.read() as session:
            signed = set(session.scalars(select(SignedReport.study_id)))
            for study in session.scalars(select(Study).where(Study.place == Place.DONE)):
                if study.id not in signed:
                    last = max(_times(session, ReviewRow.at, ReviewRow.study_id, study))
                    assert all(at <= last for at in _without_reading(session, study))


def _times(
    session: Session,
    time: InstrumentedAttribute[datetime],
    of: InstrumentedAttribute[int],
    study: Study,
) -> list[datetime]:
    return list(session.scalars(select(time).where(of == study.id)))


def _without_reading(session: Session, study: Study) -> list[datetime]:
    """When films came in of which there never was a reading that may be shown."""
    shown = select(ReadingRow.instance_id).where(
        ReadingRow.document.is_not(None), ReadingRow.shadow.is_(False)
    )
    films = select(Instance.received_at).where(
        Instance.study_id == study.id,
        Instance.state != FilmState.RECEIVED,
        Instance.id.not_in(shown),
    )
    return list(session.scalars(films))


def _left_alone_since(session: Session, study: Study) -> datetime:
    """Since when nobody saw to a study that waits."""
    acts = _times(session, ReviewRow.at, ReviewRow.study_id, study)
    films = _times(session, Instance.received_at, Instance.study_id, study) if acts else []
    opened = _times(session, Opening.seen_at, Opening.study_id, study)
    return max([study.received_at, *opened, *acts, *films])


def _shown(session: Session, study: Study) -> bool:
    readings = select(ReadingRow.id).where(
        ReadingRow.study_id == study.id, ReadingRow.shadow.is_(False)
    )
    return session.scalars(readings).first() is not None


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("examples", "known"), [(4, True), pytest.param(60, False, marks=pytest.mark.slow)]
)
def test_over_random_histories(migrated_file: Path, examples: int, *, known: bool) -> None:
    machine = type("HistoryHere", (History,), {"empty": migrated_file})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            derandomize=known,
            # What fails here is looked into by the long one, which takes its time to shrink it.
            phases=(Phase.generate,) if known else tuple(Phase),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
