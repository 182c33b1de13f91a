"""What a page of the reading room's worklist says of each study, and which ones it lists.

Where studies stand is in test_places.py, the order and the pages in test_worklist_order.py.
"""

from datetime import timedelta

import pytest

from core.clock import now
from core.errors import WrongArgumentError
from core.labels import Label
from core.places import Place
from core.reading import Presence, new_reading_id
from core.states import FilmState, Purpose, StudyState
from core.triage import Tier
from db.engine import Database
from db.intake import take_in
from db.models import Instance, ReadingRow
from db.openings import note_open
from db.readings import film_failed, store_flags, store_reading
from db.received import PatientFacts, ReadDecision
from db.reviews import accept, latest_draft
from db.spool import Spool
from db.study_search import search_words
from db.worklist_counts import worklist_counts
from db.worklist_filters import LONGEST_TEXT, Filters, Mark, Only, Period
from db.worklist_page import IN_SHADOW
from tests.db.builders import (
    TO_READ,
    claim_draft,
    film,
    flags,
    model,
    never_same,
    read_next,
    reading,
    received,
    reject,
    sign,
)
from tests.db.listing import HOUR, account, change, listed, onlooker, places, uids
from tests.db.reviewing import read_again


def test_a_study_says_what_it_is(db: Database, spool: Spool) -> None:
    film(db, spool, view="PA", acquired_at=now())
    film(db, spool, view="LL", decision=ReadDecision(FilmState.NOT_READ, "lateral", "view"))
    read_next(db, reading(Label.PNEUMOTHORAX, Label.EDEMA))
    (study,) = listed(db, Filters())
    assert study.patient is not None
    assert (study.patient.name, study.patient.patient_id) == ("DOE^JANE", "P1")
    assert [(flag.label, flag.presence) for flag in study.flags] == [
        (Label.EDEMA, Presence.PRESENT),
        (Label.PNEUMOTHORAX, Presence.PRESENT),
    ]
    assert (study.views, study.films) == (("PA", "LL"), (FilmState.READ, FilmState.NOT_READ))
    assert (study.reasons, study.answered, study.tier) == (("lateral",), True, Tier.URGENT)
    assert not study.demo
    assert not study.later
    assert not study.signed
    assert study.opened_by == ()


def test_flags_without_a_report_are_shown_and_are_no_answer(db: Database, spool: Spool) -> None:
    film(db, spool)
    store_flags(db, claim_draft(db), new_reading_id(), model(), flags(Label.EDEMA), idle_seconds=0)
    (study,) = listed(db, Filters(place=Place.NO_RESULT))
    assert [flag.label for flag in study.flags] == [Label.EDEMA]
    assert (study.answered, study.state, study.tier) == (False, StudyState.WAITING, Tier.RAISED)


def test_flags_that_the_whole_reading_takes_back_are_not_shown(db: Database, spool: Spool) -> None:
    film(db, spool)
    held = claim_draft(db)
    said = reading(Label.FRACTURE)
    store_flags(db, held, said.id, model(), flags(Label.EDEMA, Label.FRACTURE), idle_seconds=0)
    store_reading(db, held, said, idle_seconds=0)
    (study,) = listed(db)
    assert [flag.label for flag in study.flags] == [Label.FRACTURE]


