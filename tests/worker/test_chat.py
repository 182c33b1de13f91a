"""Questions about a film, from the queue to each of their ends, with a real database.

The model is replaced by `OddTalk`; that a conversation goes through a model as it should is tested
with the reader, and the whole way with the demonstration model in `test_demo_chat`.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from core.clock import now
from core.errors import (
    DatabaseAwayError,
    EngineAwayError,
    OutOfMemoryError,
    UnknownTaskError,
    UnparseableAnswerError,
)
from core.states import FilmState, JobKind, JobState, Standing, TurnState
from core.worker_settings import WorkerSettings
from db import jobs
from db.chat import cancel
from db.chat_answers import LONGEST_WAIT
from db.chat_films import IN_SHADOW
from db.leases import Attempts, release_lost
from db.models import ChatTurn, Instance, Job
from db.standings import set_standing
from db.workers import SignOfLife
from reader.answers import BoxesAnswer
from reader.protocol import Conversation, OnText, ignore
from tests.waiting import wait_until
from tests.worker.house import House
from tests.worker.odd_reader import IDENTITY, Act, OddReader
from tests.worker.odd_talk import OddTalk
from tests.worker.talking import events, job, person, question, turn
from worker.chat import Talker
from worker.draft import Drafter
from worker.heartbeat import Heartbeat
from worker.interruptions import MOST_FILM_SECONDS, Interruptions
from worker.pulse import Pulse

Talk = Callable[[], Conversation]


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    with Pulse() as made:
        yield made


class Bench:
    """A worker's talker and drafter over one odd model."""

    def __init__(self, house: House, pulse: Pulse, talk: Talk = OddTalk, act: Act = ignore) -> None:
        self.heartbeat = Heartbeat(house.db, pulse, SignOfLife("w1", 1), house.settings.worker)
        self.reader = OddReader(act, talk)
        self.talker = Talker(house.db, self.reader, house.settings, self.heartbeat, "w1")
        self.interruptions = Interruptions(self.talker.answer_one, look_seconds=600.0)
        self.drafter = Drafter(
            house.db,
            self.reader,
            house.settings,
            self.heartbeat,
            "w1",
            self.interruptions,
            self.talker.make_room,
        )

    def answer(self) -> bool:
        """Answer the next question."""
        return self.talker.answer_one()


def _read_film(house: House, bench: Bench) -> int:
    film = house.add_film()
    assert bench.drafter.draft_one()
    bench.reader.seen.clear()
    return film


def _asked(house: House, pulse: Pulse, talk: Talk = OddTalk) -> tuple[Bench, int]:
    bench = Bench(house, pulse, talk)
    return bench, question(house, _read_film(house, bench), "Why?")


def _raising(error: Exception) -> Talk:
    def act(_word: str) -> None:
        raise error

    return lambda: OddTalk(act)


def test_nobody_asked(house: House, pulse: Pulse) -> None:
    assert not Bench(house, pulse).answer()


def test_a_question_is_answered(house: House, pulse: Pulse) -> None:
    bench, asked = _asked(house, pulse)
    assert bench.answer()
    assert not bench.answer()
    found = turn(house, asked)
    assert found.state is TurnState.ANSWERED
    assert found.answer == "You asked Why? after 0 turns: at [0.1, 0.2, 0.3, 0.4]."
    assert found.boxes == [{"x1": 0.1, "y1": 0.2, "x2": 0.3, "y2": 0.4}]
    assert (found.model_uid, found.demo, found.told) == (IDENTITY.uid, False, 0)
    assert found.begun_at is not None
    assert found.answered_at is not None
    assert job(house, asked).state is JobState.DONE
    [first, *pieces, last] = events(house, asked)
    assert (first, last) == (("begin", ""), ("end", ""))
    assert "".join(text for _, text in pieces).strip() == found.answer


def test_words_are_passed_on_while_they_are_written(house: House, pulse: Pulse) -> None:
    seen: list[list[tuple[str, str]]] = []

    def look(word: str) -> None:
        if word == "after":
            seen.append(events(house, asked))

    bench, asked = _asked(house, pulse, lambda: OddTalk(look))
    bench.answer()
    assert seen == [[("begin", ""), ("text", " You")]]


