"""One reading of one film, whatever the family: the order of its steps.

Classification, flags, report, the place of each label that was flagged or stated, findings,
checks. A family gives the steps (`reader.protocol.Look`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from core.labels import Label
from core.reading import Flag, ModelIdentity, Presence, Reading
from reader import checks
from reader.answers import LabelsAnswer
from reader.assemble import findings_of
from reader.protocol import Look, OnFlags
from reader.report_text import clean, sections, sentences
from reader.sentence_findings import Statement, statements
from reader.text_sense import check_sense


def read_film(
    begin: Callable[[], Look],
    identity: ModelIdentity,
    reading_id: str,
    on_flags: OnFlags,
    on_stage: Callable[[str], None],
) -> Reading:
    """Read a film.

    Parameters
    ----------
    begin
        Puts the film before the model's eyes; called once, as the first stage.
    identity
        Which model looks.
    reading_id
        Identity of this reading.
    on_flags
        Called once with the flags, before the report is written.
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
    timings: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        on_stage(name)
        start = time.perf_counter()
        yield
        timings[name] = time.perf_counter() - start

    with stage("encoding"):
        look = begin()
    with stage("classification"):
        answer = look.labels()
    with stage("scores"):
        told = _flags(answer, look, identity.labels)
    flags = tuple(flag for flag in told if flag.label in identity.labels)
    on_flags(flags)
    with stage("report"):
        written = look.report()
        text = clean(written.text)
        check_sense(text, "report")
    report = sections(text)
    stated, concluded = _statements(report.findings), _statements(report.impression)
    said = (*stated, *concluded)
    with stage("grounding"):
        located = {label: look.locate(label.value) for label in _to_locate(answer, said)}
    findings = findings_of(reading_id, told, stated, concluded, located)
    remarks = [
        *checks.unknown_names(answer.unknown),
        *checks.strange_labels((*answer.labels, *answer.uncertain), identity.labels),
        *([] if written.complete else [checks.text_cut()]),
        *checks.labels_against_report({flag.label: flag.presence for flag in told}, said),
        *checks.report_against_itself(said),
    ]
    for label, place in located.items():
        if place.dropped:
            remarks.append(checks.boxes_dropped(label, place.dropped))
        if not place.boxes:
            remarks.append(checks.not_located(label))
    for finding in findings:
        remarks += checks.side_against_boxes(finding)
    timings["total"] = sum(timings.values())
    return Reading(
        reading_id, identity, flags, findings, report, checks=tuple(remarks), timings=timings
    )


def _statements(part: str) -> tuple[Statement, ...]:
    return tuple(found for sentence in sentences(part) for found in statements(sentence))


def _flags(answer: LabelsAnswer, look: Look, known: Sequence[Label]) -> tuple[Flag, ...]:
    """Give one flag for each label that the model was trained on, or that it named all the same.

    The latter ones make findings, never flags of the reading: nobody knows what they are worth.
    """
    asked = [label for label in Label if label in {*known, *answer.labels, *answer.uncertain}]
    scores = look.scores(answer.labels)
    return tuple(Flag(label, _presence(label, answer), scores.get(label)) for label in asked)


def _presence(label: Label, answer: LabelsAnswer) -> Presence:
    if label in answer.labels:
        return Presence.PRESENT
    return Presence.UNCERTAIN if label in answer.uncertain else Presence.ABSENT


def _to_locate(answer: LabelsAnswer, stated: Sequence[Statement]) -> list[Label]:
    said = {item.label for item in stated if item.presence is not Presence.ABSENT}
    return [label for label in Label if label in {*answer.labels, *answer.uncertain, *said}]
