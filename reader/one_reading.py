"""One reading of one film, whatever the family: the order of its steps.

Two rounds of questions. The first: the list of abnormalities, the report and everything at once;
none depends on another, so they are written together, and the flags are given out as soon as the
list is at its end. The second: where each label lies that was listed or stated, and where each
sentence of the findings lies, again together.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from core.labels import Label
from core.reading import Flag, Given, ModelIdentity, Presence, Reading
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer, ReportAnswer
from reader.assemble import findings_of
from reader.checks import checks_of
from reader.families.family import Task
from reader.limits import limits_of
from reader.protocol import Look, OnFlags
from reader.report_text import sentences
from reader.sentence_findings import Statement, statements
from reader.sentence_ties import sentences_to_place, tie_sentences
from reader.wishes import Reply, Wish

_FIRST = (Task.CLASSIFICATION, Task.REPORT, Task.DETECTION)


class OneReading:
    """A reading in the making.

    Parameters
    ----------
    model
        Which model looks.
    reading_id
        Identity of this reading.
    given
        What the model is told beside the film.
    on_flags
        Called once with the flags, before the report is at its end.
    """

    def __init__(
        self, model: ModelIdentity, reading_id: str, given: Given, on_flags: OnFlags
    ) -> None:
        self._model = model
        self._id = reading_id
        self._given = given
        self._on_flags = on_flags
        self._told_flags = False
        self._timings: dict[str, float] = {}
        self._began = time.perf_counter()

    def begin(self, look: Look) -> None:
        """Start, or start over, with the film before the model's eyes."""
        self._look = look
        self._answer: LabelsAnswer | None = None
        self._flags: tuple[Flag, ...] = ()
        self._written: ReportAnswer | None = None
        self._complete = True
        self._detected: DetectionAnswer | None = None
        self._located: dict[Label, BoxesAnswer] = {}
        self._placed: dict[str, BoxesAnswer] = {}

    def first(self) -> list[Wish]:
        """Give the first round's questions."""
        return [Wish(task) for task in _FIRST if task in self._look.tasks]

    def second(self) -> list[Wish]:
        """Give the second round's: what the first one's answers speak of."""
        tasks = self._look.tasks
        wishes = [
            Wish(Task.ABNORMALITY, label.value)
            for label in self._to_locate()
            if Task.ABNORMALITY in tasks
        ]
        if Task.PHRASE in tasks and self._written is not None:
            wishes += [
                Wish(Task.PHRASE, sentence)
                for sentence in sentences_to_place(self._written.report)
                if sentence not in self._placed
            ]
        return wishes

    def hear(self, reply: Reply) -> None:
        """Take in an answer.

        Raises
        ------
        UnparseableAnswerError
            If the labels cannot be told or the report makes no sense.
        """
        told = reply.sense()
        match told:
            case LabelsAnswer():
                self._answer = told
                self._flag(self._flags_of(told))
            case ReportAnswer():
                self._written, self._complete = told, reply.complete
                if Task.CLASSIFICATION not in self._look.tasks:
                    said = _statements(f"{told.report.findings}\n{told.report.impression}")
                    self._flag(_flags_of_report(said, self._model.labels))
                for text in told.placed:
                    if text.place is not None:
                        self._placed[text.text] = text.place
            case DetectionAnswer():
                self._detected = told
            case BoxesAnswer() if reply.wish.task is Task.PHRASE:
                self._placed[reply.wish.subject] = told
            case BoxesAnswer():
                self._located[Label(reply.wish.subject)] = told

    def mark(self, stage: str, seconds: float) -> None:
        """Note how long a stage took."""
        self._timings[stage] = seconds

    def result(self) -> Reading:
        """Give the whole of it.

        Raises
        ------
        ValueError
            If the report was not heard.
        """
        if self._written is None:
            message = "a reading without a report"
            raise ValueError(message)
        report = self._written.report
        stated, concluded = _statements(report.findings), _statements(report.impression)
        said = (*stated, *concluded)
        located = self._located or self._places_of_sentences(said)
        findings = findings_of(self._id, self._flags, stated, concluded, located)
        tied = tie_sentences(report, findings, self._placed)
        remarks = (
            *limits_of(self._look.tasks, self._flags, placed=bool(self._placed)),
            *checks_of(
                answer=self._answer or LabelsAnswer(()),
                known=self._model.labels,
                flags=self._flags,
                report=report,
                complete=self._complete,
                stated=stated,
                concluded=concluded,
                findings=findings,
                sentences=tied,
                located=located,
                detection=self._detected,
                given=self._given,
            ),
        )
        self._timings.setdefault("total", time.perf_counter() - self._began)
        return Reading(
            id=self._id,
            model=self._model,
            flags=tuple(flag for flag in self._flags if flag.label in self._model.labels),
            findings=findings,
            report=report,
            checks=remarks,
            indication=self._given.indication,
            timings=self._timings,
            technique=self._given.technique,
            comparison=self._given.comparison,
            sentences=tied,
        )

    def _flags_of(self, answer: LabelsAnswer) -> tuple[Flag, ...]:
        """Give one flag for each label that the model was trained on, and for others it named.

        The latter make findings, never flags of the reading: nobody knows what they are worth.
        """
        named = {*answer.labels, *answer.uncertain}
        scores = self._look.scores(answer.labels)
        own = tuple(
            Flag(label, _presence(label, answer), scores.get(label))
            for label in Label
            if label in {*self._model.labels, *named}
        )
        curves = self._look.calibration
        return own if curves is None else curves.flags(own)

    def _flag(self, flags: tuple[Flag, ...]) -> None:
        self._flags = flags
        if not self._told_flags:
            self._told_flags = True
            told_at = time.perf_counter()
            self._timings["flags"] = told_at - self._began
            self._on_flags(tuple(flag for flag in flags if flag.label in self._model.labels))
            # Whoever hears them commits them: seconds of the report's stage that no model took.
            self._timings["telling"] = time.perf_counter() - told_at

    def _to_locate(self) -> list[Label]:
        listed: set[Label] = set()
        if self._answer is not None:
            listed = {*self._answer.labels, *self._answer.uncertain}
        report = self._written.report if self._written is not None else None
        said = _statements(f"{report.findings}\n{report.impression}") if report else ()
        listed |= {item.label for item in said if item.presence is not Presence.ABSENT}
        return [label for label in Label if label in listed]

    def _places_of_sentences(self, said: Sequence[Statement]) -> dict[Label, BoxesAnswer]:
        """Place labels by the sentences that state them, where labels cannot be asked for."""
        places: dict[Label, BoxesAnswer] = {}
        for item in said:
            place = self._placed.get(item.sentence)
            if place is None or item.presence is Presence.ABSENT:
                continue
            before = places.get(item.label, BoxesAnswer(()))
            boxes = dict.fromkeys((*before.boxes, *place.boxes))
            places[item.label] = BoxesAnswer(tuple(boxes), (*before.dropped, *place.dropped))
        return places


