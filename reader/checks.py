"""Checks of an answer: what the reader of a draft must be told about it.

`checks_of` makes them all. Codes are fixed (`reader.check_codes`); texts are shown as they are.
None of them makes a film fail: what makes no sense at all was refused before.
"""

from collections.abc import Iterable, Mapping, Sequence

from core.labels import Label, Side
from core.reading import (
    DraftReport,
    Finding,
    Flag,
    Given,
    Presence,
    Remark,
    ReportSentence,
)
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer
from reader.check_codes import Code, remark
from reader.check_places import detection_against_places, places_of
from reader.check_sections import findings_against_impression
from reader.check_words import repetition, words_of_report
from reader.sentence_findings import Statement


def checks_of(
    *,
    answer: LabelsAnswer,
    known: Sequence[Label],
    flags: Sequence[Flag],
    report: DraftReport,
    complete: bool,
    stated: Sequence[Statement],
    concluded: Sequence[Statement],
    findings: Sequence[Finding],
    sentences: Sequence[ReportSentence],
    located: Mapping[Label, BoxesAnswer],
    detection: DetectionAnswer | None = None,
    given: Given = Given(),  # noqa: B008 - frozen
) -> tuple[Remark, ...]:
    """Give every remark on a reading's answers.

    Parameters
    ----------
    answer
        The list of abnormalities.
    known
        The labels that the model was trained on.
    flags
        The flags of all labels that were asked for or listed.
    report
        The draft.
    complete
        Whether the model ended the report by itself.
    stated, concluded
        All statements of the report's findings and of its impression.
    findings, sentences
        As the reading has them.
    located
        The answers to the grounding questions.
    detection
        The answer to the question for everything at once; None where it was not asked.
    given
        What the model was told beside the film.

    Returns
    -------
    tuple of Remark
        The list first, then the report's words, contradictions, places, detection.
    """
    flagged = {flag.label: flag.presence for flag in flags}
    said = (*stated, *concluded)
    remarks = [
        *unknown_names(answer.unknown),
        *strange_labels((*answer.labels, *answer.uncertain), known),
        *([] if complete else [text_cut()]),
        *repetition(report),
        *words_of_report(report, given),
        *labels_against_report(flagged, said),
        *report_against_itself(said),
        *findings_against_impression(stated, concluded),
        *places_of(findings, sentences, located),
    ]
    if detection is not None:
        remarks += detection_against_others(detection, flagged, said)
        remarks += detection_against_places(detection, located)
    return tuple(remarks)


def text_cut() -> Remark:
    """Remark that the report ends at the limit of its length."""
    text = "The report was cut at the limit of its length; its end is missing."
    return remark(Code.TEXT_CUT, text)


def unknown_names(names: Sequence[str]) -> list[Remark]:
    """Remark on names in the list of abnormalities that are no label."""
    return [
        remark(
            Code.UNKNOWN_LABEL, f"The model lists {name!r}, which is no label that is known here."
        )
        for name in names
    ]


def strange_labels(labels: Iterable[Label], known: Sequence[Label]) -> list[Remark]:
    """Remark on labels that the model names though it was not trained on them."""
    return [
        remark(Code.UNTRAINED_LABEL, f"The model lists {label.value}, which it was not trained on.")
        for label in labels
        if label not in known
    ]


def labels_against_report(
    flagged: Mapping[Label, Presence], stated: Sequence[Statement]
) -> list[Remark]:
    """Remark where the list of abnormalities and the report say different things.

    Parameters
    ----------
    flagged
        Presence of every label that the model was asked for.
    stated
        All statements of the report.
    """
    remarks = []
    for label, flag in flagged.items():
        said = {statement.presence for statement in stated if statement.label is label}
        code = Code.REPORT_CONTRADICTS_LABELS
        if flag is not Presence.ABSENT and said == {Presence.ABSENT}:
            text = f"The list of abnormalities names {label.value}; the report denies it."
        elif flag is Presence.PRESENT and not said:
            code = Code.REPORT_SILENT
            text = f"The list of abnormalities names {label.value}; the report is silent on it."
        elif flag is Presence.ABSENT and Presence.PRESENT in said:
            text = f"The report states {label.value}; the list of abnormalities lacks it."
        elif flag is Presence.ABSENT and Presence.UNCERTAIN in said:
            code = Code.REPORT_DOUBTS
            text = f"The report thinks of {label.value}; the list of abnormalities lacks it."
        else:
            continue
        remarks.append(remark(code, text))
    return remarks


def report_against_itself(stated: Sequence[Statement]) -> list[Remark]:
    """Remark on labels that one sentence states and another denies, of the same side or of none.

    One side that is denied contradicts both that are stated. Within one sentence a denial makes the
    statement narrower: "congestion without overt edema".
    """
    remarks = []
    for label in Label:
        said = [statement for statement in stated if statement.label is label]
        stating = [item for item in said if item.presence is Presence.PRESENT]
        denying = [item for item in said if item.presence is Presence.ABSENT]
        if any(
            one.sentence != other.sentence
            and (other.side in {None, one.side} or one.side is Side.BILATERAL)
            for one in stating
            for other in denying
        ):
            text = f"The report both states and denies {label.value}."
            remarks.append(remark(Code.REPORT_CONTRADICTS_ITSELF, text))
    return remarks


def detection_against_others(
    detection: DetectionAnswer,
    flagged: Mapping[Label, Presence],
    stated: Sequence[Statement],
) -> list[Remark]:
    """Remark where the answer that places everything at once is at odds with list or report.

    Its silence on a listed label is no contradiction: models were taught to place fewer things
    than they can list. That it denies everything where the list names something is one.
    """
    if not detection.understood:
        text = "The model's answer to what is where could not be understood."
        return [remark(Code.DETECTION_NOT_UNDERSTOOD, text)]
    remarks = [
        remark(
            Code.DETECTION_UNKNOWN_NAME,
            f"The model places {name!r}, which is no one label that is known here.",
        )
        for name in detection.unknown
    ]
    for label, place in detection.places.items():
        if not place.boxes:
            continue
        said = {statement.presence for statement in stated if statement.label is label}
        if said == {Presence.ABSENT}:
            text = f"Asked what is where, the model places {label.value}; the report denies it."
            remarks.append(remark(Code.DETECTION_CONTRADICTS_REPORT, text))
        if flagged.get(label) is Presence.ABSENT:
            text = f"Asked what is where, the model places {label.value}; its list lacks it."
            remarks.append(remark(Code.DETECTION_CONTRADICTS_LABELS, text))
    listed = [label for label, presence in flagged.items() if presence is Presence.PRESENT]
    if listed and not detection.places and not detection.unknown:
        names = ", ".join(label.value for label in listed)
        text = f"Asked what is where, the model finds nothing; its list names {names}."
        remarks.append(remark(Code.DETECTION_CONTRADICTS_LABELS, text))
    return remarks
