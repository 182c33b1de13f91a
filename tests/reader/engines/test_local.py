"""One encoding of a film serves all questions, together or one by one, and changes no token.

Runs the tiny model for real, greedily, in single precision, against plain calls of
`transformers`. CUDA graphs are not covered: they need a GPU.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch

from core.errors import OutOfMemoryError, UnparseableAnswerError
from reader import prompts
from reader.engines.film import Asked
from reader.engines.graphs import Steps
from reader.engines.local import LocalEngine, LocalFilm
from reader.engines.local_model import LocalModel
from reader.families.radvlm import RADVLM
from reader.film_reader import FilmReader
from reader.picture import rgb

Picture = npt.NDArray[np.uint8]
QUESTIONS = (
    prompts.CLASSIFICATION,
    prompts.REPORT,
    prompts.grounding("edema"),
    prompts.PHRASE.format("There is a small left pleural effusion, and more words than before."),
    "Why?",
)
HISTORY = (("Is it normal?", "No."), ("Why?", "There is edema."))


@pytest.fixture
def model(tiny_reader: FilmReader) -> LocalModel:
    engine = tiny_reader.engine
    assert isinstance(engine, LocalEngine)
    return engine.model


@pytest.fixture
def engine(model: LocalModel) -> LocalEngine:
    return LocalEngine(model, maximum_new_tokens=24)


@pytest.fixture
def pictures(film: Picture) -> list[Picture]:
    """Films of different sizes, and so of different numbers of tokens."""
    return [film, 255 - film, film[:30], film[:, :20]]


def asked(question: str, turns: Sequence[tuple[str, str]] = (), *, system: bool = False) -> Asked:
    return Asked(tuple(turns), question, RADVLM.prompt(turns, question, system=system))


def silent(_piece: str) -> None:
    """Hear nothing."""


def answers(engine: LocalEngine, questions: Sequence[tuple[LocalFilm, Asked]]) -> list[str]:
    given = dict(engine.answers(questions, silent))
    assert sorted(given) == list(range(len(questions)))
    return [given[number].text for number in range(len(questions))]


def plain_answer(model: LocalModel, picture: Picture, asked: Asked, longest: int = 24) -> str:
    """Ask by one call of the library with the picture in it, as the published inference does."""
    seen = model.image_tensors(rgb(picture))
    count = len(model.features(seen))
    text = f"{asked.prompt.before}{'<image>' * count}{asked.prompt.after}"
    tokens = torch.tensor([model.tokenizer(text, add_special_tokens=False)["input_ids"]])
    with torch.inference_mode():
        output = model.model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=longest,
            do_sample=False,
            repetition_penalty=model.repetition_penalty,
            **seen,
        )
    said = output[0, tokens.shape[1] :]
    answer: str = model.tokenizer.decode(said, skip_special_tokens=True)
    return answer.strip()


def test_questions_together_are_answered_as_by_fresh_calls(
    engine: LocalEngine, film: Picture
) -> None:
    seen = engine.film(rgb(film))
    together = answers(engine, [(seen, asked(question)) for question in QUESTIONS])
    fresh = [plain_answer(engine.model, film, asked(question)) for question in QUESTIONS]
    assert together == fresh
    assert len(set(fresh)) == len(QUESTIONS)
    assert seen.encodings == 1


def test_films_together_are_answered_as_by_fresh_calls(
    engine: LocalEngine, pictures: list[Picture]
) -> None:
    films = [engine.film(rgb(picture)) for picture in pictures]
    assert len({len(film.prefix(asked("x").prompt.before)) for film in films}) > 1
    questions = [(film, asked(question)) for film in films for question in QUESTIONS[:3]]
    fresh = [
        plain_answer(engine.model, picture, asked(question))
        for picture in pictures
        for question in QUESTIONS[:3]
    ]
    assert answers(engine, questions) == fresh


def test_a_long_question_of_a_short_film_beside_a_long_film(
    engine: LocalEngine, pictures: list[Picture]
) -> None:
    """The pass over the questions writes as many slots for each film as the longest one has."""
    films = sorted(
        ((engine.film(rgb(picture)), picture) for picture in pictures),
        key=lambda pair: len(pair[0].prefix(asked("x").prompt.before)),
    )
    (short, first), (long, last) = films[0], films[-1]
    apart = len(long.prefix(asked("x").prompt.before)) - len(short.prefix(asked("x").prompt.before))
    assert apart > 0
    words = asked("Why is that, and " * 40)
    assert len(short.tokens(words.prompt.after)) > apart + 3 * 128
    given = answers(engine, [(short, words), (long, asked("Why?"))])
    assert given == [
        plain_answer(engine.model, first, words),
        plain_answer(engine.model, last, asked("Why?")),
    ]


def test_who_stops_listening_costs_no_recorded_step(
    engine: LocalEngine, film: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[object] = []
    monkeypatch.setattr(Steps, "forget", forgotten.append)
    seen = engine.film(rgb(film))
    said = engine.answers([(seen, asked("Why?")), (seen, asked(prompts.REPORT))], silent)
    next(iter(said))
    said.close()  # type: ignore[attr-defined]  # a generator
    assert not forgotten


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_size_of_the_batch_changes_nothing(model: LocalModel, film: Picture, rows: int) -> None:
    engine = LocalEngine(model, maximum_new_tokens=24, rows=rows)
    questions = [(engine.film(rgb(film)), asked(question)) for question in QUESTIONS]
    whole = LocalEngine(model, maximum_new_tokens=24)
    assert answers(engine, questions) == answers(whole, questions)


def test_a_long_answer_outgrows_its_buffers_and_stays_the_same(
    model: LocalModel, film: Picture
) -> None:
    engine = LocalEngine(model, maximum_new_tokens=300)
    seen = engine.film(rgb(film))
    questions = [asked(question) for question in QUESTIONS[:2]]
    together = answers(engine, [(seen, question) for question in questions])
    assert together == [plain_answer(model, film, question, 300) for question in questions]


def test_answers_of_different_lengths_each_end_where_they_do_alone(
    model: LocalModel, film: Picture
) -> None:
    # Any letter as an end: the random model meets it sooner or later, each answer elsewhere.
    ends = frozenset(model.tokenizer.convert_tokens_to_ids(letter) for letter in "aeikors")
    engine = LocalEngine(replace(model, end_ids=ends), maximum_new_tokens=80)
    seen = engine.film(rgb(film))
    alone = [answers(engine, [(seen, asked(question))])[0] for question in QUESTIONS]
    assert len({len(answer) for answer in alone}) > 1
    assert answers(engine, [(seen, asked(question)) for question in QUESTIONS]) == alone


@pytest.mark.parametrize("system", [False, True])
def test_a_later_turn_answers_as_a_fresh_call_with_the_whole_history(
    engine: LocalEngine, film: Picture, *, system: bool
) -> None:
    seen = engine.film(rgb(film))
    question = asked("Where?", HISTORY, system=system)
    assert answers(engine, [(seen, question)]) == [plain_answer(engine.model, film, question)]
    assert seen.encodings == 1


def test_a_repetition_penalty_is_the_librarys(model: LocalModel, film: Picture) -> None:
    punished = replace(model, repetition_penalty=1.7)
    engine = LocalEngine(punished, maximum_new_tokens=24)
    questions = [asked(question) for question in QUESTIONS[:3]]
    seen = engine.film(rgb(film))
    given = answers(engine, [(seen, question) for question in questions])
    assert given == [plain_answer(punished, film, question) for question in questions]
    assert given != [plain_answer(model, film, question) for question in questions]


def test_a_silent_token_is_never_said(model: LocalModel, film: Picture) -> None:
    engine = LocalEngine(model, maximum_new_tokens=24)
    first = answers(engine, [(engine.film(rgb(film)), asked("Why?"))])[0]
    said = model.tokenizer(first, add_special_tokens=False)["input_ids"]
    muted = LocalEngine(replace(model, silent_ids=(said[0],)), maximum_new_tokens=24)
    again = answers(muted, [(muted.film(rgb(film)), asked("Why?"))])[0]
    assert said[0] not in model.tokenizer(again, add_special_tokens=False)["input_ids"]


def test_an_answer_that_reaches_the_limit_is_not_complete(
    engine: LocalEngine, film: Picture
) -> None:
    [(_, answer)] = engine.answers([(engine.film(rgb(film)), asked("Why?"))], silent)
    assert not answer.complete


def test_the_end_of_turn_completes_an_answer_and_is_no_part_of_it(
    engine: LocalEngine, film: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = engine.film(rgb(film))
    seen.prefix(asked("x").prompt.before)
    head = engine.model.model.lm_head
    plain: Callable[[torch.Tensor], torch.Tensor] = head.forward
    end = engine.model.tokenizer.convert_tokens_to_ids(prompts.TURN_END)
    letter = engine.model.tokenizer.convert_tokens_to_ids("a")
    calls = 0

    def forced(states: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        logits = torch.zeros_like(plain(states))
        logits[..., letter if calls < 5 else end] = 1.0
        return logits

    monkeypatch.setattr(head, "forward", forced)
    [(_, answer)] = engine.answers([(seen, asked("Why?"))], silent)
    assert answer.complete
    assert answer.text == "aaaa"


def test_the_text_comes_in_pieces_that_add_up(engine: LocalEngine, film: Picture) -> None:
    pieces: list[str] = []
    [(_, answer)] = engine.answers([(engine.film(rgb(film)), asked("Why?"))], pieces.append)
    assert len(pieces) >= 24
    assert "".join(pieces).strip() == answer.text


def test_an_error_in_a_callback_ends_the_answers_and_spoils_nothing(
    engine: LocalEngine, film: Picture
) -> None:
    seen = engine.film(rgb(film))
    first = answers(engine, [(seen, asked("Why?"))])

    def stop(_piece: str) -> None:
        message = "enough"
        raise InterruptedError(message)

    with pytest.raises(InterruptedError, match="enough"):
        list(engine.answers([(seen, asked(prompts.REPORT))], stop))
    assert answers(engine, [(seen, asked("Why?"))]) == first
    assert seen.encodings == 1


def test_a_conversation_without_room_is_refused(engine: LocalEngine, film: Picture) -> None:
    with pytest.raises(UnparseableAnswerError, match="leave no answer"):
        list(engine.answers([(engine.film(rgb(film)), asked("why " * 1400))], silent))


def test_probabilities_of_answers_are_those_of_teacher_forcing(
    engine: LocalEngine, film: Picture
) -> None:
    model = engine.model
    seen = engine.film(rgb(film))
    words = ["abc", "abd", "ab", "zz top"]
    question = asked(prompts.CLASSIFICATION)
    given = seen.log_probabilities(question, words)
    tensors = model.image_tensors(rgb(film))
    pictured = "<image>" * len(model.features(tensors))
    prompt = f"{question.prompt.before}{pictured}{question.prompt.after}"
    start = len(model.tokenizer(prompt)["input_ids"])
    for answer, log in zip(words, given, strict=True):
        ids = model.tokenizer(prompt + answer + prompts.TURN_END)["input_ids"]
        with torch.inference_mode():
            logits = model.model(input_ids=torch.tensor([ids]), **tensors).logits[0]
        steps = logits.log_softmax(-1)
        plain = sum(float(steps[place - 1, ids[place]]) for place in range(start, len(ids)))
        assert log == pytest.approx(plain, abs=1e-3)
    assert seen.log_probabilities(question, words) == pytest.approx(given)


def test_lack_of_memory_gives_the_buffers_back(
    engine: LocalEngine, film: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = engine.film(rgb(film))
    first = answers(engine, [(seen, asked("Why?"))])

    def fail(**_inputs: object) -> None:
        message = "CUDA out of memory"
        raise torch.OutOfMemoryError(message)

    with monkeypatch.context() as patched:
        patched.setattr(engine.model.model, "forward", fail)
        with pytest.raises(OutOfMemoryError, match="out of memory while writing an answer"):
            answers(engine, [(seen, asked("Why?"))])
    assert answers(engine, [(seen, asked("Why?"))]) == first