def test_a_film_that_was_read_in_shadow_has_no_result(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    with db.write() as session:
        session.query(ReadingRow).one().shadow = True
    film(db, spool)  # whatever happens next
    with db.write() as session:
        session.get_one(Instance, 2).purpose = Purpose.AUDIT
    (study,) = listed(db, Filters(place=Place.NO_RESULT))
    assert (study.flags, study.answered, study.reasons) == ((), False, (IN_SHADOW,))


def test_a_later_reading_and_a_signed_report_are_told(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    with db.write() as session:
        accept(session, latest_draft(session, "1.2.3"), author="Doc", final=False)
    (study,) = listed(db, Filters(place=Place.DONE))
    assert (study.later, study.signed, study.flags) == (False, False, ())
    read_again(db, 1, reading(Label.FRACTURE))
    sign(db, spool)
    (study,) = listed(db, Filters(place=Place.DONE))
    assert (study.later, study.signed) == (True, True)
    assert [flag.label for flag in study.flags] == [Label.FRACTURE]


def test_whose_a_closed_study_is_and_what_was_found_is_not_said(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading(Label.PNEUMOTHORAX))
    (study,) = listed(db, looks=onlooker(1))
    assert (study.patient, study.flags) == (None, ())
    assert "DOE" not in repr(study)
    # Nor is it found by either.
    assert listed(db, Filters(place=None, text="doe"), onlooker(1)) == []
    assert listed(db, Filters(label=Label.PNEUMOTHORAX), onlooker(1)) == []
    assert len(listed(db, Filters(label=Label.PNEUMOTHORAX), onlooker(2))) == 1


def test_who_has_it_open_is_told(db: Database, spool: Spool) -> None:
    film(db, spool)
    dora = account(db)
    with db.write() as session:
        note_open(session, 1, dora, shown=True)
    (study,) = listed(db)
    assert [person.person_name for person in study.opened_by] == ["Dora^Dr"]
    assert study.opened_at is not None
    assert uids(listed(db, Filters(place=None, only=Only.MINE), onlooker(account_id=dora)))
    assert not listed(db, Filters(place=None, only=Only.MINE), onlooker(account_id=dora + 1))
    assert not listed(db, Filters(place=None, only=Only.UNOPENED))


def test_what_one_reviewed_is_ones_own(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading())
    dora, eve = account(db), account(db, "eve")
    with db.write() as session:
        accept(session, latest_draft(session, "1.2.3"), author="Dora^Dr", final=False)
    mine = Filters(place=None, only=Only.MINE)
    assert len(listed(db, mine, onlooker(account_id=dora))) == 1
    assert listed(db, mine, onlooker(account_id=eve)) == []


def test_filters_narrow(db: Database, spool: Spool) -> None:
    for study, labels in (("1", (Label.PNEUMOTHORAX,)), ("2", (Label.EDEMA,)), ("3", ())):
        film(db, spool, study=study)
        read_next(db, reading(*labels))
    film(db, spool, study="4")
    film_failed(db, claim_draft(db), "no words")
    change(db, "2", received_at=now() - timedelta(days=3))
    for filters, found in (
        (Filters(), ["1", "2", "3"]),
        (Filters(tier=Tier.ROUTINE), ["3"]),
        (Filters(label=Label.EDEMA), ["2"]),
        (Filters(period=Period.DAY), ["1", "3"]),
        (Filters(place=None, state=StudyState.FAILED), ["4"]),
        (Filters(place=Place.NO_RESULT), ["4"]),
        (Filters(place=None), ["4", "3", "1", "2"]),
        (Filters(place=None, label=Label.FRACTURE), []),
    ):
        assert uids(listed(db, filters)) == found, filters


@pytest.mark.parametrize(
    "text", ["müll", "MÜLLER", "müller, ann", "ann^müller", "xq-0", "XQ-07", "a%_1", "a%_1 ann"]
)
def test_a_search_finds_by_the_beginnings_of_words(db: Database, spool: Spool, text: str) -> None:
    patient = PatientFacts("XQ-07", "HOSPITAL", "MÜLLER^Anna^Maria", "", "")
    film(db, spool, patient=patient, accession="A%_1/2")
    assert len(listed(db, Filters(place=None, text=text))) == 1


@pytest.mark.parametrize("text", ["üller", "q-07", "%", "_", "a__1", "ann peter", "\n", "\\"])
def test_a_search_finds_nothing_else(db: Database, spool: Spool, text: str) -> None:
    patient = PatientFacts("XQ-07", "HOSPITAL", "MÜLLER^Anna", "", "")
    film(db, spool, patient=patient, accession="A%_1")
    found = listed(db, Filters(place=None, text=text))
    # Nothing but breaks between words asks for nothing.
    assert len(found) == (1 if text.isspace() else 0)


def test_a_changed_name_is_found(db: Database, spool: Spool) -> None:
    film(db, spool)
    film(db, spool, patient=PatientFacts("P1", "HOSPITAL", "ROE^JANE", "19700101", "F"))
    assert listed(db, Filters(place=None, text="doe")) == []
    assert len(listed(db, Filters(place=None, text="roe p1"))) == 1


def test_words_to_be_found_by() -> None:
    words = search_words(name="Doe^Jane=Д^Ж", patient_id="P 1", accession="")
    assert words == "\ndoe\njane\nд\nж\np\n1"


def test_a_search_that_is_too_long_is_refused() -> None:
    Filters(text="x" * LONGEST_TEXT)
    with pytest.raises(WrongArgumentError, match="64 characters"):
        Filters(text="x" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize("text", ["", "1", "3-1-1", "1-1", "1-1-1-1", "1--1-1", "x-1-1", "1-٣-1"])
def test_a_mark_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongArgumentError, match="go on from"):
        Mark.parse(text)


def test_flags_that_nobody_opened_are_found_and_counted(db: Database, spool: Spool) -> None:
    def overdue(*, after: timedelta = HOUR) -> list[str]:
        with db.read() as session:
            number = worklist_counts(session, after).overdue
        filters = Filters(place=None, only=Only.OVERDUE)
        found = uids(listed(db, filters, onlooker(unopened_after=after)))
        assert number == len(found)
        return found

    for study, labels in (("1", (Label.ATELECTASIS,)), ("2", ()), ("3", (Label.EDEMA,))):
        film(db, spool, study=study)
        read_next(db, reading(*labels))
    assert overdue() == []
    assert overdue(after=timedelta()) == ["3", "1"]
    # A person who is shown the study has seen them, and later ones wait anew.
    dora = account(db)
    with db.write() as session:
        note_open(session, 3, dora, shown=True)
    assert overdue(after=timedelta()) == ["1"]
    read_again(db, 3, reading(Label.EDEMA))
    assert overdue(after=timedelta()) == ["3", "1"]
    # One whose report was signed elsewhere was looked at, and a rejected film's wait for nobody.
    sign(db, spool, study="1")
    reject(db, spool, 3, study="3")
    assert overdue(after=timedelta()) == []


def test_a_review_has_seen_the_flags(db: Database, spool: Spool) -> None:
    film(db, spool)
    read_next(db, reading(Label.EDEMA))
    assert listed(db)[0].unseen_since is not None
    with db.write() as session:
        accept(session, latest_draft(session, "1.2.3"), author="Doc", final=False)
    assert listed(db)[0].unseen_since is None
    # What is found afterwards waits, though the study is done.
    read_again(db, 1, reading(Label.PNEUMOTHORAX))
    (study,) = listed(db)
    assert study.unseen_since is not None
    assert places(db) == {"1.2.3": Place.DONE}


def test_an_audits_film_waits_for_nobody(db: Database, spool: Spool) -> None:
    film(db, spool, purpose=Purpose.AUDIT)
    read_next(db, reading(Label.PNEUMOTHORAX))
    assert listed(db) == []
    # Until it comes in to be read as well.
    with db.read() as session:
        uid = session.get_one(Instance, 1).uid
    take_in(db, spool, received(spool, uid), TO_READ, never_same)
    (study,) = listed(db)
    assert study.unseen_since is not None
    assert [flag.label for flag in study.flags] == [Label.PNEUMOTHORAX]


def test_counts_say_where_work_is(db: Database, spool: Spool) -> None:
    for study in ("1", "2"):
        film(db, spool, study=study)
        read_next(db, reading(Label.PNEUMOTHORAX))
    film(db, spool, study="3")
    with db.read() as session:
        counts = worklist_counts(session, HOUR)
    assert counts.drafts == {Tier.URGENT: 2}
    assert counts.no_result == {StudyState.WAITING: 1}
    assert (counts.of(Place.DRAFTS), counts.of(Place.NO_RESULT), counts.overdue) == (2, 1, 0)
