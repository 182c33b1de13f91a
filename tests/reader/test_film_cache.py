"""One encoding of the image serves all questions, and changes no token and no probability.

Runs the tiny model for real, in single precision, against plain calls of `transformers`.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from reader import prompts
from reader.film_cache import FilmCache
from reader.picture import rgb
from reader.radvlm import RadvlmReader
from reader.token_tree import TokenTree

Film = npt.NDArray[np.uint8]
QUESTIONS = (prompts.CLASSIFICATION, prompts.REPORT, prompts.grounding("edema"))
HISTORY = (("Is it normal?", "No."), ("Why?", "There is edema."))


@pytest.fixture
def cache(tiny_reader: RadvlmReader, film: Film) -> FilmCache:
    return new_cache(tiny_reader, film)


def new_cache(reader: RadvlmReader, film: Film, *, system: bool = False) -> FilmCache:
    return FilmCache(reader.engine, rgb(film), system=system, maximum_new_tokens=24)


def silent(_piece: str) -> None:
    """Hear nothing."""


def plain_answer(reader: RadvlmReader, film: Film, before: str, after: str) -> str:
    """Ask by one call of the library with the picture in it, as the published inference does."""
    engine = reader.engine
    seen = engine.image_processor(images=rgb(film), return_tensors="pt")
    features = engine.model.get_image_features(seen["pixel_values"], seen["image_sizes"])
    count = len(features.pooler_output[0])
    text = f"{before}{'<image>' * count}{after}"
    tokens = torch.tensor([engine.tokenizer(text, add_special_tokens=False)["input_ids"]])
    with torch.inference_mode():
        output = engine.model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            pixel_values=seen["pixel_values"],
            image_sizes=seen["image_sizes"],
            max_new_tokens=24,
            do_sample=False,
        )
    said = output[0, tokens.shape[1] :]
    answer: str = engine.tokenizer.decode(said, skip_special_tokens=True)
    return answer.strip()


def test_many_questions_on_one_encoding_answer_as_fresh_calls_do(
    tiny_reader: RadvlmReader, film: Film, cache: FilmCache
) -> None:
    answers = [cache.answer((), question, silent).text for question in (*QUESTIONS, *QUESTIONS)]
    before = prompts.before_image(system=False)
    fresh = [
        plain_answer(tiny_reader, film, before, prompts.after_image((), question))
        for question in QUESTIONS
    ]
    assert answers == fresh * 2
    assert len(set(fresh)) == len(QUESTIONS)
    assert cache.encodings == 1


@pytest.mark.parametrize("system", [False, True])
def test_a_later_turn_answers_as_a_fresh_call_with_the_whole_history(
    tiny_reader: RadvlmReader, film: Film, *, system: bool
) -> None:
    cache = new_cache(tiny_reader, film, system=system)
    cache.answer((), HISTORY[0][0], silent)
    cache.answer(HISTORY[:1], HISTORY[1][0], silent)
    said = cache.answer(HISTORY, "Where?", silent).text
    before = prompts.before_image(system=system)
    after = prompts.after_image(HISTORY, "Where?")
    assert said == plain_answer(tiny_reader, film, before, after)
    assert cache.encodings == 1


def test_another_film_gets_another_answer(tiny_reader: RadvlmReader, film: Film) -> None:
    answers = {
        new_cache(tiny_reader, picture).answer((), prompts.REPORT, silent).text
        for picture in (film, 255 - film)
    }
    assert len(answers) == 2


def test_an_answer_that_reaches_the_limit_is_not_complete(cache: FilmCache) -> None:
    assert not cache.answer((), prompts.REPORT, silent).complete


def test_the_end_of_turn_completes_an_answer_and_is_no_part_of_it(
    tiny_reader: RadvlmReader, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = new_cache(tiny_reader, film)
    head = tiny_reader.engine.model.lm_head
    plain: Callable[[torch.Tensor], torch.Tensor] = head.forward
    end = tiny_reader.engine.tokenizer.convert_tokens_to_ids(prompts.TURN_END)
    letter = tiny_reader.engine.tokenizer.convert_tokens_to_ids("a")
    calls = 0

    def forced(states: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        logits = torch.zeros_like(plain(states))
        logits[..., letter if calls < 5 else end] = 1.0
        return logits

    monkeypatch.setattr(head, "forward", forced)
    answer = cache.answer((), prompts.REPORT, silent)
    assert answer.complete
    assert answer.text == "aaaa"


def test_the_text_comes_in_pieces_that_add_up(cache: FilmCache) -> None:
    pieces: list[str] = []
    text = cache.answer((), prompts.REPORT, pieces.append).text
    assert len(pieces) >= 24
    assert "".join(pieces).strip() == text


def test_an_error_in_a_callback_ends_the_answer_and_spoils_nothing(cache: FilmCache) -> None:
    first = cache.answer((), prompts.REPORT, silent)

    def stop(_piece: str) -> None:
        message = "enough"
        raise InterruptedError(message)

    with pytest.raises(InterruptedError, match="enough"):
        cache.answer((), prompts.CLASSIFICATION, stop)
    assert cache.answer((), prompts.REPORT, silent) == first
    assert cache.encodings == 2


def test_probabilities_of_answers_are_those_of_teacher_forcing(
    tiny_reader: RadvlmReader, film: Film, cache: FilmCache
) -> None:
    engine = tiny_reader.engine
    answers = ["abc", "abd", "ab", "zz top"]
    cache.answer((), prompts.REPORT, silent)
    given = cache.log_probabilities(prompts.CLASSIFICATION, answers)
    seen = engine.image_processor(images=rgb(film), return_tensors="pt")
    features = engine.model.get_image_features(seen["pixel_values"], seen["image_sizes"])
    prompt = (
        prompts.before_image(system=False)
        + "<image>" * len(features.pooler_output[0])
        + prompts.after_image((), prompts.CLASSIFICATION)
    )
    for answer, log in zip(answers, given, strict=True):
        ids = engine.tokenizer(prompt + answer + prompts.TURN_END)["input_ids"]
        start = len(engine.tokenizer(prompt)["input_ids"])
        with torch.inference_mode():
            steps = (
                engine.model(
                    input_ids=torch.tensor([ids]),
                    pixel_values=seen["pixel_values"],
                    image_sizes=seen["image_sizes"],
                )
                .logits[0]
                .log_softmax(-1)
            )
        plain = sum(float(steps[place - 1, ids[place]]) for place in range(start, len(ids)))
        assert log == pytest.approx(plain, abs=1e-3)
    assert cache.log_probabilities(prompts.CLASSIFICATION, answers) == pytest.approx(given)


def test_a_tree_shares_beginnings_and_sees_only_its_own_branch() -> None:
    tree = TokenTree.of([[5, 6, 7], [5, 6, 8], [5, 6], [9]])
    assert tree.tokens == (5, 6, 7, 8, 9)
    assert tree.parents == (0, 1, 2, 2, 0)
    assert tree.ends == (3, 4, 2, 5)
    assert tree.depths.tolist() == [0, 1, 2, 3, 3, 1]
    sees = tree.mask(1, torch.float32)[0, 0] == 0
    assert sees.tolist() == [
        [True, True, False, False, False, False, False],
        [True, True, True, False, False, False, False],
        [True, True, True, True, False, False, False],
        [True, True, True, True, True, False, False],
        [True, True, True, True, False, True, False],
        [True, True, False, False, False, False, True],
    ]


def test_a_trees_probabilities_add_up_by_hand() -> None:
    tree = TokenTree.of([[0, 1], [1]])
    logits = torch.tensor([[0.0, math.log(3)], [0.0, 0.0], [5.0, 5.0], [1.0, 1.0]])
    given = tree.log_probabilities(logits)
    assert given == pytest.approx([math.log(0.25) + math.log(0.5), math.log(0.75)])