def test_each_question_knows_what_the_same_person_asked_of_the_same_film(
    house: House, pulse: Pulse
) -> None:
    bench, _ = _asked(house, pulse)
    bench.answer()
    film = _read_film(house, bench)
    other = person(house, "other")
    for words, who in (("One?", None), ("Two?", None), ("Three?", other)):
        asked = question(house, film, words, who)
        bench.answer()
        told = {"One?": 0, "Two?": 1, "Three?": 0}[words]
        assert f"after {told} turns" in turn(house, asked).answer
        assert turn(house, asked).told == told


def test_another_worker_goes_on_with_the_conversation(house: House, pulse: Pulse) -> None:
    bench, asked = _asked(house, pulse)
    bench.answer()
    film = turn(house, asked).instance_id
    second = question(house, film, "And?")
    Bench(house, pulse).answer()
    assert "after 1 turns" in turn(house, second).answer


def test_a_picture_goes_through_the_model_once_while_it_is_spoken_of(
    house: House, pulse: Pulse
) -> None:
    bench = Bench(house, pulse)
    films = [_read_film(house, bench) for _ in range(3)]
    for film in (*films[:2], *films[:2], films[2], films[1], films[0]):
        question(house, film, "What?")
        bench.answer()
    assert len(bench.reader.seen) == 4


def test_what_does_not_fit_into_the_model_is_forgotten_oldest_first(
    house: House, pulse: Pulse
) -> None:
    bench = Bench(house, pulse, lambda: OddTalk(room=2))
    film = _read_film(house, bench)
    told = []
    for number in range(5):
        asked = question(house, film, f"{number}?")
        bench.answer()
        told.append(turn(house, asked).told)
    assert told == [0, 1, 2, 1, 2]


def test_a_question_that_alone_does_not_fit_fails(house: House, pulse: Pulse) -> None:
    bench, asked = _asked(house, pulse, lambda: OddTalk(room=-1))
    bench.answer()
    assert (turn(house, asked).state, turn(house, asked).error) == (TurnState.FAILED, "no room")


@pytest.mark.parametrize(
    "error",
    [
        UnparseableAnswerError("the answer is empty"),
        UnknownTaskError("not trained for conversation"),
        EngineAwayError("the endpoint is away"),
    ],
)
def test_a_model_that_cannot_answer_says_so_at_once(
    house: House, pulse: Pulse, error: Exception
) -> None:
    bench, asked = _asked(house, pulse, _raising(error))
    bench.answer()
    found = turn(house, asked)
    assert (found.state, found.error, found.answer) == (TurnState.FAILED, str(error), "")
    assert job(house, asked).state is JobState.FAILED
    assert events(house, asked)[-1] == ("failed", str(error))


def test_a_question_without_words_fails(house: House, pulse: Pulse) -> None:
    bench = Bench(house, pulse)
    asked = question(house, _read_film(house, bench), "<image>")
    bench.answer()
    assert turn(house, asked).error == "the question has no words that a model could be asked"


def test_an_unforeseen_error_is_tried_again_and_then_told_without_its_text(
    house: House, pulse: Pulse
) -> None:
    bench, asked = _asked(house, pulse, _raising(RuntimeError("Doe^Jane")))
    for _ in range(WorkerSettings().maximum_attempts):
        with house.db.write() as session:
            session.get_one(Job, job(house, asked).id).due_at = now()
        assert bench.answer()
    found = turn(house, asked)
    assert found.state is TurnState.FAILED
    assert found.error is not None
    assert found.error.startswith("unforeseen RuntimeError at")
    assert [kind for kind, _ in events(house, asked)] == ["begin"] * 3 + ["failed"]


def test_a_lack_of_memory_lets_go_of_other_films_and_begins_anew(
    house: House, pulse: Pulse
) -> None:
    errors = [OutOfMemoryError("full")]

    def act(word: str) -> None:
        if word == "after" and errors:
            raise errors.pop()

    bench, asked = _asked(house, pulse, lambda: OddTalk(act))
    bench.answer()
    assert turn(house, asked).state is TurnState.ANSWERED
    assert len(bench.reader.seen) == 2
    kinds = [kind for kind, _ in events(house, asked)]
    assert kinds[:3] == ["begin", "text", "begin"]
    last = len(kinds) - kinds[::-1].index("begin")
    assert "".join(text for _, text in events(house, asked)[last:]).strip().startswith("You")


