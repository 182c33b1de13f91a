"""Studies move from place to place with what happens to them, over random sequences of events.

Covered, on SQLite alone since the rules are in Python: films that come in and are read, fail, are
not read or are rejected; flags without a report; readings in shadow; acts of persons; signed
reports; films of an audit. Held after each event: a study is among the drafts, or said to have
nothing flagged, only with a whole answer that may be shown for each film that is read at all; each
study of which anything was to be read is listed; its tier never falls, and what is flagged stays
flagged. The rule itself is in
tests/core/test_places.py.
"""

import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, update

from core.errors import FirstReadError
from core.labels import Label
from core.places import Place
from core.reading import new_reading_id
from core.states import FilmState, JobKind, Purpose, StudyState
from core.triage import Tier
from db.engine import Database
from db.films import lock_study, refresh_study
from db.jobs import claim
from db.listed_studies import ListedStudy
from db.models import Instance, ReadingRow, Study
from db.readings import film_failed, film_for, film_not_read, store_flags, store_reading
from db.received import ReadDecision
from db.reviews import accept, latest_draft, reject
from db.spool import Spool
from db.upgrade import upgrade
from db.withdrawals import UNFIT
from tests.db.builders import TO_READ, film, flags, model, reading, sign
from tests.db.builders import reject as reject_film
from tests.db.listing import listed

STUDIES = st.sampled_from(("1.1", "1.2"))
LABELS = st.sets(st.sampled_from((Label.PNEUMOTHORAX, Label.EDEMA, Label.ATELECTASIS)), max_size=2)
PURPOSES = st.sampled_from((Purpose.READ, Purpose.READ, Purpose.AUDIT))
DECISIONS = st.sampled_from(
    (TO_READ, TO_READ, TO_READ, ReadDecision(FilmState.NOT_READ, "a leg", "part"))
)
NO_ANSWER = {FilmState.QUEUED, FilmState.READING, FilmState.FAILED}
_FOLDER = tempfile.TemporaryDirectory(prefix="firstread-places-")
_EMPTY = Path(_FOLDER.name) / "empty.db"


class Histories(RuleBasedStateMachine):
    """Things happen to two studies of a new database."""

    def __init__(self) -> None:
        super().__init__()
        if not _EMPTY.exists():
            upgrade(f"sqlite:///{_EMPTY}")
        self.folder = Path(tempfile.mkdtemp(dir=_EMPTY.parent))
        shutil.copy(_EMPTY, self.folder / "firstread.db")
        self.db = Database(f"sqlite:///{self.folder / 'firstread.db'}")
        self.spool = Spool(self.folder / "spool", 0)
        self.tiers: dict[str, Tier] = {}
        self.flagged: dict[str, set[Label]] = {}
        self.films = 0

    def teardown(self) -> None:
        """Forget it all."""
        self.db.close()
        shutil.rmtree(self.folder)

    @rule(study=STUDIES, purpose=PURPOSES, decision=DECISIONS)
    def _comes_in(self, study: str, purpose: Purpose, decision: ReadDecision) -> None:
        film(self.db, self.spool, study=study, purpose=purpose, decision=decision)
        self.films += 1

    @precondition(lambda self: self.films)
    @rule(
        labels=LABELS, end=st.sampled_from(("flags", "read", "read", "read", "failed", "not read"))
    )
    def _is_read(self, labels: set[Label], end: str) -> None:
        held = claim(self.db, [JobKind.DRAFT], worker="w", lease_seconds=60.0)
        if held is None:
            return
        film_for(self.db, held)
        if end == "failed":
            film_failed(self.db, held, "no words")
        elif end == "not read":
            film_not_read(self.db, held, "lateral")
        elif end == "flags":
            told = flags(*labels)
            store_flags(self.db, held, new_reading_id(), model(), told, idle_seconds=0)
        else:
            store_reading(self.db, held, reading(*labels), idle_seconds=0)

    @precondition(lambda self: self.films)
    @rule(number=st.integers(1, 6))
    def _was_in_shadow(self, number: int) -> None:
        with self.db.write() as session:
            session.execute(
                update(ReadingRow).where(ReadingRow.instance_id == number).values(shadow=True)
            )
        self.flagged.clear()
        # As whatever happens next to the film does.
        self._refresh()

    @precondition(lambda self: self.films)
    @rule(study=STUDIES, accepted=st.booleans())
    def _is_reviewed(self, study: str, *, accepted: bool) -> None:
        try:
            with self.db.write() as session:
                seen = latest_draft(session, study)
                if accepted:
                    accept(session, seen, author="Doc", final=False)
                else:
                    reject(session, seen, author="Doc", reason="bad", code=UNFIT)
        except FirstReadError:
            return  # there is no draft that could be reviewed

    @precondition(lambda self: self.films)
    @rule(number=st.integers(1, 6))
    def _is_rejected(self, number: int) -> None:
        with self.db.read() as session:
            row = session.get(Instance, number)
            uid = None if row is None else row.study.uid
        if uid is not None:
            reject_film(self.db, self.spool, number, study=uid)
            self.flagged.clear()

    @precondition(lambda self: self.films)
    @rule(study=STUDIES)
    def _is_signed_elsewhere(self, study: str) -> None:
        sign(self.db, self.spool, study=study)

    @invariant()
    def _nothing_without_an_answer_looks_like_one(self) -> None:
        everywhere = listed(self.db)
        with self.db.read() as session:
            whole = set(
                session.scalars(
                    select(ReadingRow.instance_id).where(
                        ReadingRow.completed_at.is_not(None), ReadingRow.shadow.is_(False)
                    )
                )
            )
            films: dict[int, list[Instance]] = defaultdict(list)
            for one in session.scalars(select(Instance).where(Instance.purpose == Purpose.READ)):
                films[one.study_id].append(one)
        for study in everywhere:
            todays = films[study.study_id]
            missing = [
                one
                for one in todays
                if one.state in NO_ANSWER or (one.state is FilmState.READ and one.id not in whole)
            ]
            read = [one for one in todays if one.state is FilmState.READ]
            # "Nothing flagged" is said of a study with an answer alone.
            assert study.answered is bool(read and not missing)
            if study.place is Place.DRAFTS:
                assert study.answered
                assert study.state is StudyState.DRAFT_READY
        shown = {study.study_id for study in everywhere}
        to_be_read = {
            number
            for number, those in films.items()
            if any(one.state is not FilmState.RECEIVED for one in those)
        }
        assert shown == to_be_read
        self._nothing_fell(everywhere)

    def _nothing_fell(self, everywhere: list[ListedStudy]) -> None:
        for study in everywhere:
            assert study.tier >= self.tiers.get(study.uid, Tier.ROUTINE)
            labels = {flag.label for flag in study.flags}
            assert labels >= self.flagged.get(study.uid, set())
            self.tiers[study.uid] = study.tier
            self.flagged[study.uid] = labels

    def _refresh(self) -> None:

        with self.db.write() as session:
            for study_id in session.scalars(select(Study.id)).all():
                refresh_study(session, lock_study(session, study_id))


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=8,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
