"""One film before a model's eyes: wishes in, parsed answers out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.errors import UnparseableAnswerError
from core.labels import Label
from core.reading import Box, Given
from reader.answers import Answer, BoxesAnswer, DetectionAnswer, PlacedText
from reader.calibration import Calibration
from reader.engines.film import Asked, Engine, Film, OnText
from reader.families.family import Family, Task
from reader.label_scores import label_scores
from reader.text_sense import check_not_stuck
from reader.wishes import Reply, Told, Wish

_SHOWN = 80


@dataclass(frozen=True)
class FilmLook:
    """A film before a model's eyes; implements `reader.protocol.Look`.

    Parameters
    ----------
    engine, film
        The model, and the film in its memory.
    family
        Whose words are used.
    known
        The labels that the model was trained on.
    size
        Columns and rows of the film.
    given
        What the model is told beside it.
    system
        Whether the family's optional system turn is used.
    calibration
        The site's calibration of the model's scores; None where there is none.
    on_text
        Hears every token.
    """

    engine: Engine
    film: Film
    family: Family
    known: tuple[Label, ...]
    size: tuple[int, int]
    given: Given
    system: bool
    calibration: Calibration | None
    on_text: OnText

    @property
    def tasks(self) -> frozenset[Task]:
        """What the model may be asked for."""
        return self.family.tasks

    def ask(self, wishes: Sequence[Wish]) -> Iterator[Reply]:
        """Ask all at once; each reply comes as soon as its answer is at its end."""
        questions = [(self.film, self._asked(wish)) for wish in wishes]
        for number, answer in self.engine.answers(questions, self.on_text):
            yield self.reply(wishes[number], answer)

    def scores(self, listed: Sequence[Label]) -> Mapping[Label, float]:
        """Give the model's probability for each label; see `reader.label_scores`."""
        scored = [label for label in Label if label in {*self.known, *listed}]
        asked = self._asked(Wish(Task.CLASSIFICATION))

        return label_scores(
            listed, scored, self.family.label_answers, partial(self.film.log_probabilities, asked)
        )

    def asked(self, wish: Wish) -> tuple[Film, Asked]:
        """Give a wish in the family's words, for an engine that is asked about many films."""
        return self.film, self._asked(wish)

    def reply(self, wish: Wish, answer: Answer) -> Reply:
        """Say what an answer to a wish means."""
        try:
            told = self._parse(wish, answer)
        except UnparseableAnswerError as error:
            return Reply(wish, answer.text, answer.complete, None, str(error))
        return Reply(wish, answer.text, answer.complete, told)

    def boxes_in(self, text: str) -> BoxesAnswer:
        """Give the boxes that words of the model's own choice hold, on the film."""
        return self._on_film(self.family.parse_boxes(text))

    def _asked(self, wish: Wish) -> Asked:
        subject = self.film.harmless(wish.subject)
        question = self.family.question(wish.task, subject, self._harmless_given())
        return Asked((), question, self.family.prompt((), question, system=self.system))

    def _harmless_given(self) -> Given:
        def harmless(text: str | None) -> str | None:
            return None if text is None else " ".join(self.film.harmless(text).split()) or None

        told = self.family.uses(self.given)
        return Given(harmless(told.indication), harmless(told.technique), harmless(told.comparison))

    def _parse(self, wish: Wish, answer: Answer) -> Told:
        if wish.task is Task.REPORT:
            report = self.family.parse_report(answer.text)
            return replace(report, placed=tuple(map(self._placed_on_film, report.placed)))
        if wish.task is Task.CLASSIFICATION:
            if not answer.complete:
                # A list without its end lacks labels, and would pass them off as absent.
                message = f"the classification answer has no end: {answer.text[:_SHOWN]!r}"
                raise UnparseableAnswerError(message)
            return self.family.parse_labels(answer.text)
        sound = answer.complete and _moves_on(answer.text)
        if wish.task is Task.DETECTION:
            if not sound:
                return DetectionAnswer({}, understood=False)
            found = self.family.parse_detection(answer.text)
            places = {label: self._on_film(boxes) for label, boxes in found.places.items()}
            return DetectionAnswer(places, found.unknown, understood=found.understood)
        # An answer that is stuck or was cut has no boxes that could be trusted.
        if not sound:
            return BoxesAnswer((), (answer.text[:_SHOWN],))
        return self._on_film(self.family.parse_boxes(answer.text))

    def _placed_on_film(self, placed: PlacedText) -> PlacedText:
        return (
            placed if placed.place is None else replace(placed, place=self._on_film(placed.place))
        )

    def _on_film(self, answer: BoxesAnswer) -> BoxesAnswer:
        boxes: list[Box] = []
        dropped = list(answer.dropped)
        for box in answer.boxes:
            edges = self.family.to_film((box.x1, box.y1, box.x2, box.y2), *self.size)
            try:
                boxes.append(Box(*(min(max(edge, 0.0), 1.0) for edge in edges)))
            except ValueError:
                # It lies wholly in what the model saw beside the film.
                dropped.append(str(edges))
        return BoxesAnswer(tuple(boxes), tuple(dropped))


def _moves_on(text: str) -> bool:
    try:
        check_not_stuck(text, "answer")
    except UnparseableAnswerError:
        return False
    return True
