"""Ties each sentence of a draft to the findings it speaks of, and to its place.

The draft stands as it was written: no sentence is left out, and the order is kept.
"""

from collections.abc import Mapping, Sequence

from core.labels import Side
from core.reading import DraftReport, Finding, Presence, ReportSentence
from reader.answers import BoxesAnswer
from reader.report_text import sentences
from reader.sentence_findings import Statement, statements


def tie_sentences(
    report: DraftReport,
    findings: Sequence[Finding],
    boxes_by_sentence: Mapping[str, BoxesAnswer],
) -> tuple[ReportSentence, ...]:
    """Give the draft's sentences with the findings that each states, denies or doubts.

    Parameters
    ----------
    report
        The draft.
    findings
        The reading's findings, one per label.
    boxes_by_sentence
        Where the model placed each sentence that it was asked for, by the sentence's words.

    Returns
    -------
    tuple of ReportSentence
        Findings section first, then the impression. A sentence is tied to the finding of each
        label it speaks of, in the findings' order, unless both name a side and not the same:
        "no right effusion" says nothing of the effusion on the left. One that only denies has no
        place, whatever the model gave.
    """
    tied = []
    for text in (*sentences(report.findings), *sentences(report.impression)):
        said = statements(text)
        about = tuple(
            finding.id for finding in findings if any(_same(item, finding) for item in said)
        )
        place = boxes_by_sentence.get(text)
        boxes = place.boxes if place is not None and _may_be_placed(said) else ()
        tied.append(ReportSentence(text, about, boxes))
    return tuple(tied)


def sentences_to_place(report: DraftReport) -> tuple[str, ...]:
    """Give the sentences that have a place: those that state or doubt a finding, each once."""
    return tuple(
        dict.fromkeys(
            text
            for text in (*sentences(report.findings), *sentences(report.impression))
            if any(item.presence is not Presence.ABSENT for item in statements(text))
        )
    )


def _same(item: Statement, finding: Finding) -> bool:
    if item.label is not finding.label:
        return False
    sides = {item.side, finding.side}
    return len(sides) == 1 or bool(sides & {None, Side.BILATERAL})


def _may_be_placed(said: Sequence[Statement]) -> bool:
    return not said or any(item.presence is not Presence.ABSENT for item in said)
