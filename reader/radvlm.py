"""The RadVLM family: a LLaVA-OneVision that was taught reports, labels and places.

RadVLM (PhysioNet, arXiv:2502.03333) and whatever was fine-tuned by its recipe, such as the
demonstration model: the same class, prompts and box format.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import UnparseableAnswerError
from core.labels import Label
from core.reading import ModelIdentity, Reading
from reader import prompts
from reader.answers import Answer, BoxesAnswer, LabelsAnswer
from reader.conversation import FilmConversation
from reader.film_cache import FilmCache
from reader.label_scores import label_scores
from reader.one_reading import read_film
from reader.onevision import OneVision
from reader.parse_boxes import parse_boxes
from reader.parse_labels import parse_labels
from reader.picture import Picture, rgb
from reader.protocol import OnFlags, OnText, Reader, ignore
from reader.text_sense import check_not_stuck


@dataclass(frozen=True)
class RadvlmReader:
    """A loaded model of the family; implements `reader.protocol.Reader`.

    Parameters
    ----------
    engine
        The loaded model.
    identity
        Which one it is.
    system_prompt
        Whether the system turn of the training is put before the question.
    maximum_new_tokens
        Length at which an answer is cut.
    again
        Loads the same reader once more.
    """

    engine: OneVision
    identity: ModelIdentity
    system_prompt: bool
    maximum_new_tokens: int
    again: Callable[[], Reader]

    def __reduce__(self) -> tuple[Callable[[], Reader], tuple[()]]:
        """Travel to another process as the way to load it there."""
        return self.again, ()

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(weight.numel() for weight in self.engine.model.parameters())

    def look(self, image: Picture, on_text: OnText = ignore) -> "RadvlmLook":
        """Put a film before the model's eyes."""
        return RadvlmLook(self._cache(image), self.identity.labels, on_text)

    def read(
        self,
        image: Picture,
        *,
        reading_id: str,
        indication: str | None = None,  # noqa: ARG002 - the family was trained without it
        on_flags: OnFlags = ignore,
        on_progress: OnText = ignore,
    ) -> Reading:
        """Read one film; see `reader.protocol.Reader`.

        RadVLM was trained without an indication and is given none, which the reading says.
        """
        progress = _Progress(on_progress)

        def begin() -> RadvlmLook:
            return self.look(image, progress.token)

        return read_film(begin, self.identity, reading_id, on_flags, progress.stage)

    def chat(self, image: Picture) -> FilmConversation:
        """Begin a conversation about a film."""
        return FilmConversation(self._cache(image))

    def _cache(self, image: Picture) -> FilmCache:
        return FilmCache(
            self.engine,
            rgb(image),
            system=self.system_prompt,
            maximum_new_tokens=self.maximum_new_tokens,
        )


@dataclass(frozen=True)
class RadvlmLook:
    """One film before the model's eyes; implements `reader.protocol.Look`.

    Parameters
    ----------
    cache
        The film in the model's memory.
    known
        The labels that the model was trained on.
    on_text
        Hears every token.
    """

    cache: FilmCache
    known: tuple[Label, ...]
    on_text: OnText

    def labels(self) -> LabelsAnswer:
        """Ask what is abnormal.

        Raises
        ------
        UnparseableAnswerError
            If the answer was cut, since the list then lacks its end, or cannot be parsed.
        """
        answer = self._ask(prompts.CLASSIFICATION)
        if not answer.complete:
            message = f"the classification answer has no end: {answer.text[:80]!r}"
            raise UnparseableAnswerError(message)
        return parse_labels(answer.text)

    def scores(self, labels: Sequence[Label]) -> Mapping[Label, float]:
        """Give the model's probability for each label; see `reader.label_scores`."""
        scored = [label for label in Label if label in {*self.known, *labels}]

        def log_probabilities(answers: Sequence[str]) -> Sequence[float]:
            return self.cache.log_probabilities(prompts.CLASSIFICATION, answers)

        return label_scores(labels, scored, log_probabilities)

    def report(self) -> Answer:
        """Ask for the report."""
        return self._ask(prompts.REPORT)

    def locate(self, name: str) -> BoxesAnswer:
        """Ask where an abnormality or a region lies.

        An answer that is stuck or was cut has no boxes that could be trusted: all of its pieces
        count as dropped.
        """
        answer = self._ask(prompts.grounding(name))
        try:
            check_not_stuck(answer.text, "grounding answer")
        except UnparseableAnswerError:
            return BoxesAnswer((), (answer.text[:60],))
        found = parse_boxes(answer.text)
        return found if answer.complete else BoxesAnswer((), (answer.text[:60],))

    def _ask(self, question: str) -> Answer:
        return self.cache.answer((), question, self.on_text)


class _Progress:
    """Turns stages and tokens into words for whoever watches over the reading."""

    def __init__(self, on_progress: Callable[[str], None]) -> None:
        self._on_progress = on_progress
        self._stage = ""
        self._tokens = 0

    def stage(self, name: str) -> None:
        self._stage, self._tokens = name, 0
        self._on_progress(name)

    def token(self, _text: str) -> None:
        self._tokens += 1
        self._on_progress(f"{self._stage} {self._tokens}")
