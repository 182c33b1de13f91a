"""Checks of an answer: what the reader of a draft must be told about it.

Codes are fixed; texts are shown as they are. None of them makes a film fail: what makes no sense
at all was refused before.
"""

from collections.abc import Iterable, Sequence

from core.labels import Label, Side
from core.reading import Box, Finding, Presence, Remark
from reader.sentence_findings import Statement

_MIDLINE = 0.5


def text_cut() -> Remark:
    """Remark that the report ends at the limit of its length."""
    return Remark("text_cut", "The report was cut at the limit of its length; its end is missing.")


def unknown_names(names: Sequence[str]) -> list[Remark]:
    """Remark on names in the list of abnormalities that are no label."""
    return [
        Remark("unknown_label", f"The model lists {name!r}, which is no label that is known here.")
        for name in names
    ]


def strange_labels(labels: Iterable[Label], known: Sequence[Label]) -> list[Remark]:
    """Remark on labels that the model names though it was not trained on them."""
    return [
        Remark("untrained_label", f"The model lists {label.value}, which it was not trained on.")
        for label in labels
        if label not in known
    ]


def boxes_dropped(label: Label, pieces: Sequence[str]) -> Remark:
    """Remark that what was written for a box is none."""
    return Remark(
        "boxes_dropped",
        f"{len(pieces)} of the boxes for {label.value} could not be used and are not shown.",
    )


def not_located(label: Label) -> Remark:
    """Remark that a finding has no place."""
    return Remark("not_located", f"The model gave no place for {label.value}.")


def labels_against_report(
    flagged: dict[Label, Presence], stated: Sequence[Statement]
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
        if flag is Presence.PRESENT and said == {Presence.ABSENT}:
            text = f"The list of abnormalities names {label.value}; the report denies it."
        elif flag is Presence.PRESENT and not said:
            text = f"The list of abnormalities names {label.value}; the report is silent on it."
            remarks.append(Remark("report_silent", text))
            continue
        elif flag is Presence.ABSENT and Presence.PRESENT in said:
            text = f"The report states {label.value}; the list of abnormalities lacks it."
        else:
            continue
        remarks.append(Remark("report_contradicts_labels", text))
    return remarks


def report_against_itself(stated: Sequence[Statement]) -> list[Remark]:
    """Remark on labels that one sentence states and another denies, of the same side or of none."""
    remarks = []
    for label in Label:
        said = [statement for statement in stated if statement.label is label]
        present = {item.side for item in said if item.presence is Presence.PRESENT}
        absent = {item.side for item in said if item.presence is Presence.ABSENT}
        if present and (None in absent or present & absent):
            text = f"The report both states and denies {label.value}."
            remarks.append(Remark("report_contradicts_itself", text))
    return remarks


def side_against_boxes(finding: Finding) -> list[Remark]:
    """Remark where a report's side and the boxes do not fit.

    A frontal film shows the patient's left on the viewer's right. Films that are stored mirrored
    exist, so this is a question to the reader and never a correction.
    """
    if finding.side not in {Side.LEFT, Side.RIGHT} or not finding.boxes:
        return []
    if any(_on_side(box, finding.side) for box in finding.boxes):
        return []
    text = (
        f"The report puts {finding.label.value} on the {finding.side.value}, but every box lies "
        "on the other half of the film."
    )
    return [Remark("side_differs_from_boxes", text)]


def _on_side(box: Box, side: Side) -> bool:
    """Tell whether a box reaches into a side's half of the film."""
    return box.x2 > _MIDLINE if side is Side.LEFT else box.x1 < _MIDLINE