def test_a_film_that_was_removed_or_rejected_meanwhile_is_not_spoken_of(
    house: House, pulse: Pulse
) -> None:
    bench, asked = _asked(house, pulse)
    with house.db.write() as session:
        session.get_one(Instance, turn(house, asked).instance_id).removed_at = now()
    bench.answer()
    error = turn(house, asked).error
    assert error is not None
    assert "removed by retention" in error
    assert bench.reader.seen == []


def test_a_model_in_shadow_says_nothing(house: House, pulse: Pulse) -> None:
    bench, asked = _asked(house, pulse)
    with house.db.write() as session:
        set_standing(session, IDENTITY.uid, Standing.SHADOW, basis="doubts", actor="admin")
    bench.answer()
    assert turn(house, asked).error == IN_SHADOW
    assert bench.reader.seen == []


@pytest.mark.parametrize("said", ["after", "0.4]."])
def test_a_model_that_is_put_into_shadow_in_mid_answer_says_no_more(
    house: House, pulse: Pulse, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.chat.PIECE_SECONDS", 0.0)

    def doubt(word: str) -> None:
        if word == said:
            with house.db.write() as session:
                set_standing(session, IDENTITY.uid, Standing.SHADOW, basis="doubts", actor="admin")

    bench, asked = _asked(house, pulse, lambda: OddTalk(doubt))
    assert bench.answer()
    found = turn(house, asked)
    assert (found.state, found.answer, found.error) == (TurnState.FAILED, "", IN_SHADOW)
    assert events(house, asked)[-1] == ("failed", IN_SHADOW)
    assert job(house, asked).state is JobState.FAILED
    assert not any(said in text for _, text in events(house, asked))


def test_a_model_that_is_put_into_shadow_after_its_last_word_gives_no_answer(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boxes_in(_talk: OddTalk, _answer: str) -> BoxesAnswer:
        with house.db.write() as session:
            set_standing(session, IDENTITY.uid, Standing.SHADOW, basis="doubts", actor="admin")
        return BoxesAnswer(())

    monkeypatch.setattr(OddTalk, "boxes_in", boxes_in)
    bench, asked = _asked(house, pulse)
    assert bench.answer()
    found = turn(house, asked)
    assert (found.state, found.answer, found.error) == (TurnState.FAILED, "", IN_SHADOW)
    assert job(house, asked).state is JobState.FAILED


def test_a_question_that_waited_too_long_is_not_answered(house: House, pulse: Pulse) -> None:
    bench, asked = _asked(house, pulse)
    with house.db.write() as session:
        long_ago = now() - LONGEST_WAIT - timedelta(seconds=1)
        session.get_one(ChatTurn, asked).asked_at = long_ago
    bench.answer()
    assert turn(house, asked).error == "nobody could answer within 10 minutes"


def test_who_is_called_off_in_mid_answer_writes_nothing_more(house: House, pulse: Pulse) -> None:
    def call_off(word: str) -> None:
        if word == "after":
            with house.db.write() as session:
                cancel(session, person(house), asked)

    bench, asked = _asked(house, pulse, lambda: OddTalk(call_off))
    assert bench.answer()
    found = turn(house, asked)
    assert (found.state, found.answer) == (TurnState.CANCELLED, "")
    assert events(house, asked)[-1] == ("cancelled", "")
    assert job(house, asked).state is JobState.CANCELLED


def test_the_question_of_a_dead_worker_is_answered_by_the_next(house: House, pulse: Pulse) -> None:
    bench, asked = _asked(house, pulse)
    held = jobs.claim(house.db, (JobKind.CHAT,), worker="dead", lease_seconds=0.0)
    assert held is not None
    wait_until(lambda: release_lost(house.db, Attempts(), (JobKind.CHAT,)) == 1)
    assert turn(house, asked).state is TurnState.WAITING
    bench.answer()
    assert turn(house, asked).state is TurnState.ANSWERED


def test_a_question_that_kills_each_worker_fails(house: House, pulse: Pulse) -> None:
    _, asked = _asked(house, pulse)
    for _ in range(2):
        assert jobs.claim(house.db, (JobKind.CHAT,), worker="dead", lease_seconds=0.0)
        wait_until(lambda: release_lost(house.db, Attempts(films=2), (JobKind.CHAT,)) == 1)
    assert turn(house, asked).state is TurnState.FAILED
    assert "the last one" in (turn(house, asked).error or "")


def test_a_stop_gives_the_question_back(house: House, pulse: Pulse) -> None:
    def stop(_word: str) -> None:
        bench.heartbeat.stop_soon()

    bench, asked = _asked(house, pulse, lambda: OddTalk(stop))
    bench.answer()
    assert turn(house, asked).state is TurnState.WAITING
    assert (job(house, asked).state, job(house, asked).attempts) == (JobState.WAITING, 0)


def test_a_database_that_is_away_in_mid_answer_costs_no_answer(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, away = house.db.write, [True]

    def break_down(word: str) -> None:
        if word == "You":
            monkeypatch.setattr(house.db, "write", refuse)

    def refuse() -> object:
        if away:
            away.pop()
            message = "away"
            raise DatabaseAwayError(message)
        return write()

    bench, asked = _asked(house, pulse, lambda: OddTalk(break_down))
    bench.answer()
    found = turn(house, asked)
    assert found.state is TurnState.ANSWERED
    said = "".join(text for kind, text in events(house, asked) if kind == "text")
    assert said.strip() == found.answer


def test_a_question_is_answered_in_the_middle_of_a_reading(house: House, pulse: Pulse) -> None:
    asked: list[int] = []
    states: list[tuple[TurnState, FilmState]] = []

    def act(on_progress: OnText) -> None:
        if not asked:
            return
        bench.interruptions.ring()
        on_progress("report 1")
        states.append((turn(house, asked[0]).state, house.film(film).state))

    bench = Bench(house, pulse, act=act)
    first = _read_film(house, bench)
    film = house.add_film()
    asked.append(question(house, first, "Why?"))
    assert bench.drafter.draft_one()
    assert states == [(TurnState.ANSWERED, FilmState.READING)]
    assert house.film(film).state is FilmState.READ
    assert house.draft(film).attempts == 1


@pytest.mark.parametrize(
    ("answer_seconds", "film_seconds"), [(0.5, 0.5), (2.0, MOST_FILM_SECONDS), (30.0, 2.0)]
)
def test_a_reading_goes_on_for_a_while_after_each_question(
    answer_seconds: float, film_seconds: float
) -> None:
    at = 100.0
    answered: list[float] = []

    def answer_one() -> bool:
        nonlocal at
        at += answer_seconds
        answered.append(at)
        return len(answered) < 4

    interruptions = Interruptions(answer_one, look_seconds=600.0, clock=lambda: at)
    interruptions.ring()
    interruptions()
    for _ in range(2):
        at = answered[-1] + film_seconds - 0.125
        interruptions.ring()
        interruptions()
        assert answered[-1] < at
        at += 0.125
        interruptions()
        assert answered[-1] == at
    assert len(answered) == 3


def test_questions_that_wait_are_answered_in_one_reading(house: House, pulse: Pulse) -> None:
    films: list[int] = []
    asked: list[int] = []

    def act(on_progress: OnText) -> None:
        if not films:
            return
        asked.extend(question(house, films[0], "Why?", person(house, f"p{n}")) for n in range(3))
        bench.interruptions.ring()
        wait_until(lambda: _go_on(on_progress, house, asked))

    bench = Bench(house, pulse, act=act)
    films.append(_read_film(house, bench))
    film = house.add_film()
    bench.drafter.draft_one()
    assert house.film(film).state is FilmState.READ


def _go_on(on_progress: OnText, house: House, asked: list[int]) -> bool:
    on_progress("report")
    return all(turn(house, one).state is TurnState.ANSWERED for one in asked)


def test_a_question_that_breaks_in_mid_reading_is_not_the_films_affair(
    house: House, pulse: Pulse
) -> None:
    def act(on_progress: OnText) -> None:
        bench.interruptions.ring()
        on_progress("report 1")

    bench = Bench(house, pulse, _raising(RuntimeError("x")), act)
    first = _read_film(house, bench)
    film = house.add_film()
    asked = question(house, first, "Why?")
    bench.drafter.draft_one()
    assert house.film(film).state is FilmState.READ
    assert turn(house, asked).state is TurnState.WAITING
