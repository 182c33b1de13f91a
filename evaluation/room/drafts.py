"""Drafts made of a phantom's truth: what a model might have said, and no model did."""

from collections.abc import Sequence
from typing import Any, Final

from core.labels import DEFAULT_SITE, Label, Side
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    ModelIdentity,
    Presence,
    Reading,
    Remark,
    ReportSentence,
    finding_id,
    new_reading_id,
)

MODEL: Final = ModelIdentity(
    family="radvlm",
    name="made of phantoms' truth",
    version="1",
    weights_sha256="none",
    dtype="none",
    device="none",
    prompt_version="1",
    licence="Apache-2.0",
    intended_use="to show the reading room's pages; no model was asked",
    demo=True,
)
_SURE, _UNSURE, _SURELY_NOT = 0.93, 0.58, 0.03
_NOTHING: Final = (
    "The lungs are clear.",
    "No pleural effusion or pneumothorax is seen.",
    "The cardiac silhouette is of normal size.",
)


def draft_of(truth: dict[str, Any]) -> Reading:
    """Make a reading of a phantom's truth, which is `training.phantom.Phantom.truth`."""
    reading_id = new_reading_id()
    findings = tuple(
        _finding(reading_id, number, one) for number, one in enumerate(truth["findings"])
    )
    said = [ReportSentence(one.sentence or "", (one.id,), one.boxes) for one in findings]
    denied = _denials(reading_id, len(findings), [one.label for one in findings])
    sentences = (*said, *(ReportSentence(one.sentence or "", (one.id,)) for one in denied))
    if not said:
        sentences = tuple(ReportSentence(words) for words in _NOTHING)
    impression = "; ".join(one.label.value for one in findings).capitalize()
    return Reading(
        id=reading_id,
        model=MODEL,
        flags=flags_of(truth),
        findings=(*findings, *(denied if said else ())),
        report=DraftReport(
            " ".join(one.text for one in sentences),
            f"{impression}." if impression else "No acute finding.",
        ),
        sentences=sentences,
        quality=(Remark("made_up", "Made of the phantom's truth: no model was asked."),),
        timings={"report": 0.0},
    )


def flags_of(truth: dict[str, Any]) -> tuple[Flag, ...]:
    """Give the flags of a phantom."""
    present = {Label(one["label"]) for one in truth["findings"]}
    return tuple(_flag(label, present=label in present) for label in Label)


def _flag(label: Label, *, present: bool) -> Flag:
    if not present:
        return Flag(label, Presence.ABSENT, _SURELY_NOT)
    unsure = label is Label.ATELECTASIS
    score = _UNSURE if unsure else _SURE
    return Flag(label, Presence.UNCERTAIN if unsure else Presence.PRESENT, score)


def _finding(reading_id: str, number: int, one: dict[str, Any]) -> Finding:
    label = Label(one["label"])
    side = Side(one["side"]) if one["side"] else None
    flag = _flag(label, present=True)
    where = f"{side.value.capitalize()} {label.value}" if side else label.value.capitalize()
    doubt = "possible " if flag.presence is Presence.UNCERTAIN else ""
    verb = "are" if label is Label.SUPPORT_DEVICES else "is"
    return Finding(
        id=finding_id(reading_id, number),
        label=label,
        presence=flag.presence,
        score=flag.score,
        site=DEFAULT_SITE[label],
        side=side,
        boxes=tuple(Box(*box) for box in one["boxes"]),
        sentence=f"{(doubt + where).capitalize()} {verb} seen.",
    )


def _denials(reading_id: str, begin: int, present: Sequence[Label]) -> tuple[Finding, ...]:
    missing = [one for one in (Label.PNEUMOTHORAX, Label.PLEURAL_EFFUSION) if one not in present]
    return tuple(
        Finding(
            id=finding_id(reading_id, begin + number),
            label=label,
            presence=Presence.ABSENT,
            score=_SURELY_NOT,
            sentence=f"No {label.value} is seen.",
        )
        for number, label in enumerate(missing)
    )
