"""One film's image encoded once, and all questions about it asked upon that.

The image comes before every question, so its keys and values serve the report, the
classification, every grounding question and the chat. Before each question the cache is cut back
to what the new prompt has in common with it; the tokens are those of a fresh call.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import Any, Final

import torch
from PIL import Image
from transformers import DynamicCache

from core.errors import UnparseableAnswerError
from reader.answers import Answer
from reader.harmless import harmless
from reader.memory import memory_errors
from reader.onevision import OneVision
from reader.pieces import PieceWriter
from reader.prompts import TURN_END, after_image, before_image
from reader.token_tree import TokenTree

_LEAST_ROOM: Final = 16
"""Fewer new tokens than these hold no answer."""


class FilmCache:
    """A film in a model's memory.

    Parameters
    ----------
    engine
        The loaded model.
    image
        The film, RGB.
    system
        Whether the system turn of the training comes first.
    maximum_new_tokens
        Length at which an answer is cut.

    Raises
    ------
    OutOfMemoryError
        If there is no memory for it; every method may raise it too.
    """

    def __init__(
        self, engine: OneVision, image: Image.Image, *, system: bool, maximum_new_tokens: int
    ) -> None:
        self._engine = engine
        self._maximum = maximum_new_tokens
        with memory_errors("preparing the film's picture"):
            inputs = engine.image_processor(images=image, return_tensors="pt")
        self._pixels: torch.Tensor = inputs["pixel_values"]
        self._size: torch.Tensor = inputs["image_sizes"]
        self._before = self._tokens(before_image(system=system))
        self._prefix: list[int] = []
        self._ids: list[int] = []
        self._cache: Any = None
        self.encodings = 0
        """How often the image went through the model; more than once only after an error."""
        self._encode()

    def answer(
        self,
        turns: Sequence[tuple[str, str]],
        question: str,
        on_text: Callable[[str], None],
    ) -> Answer:
        """Let the model speak, greedily.

        Parameters
        ----------
        turns
            Earlier questions and answers.
        question
            The question. Neither it nor the turns may hold special tokens (`reader.harmless`).
        on_text
            Called at every token with the new text.

        Returns
        -------
        Answer
            The words after the prompt, cut by the prompt's length and never by a search in it.

        Raises
        ------
        UnparseableAnswerError
            If the conversation is so long that the model has no positions left for an answer.
        """
        ids = self._prompt(turns, question)
        room = min(self._maximum, self._engine.context - len(ids))
        if room < _LEAST_ROOM:
            message = f"{len(ids)} tokens of the model's {self._engine.context} leave no answer"
            raise UnparseableAnswerError(message)
        config = copy.deepcopy(self._engine.generation)
        config.max_new_tokens = room
        writer = PieceWriter(self._engine.tokenizer, on_text)
        with self._guarded("writing an answer"):
            self._rewind(ids)
            tokens = self._on_device([ids])
            output = self._engine.model.generate(
                input_ids=tokens,
                attention_mask=torch.ones_like(tokens),
                past_key_values=self._cache,
                generation_config=config,
                streamer=writer,
            )[0].tolist()
            self._ids = output[: self._cache.get_seq_length()]
        return Answer(writer.text, complete=output[-1] in self._engine.end_ids)

    def harmless(self, text: str) -> str:
        """Take special tokens and control characters out of a text; see `reader.harmless`."""
        return harmless(text, self._engine.marks)

    def log_probabilities(self, question: str, answers: Sequence[str]) -> list[float]:
        """Give the model's own probability of each answer to a first question.

        All answers go through the model in one pass behind the cached image, as the branches of
        one tree: a token sees the prompt and its own branch only.

        Parameters
        ----------
        question
            The question.
        answers
            Whole answers; the end of the turn counts with each.

        Returns
        -------
        list of float
            Natural logarithms, in the order of the answers, computed in float32.
        """
        ids = self._prompt((), question)
        tree = TokenTree.of([self._tokens(answer + TURN_END) for answer in answers])
        past = len(ids) - 1
        with self._guarded("scoring the labels"):
            self._rewind(ids)
            self._advance(ids[len(self._ids) : past])
            logits = self._engine.model(
                input_ids=self._on_device([[ids[past], *tree.tokens]]),
                attention_mask=tree.mask(past, self._engine.model.dtype).to(self._engine.device),
                position_ids=(past + tree.depths)[None].to(self._engine.device),
                past_key_values=self._cache,
                use_cache=True,
            ).logits[0]
            # What the branches left behind this goes with the next cut.
            self._ids = ids[:past]
            return tree.log_probabilities(logits)

    def _prompt(self, turns: Sequence[tuple[str, str]], question: str) -> list[int]:
        if self._cache is None:
            self._encode()
        return self._prefix + self._tokens(after_image(turns, question))

    def _encode(self) -> None:
        with self._guarded("encoding the film"):
            self._fill()

    def _fill(self) -> None:
        engine = self._engine
        features = engine.model.get_image_features(
            pixel_values=self._pixels.to(engine.device, engine.model.dtype),
            image_sizes=self._size.to(engine.device),
        ).pooler_output[0]
        # As many image tokens as there are features: the two can never fail to match.
        self._prefix = self._before + [engine.image_id] * len(features)
        embedded = engine.model.get_input_embeddings()(self._on_device([self._prefix]))
        embedded[0, len(self._before) :] = features.to(embedded.dtype)
        self._cache = DynamicCache()
        self._run(inputs_embeds=embedded)
        self._ids = list(self._prefix)
        self.encodings += 1

    def _rewind(self, ids: list[int]) -> None:
        """Cut the cache back to the beginning that it shares with a prompt."""
        common = takewhile(lambda pair: pair[0] == pair[1], zip(self._ids, ids, strict=False))
        # The last token of a prompt always goes through the model: its logits are wanted.
        keep = min(sum(1 for _ in common), len(ids) - 1)
        self._cut(keep)
        self._ids = self._ids[:keep]

    def _advance(self, ids: list[int]) -> None:
        if ids:
            self._run(input_ids=self._on_device([ids]))

    def _run(self, **inputs: torch.Tensor) -> None:
        self._engine.model(**inputs, past_key_values=self._cache, use_cache=True, logits_to_keep=1)

    def _cut(self, length: int) -> None:
        surplus = self._cache.get_seq_length() - length
        if surplus:
            self._cache.crop(-surplus)

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self._engine.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _on_device(self, ids: list[list[int]]) -> torch.Tensor:
        return torch.tensor(ids, device=self._engine.device)

    @contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        """Forget the cache after an error: some of its layers may be longer than others."""
        try:
            with torch.inference_mode(), memory_errors(doing):
                yield
        except BaseException:
            self._cache = None
            self._ids = []
            raise
