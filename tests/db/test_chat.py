"""Questions about a film in the database: who may ask what, and how a question follows its job.

What a worker makes of a question is tested with the worker, the pages with the reading room.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.accounts import AccountRole
from core.clock import now
from core.errors import WrongArgumentError
from core.labels import Label
from core.states import FilmState, JobKind, JobState, Purpose, Standing, TurnState
from db import chat
from db.accounts import add_account
from db.chat import Asking, TooManyQuestionsError, ask, cancel, turn_of, turns_of
from db.chat_answers import (
    MOST_CHARACTERS_TOLD,
    MOST_TOLD,
    Answered,
    store_answer,
    turn_for,
    write_piece,
)
from db.chat_events import pieces_after, waiting_for
from db.chat_films import IN_SHADOW, QuestionRefusedError
from db.engine import Database
from db.job_orders import CALLED_OFF, cancel_job, retry_job
from db.jobs import Claim, claim, fail
from db.leases import Attempts, release_lost
from db.models import AuditEvent, ChatTurn, Instance, Job, ReadingRow, WorkerRow
from db.spool import Spool
from db.standings import register_model
from tests.db.builders import film, lease_ended, let_show, model, read_next, reading

STUDY = "1.2.3"
FILM = "1.2.3.4.500"


@pytest.fixture
def read(db: Database, spool: Spool) -> int:
    """A film that was read; its row."""
    number = film(db, spool, uid=FILM)
    read_next(db, reading(Label.EDEMA))
    let_show(db, model())
    return number


def _person(db: Database, name: str = "ann") -> Asking:
    with db.write() as session:
        account = add_account(session, name, person=f"{name}^X", roles=(AccountRole.RADIOLOGIST,))
        session.flush()
        return Asking(account.id, name)


def _ask(db: Database, asking: Asking, words: str = "Why?", film_uid: str = FILM) -> int:
    with db.write() as session:
        study = session.scalars(select(Instance.study_id).where(Instance.uid == FILM)).one()
        return ask(session, asking, study, film_uid, words)


def _held(db: Database) -> Claim:
    held = claim(db, [JobKind.CHAT], worker="w", lease_seconds=60.0)
    assert held is not None
    return held


def _turn(db: Database, number: int) -> ChatTurn:
    with db.read() as session:
        return session.get_one(ChatTurn, number)


def _kinds(db: Database, turn: int) -> list[str]:
    with db.read() as session:
        return [piece.kind.value for piece in pieces_after(session, turn)]


def _answer(db: Database, turn: int, words: str) -> None:
    held = _held(db)
    assert turn_for(db, held, model().uid).turn_id == turn
    store_answer(db, held, turn, Answered(words, (), 0), model())


def _long_ago(db: Database) -> None:
    with db.write() as session:
        session.execute(update(ChatTurn).values(asked_at=now() - timedelta(minutes=2)))


def test_a_question_is_a_row_a_job_and_an_event(db: Database, read: int) -> None:
    asking = _person(db)
    asked = _ask(db, asking, "  Is there\nedema? ")
    found = _turn(db, asked)
    assert (found.question, found.number, found.state) == (
        "Is there\nedema?",
        1,
        TurnState.WAITING,
    )
    with db.read() as session:
        job = session.get_one(Job, found.job_id)
        assert (job.kind, job.instance_id, job.study_id) == (JobKind.CHAT, read, found.study_id)
        [event] = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "question_asked")
        ).all()
    assert (event.actor, event.instance_id) == ("ann", read)
    assert event.details == {"turn": asked, "number": 1}


def test_a_question_has_words_and_not_too_many(db: Database, read: int) -> None:
    asking = _person(db)
    for words in ("", " \n", "x" * (chat.LONGEST_QUESTION + 1)):
        with pytest.raises(QuestionRefusedError, match="1 to 1000 characters"):
            _ask(db, asking, words)
    assert read


def test_no_model_is_asked_about_a_film_that_none_may_speak_of(db: Database, read: int) -> None:
    asking = _person(db)
    usual = {
        "rejection_code": None,
        "purpose": Purpose.READ,
        "removed_at": None,
        "state": FilmState.READ,
    }
    for values, why in (
        ({"rejection_code": "113001"}, "was rejected"),
        ({"purpose": Purpose.PRIOR}, "fetched from an archive"),
        ({"purpose": Purpose.AUDIT}, "fetched from an archive"),
        ({"removed_at": now()}, "removed by retention on"),
        ({"state": FilmState.RECEIVED}, "not read by a model"),
        ({"state": FilmState.NOT_READ}, "not read by a model"),
        ({"state": FilmState.FAILED}, "reading failed"),
        ({"state": FilmState.QUARANTINED}, "kept aside"),
        ({"state": FilmState.QUEUED}, "not been read yet"),
        ({"state": FilmState.READING}, "not been read yet"),
    ):
        with db.write() as session:
            session.execute(update(Instance).where(Instance.id == read).values({**usual, **values}))
        with pytest.raises(QuestionRefusedError, match=why):
            _ask(db, asking)


def test_no_model_is_asked_about_a_film_that_was_read_in_shadow(db: Database, read: int) -> None:
    with db.write() as session:
        session.execute(
            update(ReadingRow).where(ReadingRow.instance_id == read).values(current=False)
        )
    with pytest.raises(QuestionRefusedError, match=IN_SHADOW):
        _ask(db, _person(db))


def test_a_film_of_another_study_is_none_of_this_one(db: Database, spool: Spool, read: int) -> None:
    film(db, spool, uid="1.2.3.4.501", study="1.2.9")
    assert read
    with pytest.raises(QuestionRefusedError, match="no such film"):
        _ask(db, _person(db), film_uid="1.2.3.4.501")


def test_one_asks_after_the_answer(db: Database, read: int) -> None:
    asking, other = _person(db), _person(db, "ben")
    first = _ask(db, asking)
    with pytest.raises(QuestionRefusedError, match="no answer yet"):
        _ask(db, asking)
    _ask(db, other)
    _answer(db, first, "Because.")
    second = _ask(db, asking)
    assert _turn(db, second).number == 2
    assert read


def test_nobody_asks_without_end(db: Database, read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "MOST_IN_A_WINDOW", 2)
    monkeypatch.setattr(chat, "MOST_TURNS", 3)
    asking = _person(db)
    for _ in range(2):
        _answer(db, _ask(db, asking), "Yes.")
    with pytest.raises(TooManyQuestionsError, match="2 questions within 60 s"):
        _ask(db, asking)
    _long_ago(db)
    _answer(db, _ask(db, asking), "Yes.")
    _long_ago(db)
    with pytest.raises(QuestionRefusedError, match="3 questions about one film"):
        _ask(db, asking)
    assert read


def test_a_model_is_told_the_newest_answered_turns(db: Database, read: int) -> None:
    asking = _person(db)
    for number in range(MOST_TOLD + 2):
        asked = _ask(db, asking, f"{number}?")
        if number == MOST_TOLD:
            with db.write() as session:
                fail(session, _held(db), "no")
        else:
            _answer(db, asked, f"{number}.")
        _long_ago(db)
    _ask(db, asking, "last?")
    told = turn_for(db, _held(db), model().uid).turns
    assert told[-1] == (f"{MOST_TOLD + 1}?", f"{MOST_TOLD + 1}.")
    assert told[-2] == (f"{MOST_TOLD - 1}?", f"{MOST_TOLD - 1}.")
    assert len(told) == MOST_TOLD
    assert read


def test_a_model_is_told_no_more_than_so_many_characters(db: Database, read: int) -> None:
    asking = _person(db)
    for _ in range(3):
        _answer(db, _ask(db, asking, "Why?"), "x" * (MOST_CHARACTERS_TOLD // 2 - 4))
        _long_ago(db)
    _ask(db, asking, "last?")
    assert len(turn_for(db, _held(db), model().uid).turns) == 2
    assert read


def test_an_answer_is_written_piece_by_piece(db: Database, read: int) -> None:
    asked = _ask(db, _person(db))
    held = _held(db)
    turn_for(db, held, model().uid)
    assert _turn(db, asked).begun_at is None
    write_piece(db, held, asked, "Be", model().uid)
    begun = _turn(db, asked).begun_at
    write_piece(db, held, asked, "cause", model().uid)
    with db.read() as session:
        pieces = pieces_after(session, asked)
        assert [piece.text for piece in pieces] == ["", "Be", "cause"]
        assert pieces_after(session, asked, pieces[1].id) == pieces[2:]
        shown = turn_of(session, read, asked)
    assert shown is not None
    assert (shown.state, shown.answer) == (TurnState.ANSWERING, "")
    assert begun is not None
    assert _turn(db, asked).begun_at == begun


def test_a_model_that_is_put_into_shadow_in_mid_answer_says_no_more(
    db: Database, read: int
) -> None:
    asked = _ask(db, _person(db))
    held = _held(db)
    turn_for(db, held, model().uid)
    let_show(db, model(), standing=Standing.SHADOW)
    with pytest.raises(QuestionRefusedError, match=IN_SHADOW):
        write_piece(db, held, asked, "Be", model().uid)
    with pytest.raises(QuestionRefusedError, match=IN_SHADOW):
        store_answer(db, held, asked, Answered("Because.", (), 0), model())
    assert _kinds(db, asked) == ["begin"]
    with db.read() as session:
        shown = turn_of(session, read, asked)
    assert shown is not None
    assert (shown.state, shown.answer) == (TurnState.ANSWERING, "")


def test_turns_are_listed_by_person_with_who_answered(db: Database, read: int) -> None:
    ann, ben = _person(db), _person(db, "ben")
    with db.write() as session:
        register_model(session, model(), actor="w")
    first = _ask(db, ann)
    _answer(db, first, "Yes.")
    other = _ask(db, ben)
    second = _ask(db, ann)
    with db.read() as session:
        listed = turns_of(session, read)
    assert [turn.id for turn in listed] == [first, second, other]
    assert [turn.person for turn in listed] == ["ann^X", "ann^X", "ben^X"]
    assert [turn.model for turn in listed] == ["test 1", "", ""]


def test_what_a_question_waits_for_is_known(db: Database, read: int) -> None:
    first, second = _ask(db, _person(db)), _ask(db, _person(db, "ben"))
    with db.read() as session:
        waiting = waiting_for(session, second)
    assert waiting is not None
    assert (waiting.ahead, waiting.worker) == (1, False)
    with db.write() as session:
        session.add(WorkerRow(name="old", pid=1, seen_at=now() - timedelta(minutes=1)))
        session.add(WorkerRow(name="w", pid=1))
    _answer(db, first, "Yes.")
    with db.read() as session:
        waiting = waiting_for(session, second)
        assert waiting_for(session, first) is None
    assert waiting is not None
    assert (waiting.ahead, waiting.worker) == (0, True)
    assert read


def test_only_who_asked_calls_a_question_off(db: Database, read: int) -> None:
    ann, ben = _person(db), _person(db, "ben")
    asked = _ask(db, ann)
    with db.write() as session, pytest.raises(QuestionRefusedError, match="only who asked"):
        cancel(session, ben, asked)
    with db.write() as session:
        cancel(session, ann, asked)
    assert _turn(db, asked).state is TurnState.CANCELLED
    assert _kinds(db, asked) == ["cancelled"]
    assert claim(db, [JobKind.CHAT], worker="w", lease_seconds=60.0) is None
    assert _ask(db, ann) > asked
    assert read


def test_an_answer_that_is_whole_is_not_called_off(db: Database, read: int) -> None:
    ann = _person(db)
    asked = _ask(db, ann)
    _answer(db, asked, "Yes.")
    with db.write() as session:
        cancel(session, ann, asked)
    assert (_turn(db, asked).state, _turn(db, asked).answer) == (TurnState.ANSWERED, "Yes.")
    assert _kinds(db, asked) == ["begin", "end"]
    assert read


def test_an_administrator_calls_off_and_cannot_ask_anew(db: Database, read: int) -> None:
    asked = _ask(db, _person(db))
    job = _turn(db, asked).job_id
    assert job is not None
    with db.write() as session:
        cancel_job(session, job)
    assert (_turn(db, asked).state, _turn(db, asked).error) == (TurnState.CANCELLED, CALLED_OFF)
    with db.write() as session, pytest.raises(WrongArgumentError, match="may ask it again"):
        retry_job(session, job)
    assert read


def test_a_question_whose_worker_is_gone_waits_again_and_fails_at_last(
    db: Database, read: int
) -> None:
    asked = _ask(db, _person(db))
    for state in (TurnState.WAITING, TurnState.FAILED):
        held = _held(db)
        turn_for(db, held, model().uid)
        assert _turn(db, asked).state is TurnState.ANSWERING
        lease_ended(db, held)
        assert release_lost(db, Attempts(films=2)) == 1
        assert _turn(db, asked).state is state
    assert _kinds(db, asked) == ["begin", "begin", "failed"]
    with db.read() as session:
        assert session.get_one(Job, _turn(db, asked).job_id).state is JobState.FAILED
        assert session.get_one(Instance, read).state is FilmState.READ