def read_film(
    begin: Callable[[], Look], reading: OneReading, on_stage: Callable[[str], None]
) -> Reading:
    """Read one film.

    Parameters
    ----------
    begin
        Puts the film before the model's eyes; called once, as the first stage.
    reading
        The reading to be made.
    on_stage
        Called with each stage's name at its start.

    Returns
    -------
    Reading
        Never one without a report; a film whose answers make no sense raises instead.

    Raises
    ------
    UnparseableAnswerError
        If the labels cannot be told or the report makes no sense.
    OutOfMemoryError
        If there is no memory for it.
    """

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        on_stage(name)
        start = time.perf_counter()
        yield
        reading.mark(name, time.perf_counter() - start)

    with stage("encoding"):
        look = begin()
        reading.begin(look)
    with stage("report"):
        for reply in look.ask(reading.first()):
            reading.hear(reply)
    with stage("grounding"):
        for reply in look.ask(reading.second()):
            reading.hear(reply)
    return reading.result()


def _statements(part: str) -> tuple[Statement, ...]:
    return tuple(found for sentence in sentences(part) for found in statements(sentence))


def _presence(label: Label, answer: LabelsAnswer) -> Presence:
    if label in answer.labels:
        return Presence.PRESENT
    return Presence.UNCERTAIN if label in answer.uncertain else Presence.ABSENT


def _flags_of_report(said: Sequence[Statement], known: Sequence[Label]) -> tuple[Flag, ...]:
    """Flag what a report speaks of; on a label that it leaves out it says nothing."""
    flags = []
    for label in Label:
        claims = {item.presence for item in said if item.label is label}
        if label in known and claims:
            strongest = next(claim for claim in _STRONGEST if claim in claims)
            flags.append(Flag(label, strongest))
    return tuple(flags)


_STRONGEST = (Presence.PRESENT, Presence.UNCERTAIN, Presence.ABSENT)
