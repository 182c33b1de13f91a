"""The local engine: `transformers` on this machine's own device.

A film comes before every question, so it is encoded once; scores, report, places and chat are
continuations of that, decoded together wherever they do not depend on each other. The tokens are
those of a separate, full call for each question.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from PIL import Image
from transformers import DynamicCache

from reader.answers import Answer
from reader.engines.attention import GROUPED
from reader.engines.decode import Row, decode
from reader.engines.film import Asked, OnText, TooLongError
from reader.engines.graphs import Steps
from reader.engines.local_model import LocalModel
from reader.engines.passes import run_masked
from reader.engines.slots import Prefix, Slots, causal_mask
from reader.engines.token_tree import TokenTree
from reader.harmless import harmless
from reader.memory import memory_errors
from reader.pieces import PieceWriter

_SMALL: Final = 100_000_000
_LEAST_ROOM: Final = 16
"""Fewer new tokens than these hold no answer."""


class LocalFilm:
    """A film in the model's memory; implements `reader.engines.film.Film`.

    Parameters
    ----------
    model
        The loaded model.
    image
        The film, in mode L or RGB.
    """

    def __init__(self, model: LocalModel, image: Image.Image) -> None:
        self._model = model
        self.encodings = 0
        with memory_errors("preparing the film's picture"):
            tensors = model.image_tensors(image)
        self._features = self._encode(tensors)
        self._prefixes: dict[str, Prefix] = {}

    def harmless(self, text: str) -> str:
        """Take special tokens and control characters out of a text."""
        return harmless(text, self._model.marks)

    def prefix(self, before: str) -> Prefix:
        """Give the film in the model's memory behind some text; made once for each such text."""
        if before not in self._prefixes:
            with torch.inference_mode(), memory_errors("encoding the film"):
                self._prefixes[before] = self._read(before)
        return self._prefixes[before]

    def tokens(self, text: str) -> list[int]:
        """Give a text's tokens."""
        ids: list[int] = self._model.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def log_probabilities(
        self, asked: Asked, answers: Sequence[str], *, ended: bool = True
    ) -> Sequence[float]:
        """Give the model's own probability of each answer, or of each beginning.

        All answers go through the model in one pass behind the film, as the branches of one tree:
        a token sees the question and its own branch only. Computed in single precision.
        """
        model = self._model
        film = self.prefix(asked.prompt.before)
        question = self.tokens(asked.prompt.after)
        end = self._end() if ended else []
        tree = TokenTree.of([[*self.tokens(answer), *end] for answer in answers])
        length = len(film) + len(question) + len(tree.tokens)
        root = len(film) + len(question) - 1
        places = torch.arange(len(film), length)
        positions = torch.cat([places[: len(question) - 1], root + tree.depths])
        mask = causal_mask(places[None], length)
        mask[0, 0, len(question) - 1 :, root:] = tree.mask(0, torch.float32)[0, 0, :, :]
        with torch.inference_mode(), memory_errors("scoring the labels"):
            slots = Slots(film, 1, length)
            slots.load(0, film)
            logits = run_masked(
                model,
                slots,
                self._on_device([[*question, *tree.tokens]]),
                self._on_device([places.tolist()]),
                positions=self._on_device([positions.tolist()]),
                mask=mask.to(model.device),
            )[0, len(question) - 1 :]
            return tree.log_probabilities(logits)

    def _end(self) -> list[int]:
        end = self._model.turn_end
        return [min(self._model.end_ids)] if end is None else self.tokens(end)

    def _encode(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        with torch.inference_mode(), memory_errors("encoding the film"):
            features = self._model.features(tensors)
        self.encodings += 1
        return features

    def _read(self, before: str) -> Prefix:
        model = self._model
        start = self.tokens(before)
        # As many image tokens as there are features: the two can never fail to match.
        ids = start + [model.image_id] * len(self._features)
        embedded = model.model.get_input_embeddings()(self._on_device([ids]))
        embedded[0, len(start) :] = self._features.to(embedded.dtype)
        cache = DynamicCache()
        model.model(
            inputs_embeds=embedded,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
            **model.film_inputs(ids),
        )
        return Prefix.of(ids, cache)

    def _on_device(self, ids: list[list[int]]) -> torch.Tensor:
        return torch.tensor(ids, device=self._model.device)


@dataclass(frozen=True)
class LocalEngine:
    """A loaded model; implements `reader.engines.film.Engine`. It is one thread's at a time.

    Parameters
    ----------
    model
        The loaded model.
    maximum_new_tokens
        Length at which an answer is cut.
    rows
        Most answers that are decoded at once.
    """

    model: LocalModel
    maximum_new_tokens: int
    rows: int = 32
    _steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no buffers."""
        self.model.model.set_attn_implementation(GROUPED)
        if self.model.device.type == "cpu" and self.parameters < _SMALL:
            # Steps this short are lost on waking threads, and where other processes want the
            # cores, threads that wait for each other make a reading ten times longer.
            torch.set_num_threads(1)
        object.__setattr__(self, "_steps", Steps(self.model))

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(weight.numel() for weight in self.model.model.parameters())

    def film(self, image: Image.Image) -> LocalFilm:
        """Put a film before the model's eyes."""
        return LocalFilm(self.model, image)

    def beside(self) -> "LocalEngine":
        """Give an engine of the same weights with buffers of its own."""
        return LocalEngine(self.model, self.maximum_new_tokens, self.rows)

    def answers(
        self, questions: Sequence[tuple[Any, Asked]], on_text: OnText
    ) -> Iterator[tuple[int, Answer]]:
        """Let the model speak; see `reader.engines.film.Engine`."""
        for first in range(0, len(questions), self.rows):
            some = questions[first : first + self.rows]
            for number, answer in self._at_once(some, on_text):
                yield first + number, answer

    def _at_once(
        self, questions: Sequence[tuple[LocalFilm, Asked]], on_text: OnText
    ) -> Iterator[tuple[int, Answer]]:
        rows = [self._row(film, asked) for film, asked in questions]
        writers = [PieceWriter(self.model.tokenizer, on_text) for _ in rows]
        with self._guarded():
            for number, ended in decode(self.model, self._steps, rows):
                token = rows[number].said[-1]
                writers[number].put(token)
                if ended:
                    writers[number].end()
                    complete = token in self.model.end_ids
                    yield number, Answer(writers[number].text, complete=complete)

    def _row(self, film: LocalFilm, asked: Asked) -> Row:
        prefix = film.prefix(asked.prompt.before)
        ids = film.tokens(asked.prompt.after)
        length = len(prefix) + len(ids)
        room = self.model.context - length
        if room < _LEAST_ROOM:
            message = f"{length} tokens of the model's {self.model.context} leave no answer"
            raise TooLongError(message)
        return Row(prefix, ids, min(self.maximum_new_tokens, room))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Give all buffers back where memory is short, so that a smaller batch finds room."""
        try:
            with memory_errors("writing an answer"):
                yield
        except GeneratorExit:
            raise  # the listener has heard enough: what was recorded is as good as before
        except BaseException:
            self._steps.forget()
            raise
