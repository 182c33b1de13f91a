"""What a model says of one film.

These values travel from the reader through the database into DICOM. They are frozen: a second
pass over the same film is another `Reading`, and a person's edit is a report version beside it.
Only the standard library is used, since a bare GPU machine must be able to import this module.
"""

import math
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from core.labels import Label, Side, Site
from core.uids import derived_uid


class Presence(StrEnum):
    """Whether a finding is there; CID 240 of PS3.16 has a code for each."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the stored pixel matrix.

    Parameters
    ----------
    x1, y1, x2, y2
        Edges as fractions of Columns and Rows, in [0, 1]; origin at the top-left corner of the
        top-left pixel. Not the displayed orientation: the stored one.

    Raises
    ------
    ValueError
        If a value is no finite number in [0, 1], or the box is empty or reversed.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        edges = (self.x1, self.y1, self.x2, self.y2)
        if not all(math.isfinite(edge) and 0.0 <= edge <= 1.0 for edge in edges):
            message = f"box edges must lie in [0, 1]: {edges}"
            raise ValueError(message)
        if self.x1 >= self.x2 or self.y1 >= self.y2:
            message = f"box is empty or reversed: {edges}"
            raise ValueError(message)


def check_score(score: float | None) -> None:
    """Refuse a score that is no probability.

    Raises
    ------
    ValueError
        If the score is neither None nor a finite number in [0, 1].
    """
    if score is not None and not (math.isfinite(score) and 0.0 <= score <= 1.0):
        message = f"score must lie in [0, 1]: {score}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Flag:
    """One label's answer for the whole film, known before the report is written.

    Parameters
    ----------
    label
        What was asked for.
    presence
        The model's answer.
    score
        The probability in [0, 1] that the label is present: the model's own, or what the site's
        calibration makes of it. None where the model gives none.
    own_score
        The model's own probability where `score` is a calibrated one; None otherwise.
    """

    label: Label
    presence: Presence
    score: float | None = None
    own_score: float | None = None

    def __post_init__(self) -> None:
        check_score(self.score)
        check_score(self.own_score)
        if self.own_score is not None and self.score is None:
            message = f"a calibrated score is missing: {self.label.value} {self.own_score}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of the model on the film.

    Parameters
    ----------
    id
        UID; the tracking UID in the SR and the key of the graphic in the GSPS.
    label
        What it is.
    presence
        Whether it is there. An absent finding has no boxes.
    score
        Probability of presence in [0, 1]; None where unknown.
    site
        Where, None where unknown.
    side
        The patient's side, None where unknown or without meaning.
    boxes
        Where it was grounded; may be empty (asked, and no place was given).
    sentence
        The report sentence that states it, None where the report is silent.
    """

    id: str
    label: Label
    presence: Presence
    score: float | None = None
    site: Site | None = None
    side: Side | None = None
    boxes: tuple[Box, ...] = ()
    sentence: str | None = None

    def __post_init__(self) -> None:
        check_score(self.score)
        if self.presence is Presence.ABSENT and self.boxes:
            message = f"an absent finding has no place: {self.label.value} {self.boxes}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class DraftReport:
    """The model's report in its two sections.

    Parameters
    ----------
    findings
        The section "Findings"; never empty, since an empty report is a failed reading.
    impression
        The section "Impression"; empty where the model writes none.

    Raises
    ------
    ValueError
        If the findings section is blank.
    """

    findings: str
    impression: str = ""

    def __post_init__(self) -> None:
        if not self.findings.strip():
            message = "a draft report needs a findings section"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known beside the film and may be told to a model.

    Parameters
    ----------
    indication
        Why the film was taken, None where unknown.
    technique
        How it was taken, None where unknown.
    comparison
        What it may be compared with, None where nothing is.
    """

    indication: str | None = None
    technique: str | None = None
    comparison: str | None = None


NOTHING_GIVEN: Final = Given()


@dataclass(frozen=True, slots=True)
class ReportSentence:
    """A sentence of the draft, tied to what it states and where that lies.

    Parameters
    ----------
    text
        The sentence as the draft has it.
    finding_ids
        Ids of the findings that it states, denies or doubts; empty where it names none.
    boxes
        Where the model placed the sentence; empty where it was not asked, or gave no place.
    """

    text: str
    finding_ids: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A result of the quality gate or of a check of the answer.

    Parameters
    ----------
    code
        A fixed machine-readable word such as `boxes_dropped` or `text_cut`.
    text
        The same in words for the reader of the draft.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model spoke: all that must change when its answers may change.

    Parameters
    ----------
    family
        Key of the model family, such as `radvlm`.
    name, version
        As the model's folder says.
    weights_sha256
        Hash over the hashes of the folder's files, hexadecimal.
    dtype, device
        Arithmetic and device of this run, such as `float32` and `cpu`.
    prompt_version
        Version of the prompts of the family.
    licence, intended_use
        What the family or the folder declares.
    demo
        Whether this is the demonstration model, whose readings are held back from real peers.
    labels
        The labels it was trained on; another label's absence from an answer says nothing.
    calibration
        Hash of the site's calibration of its scores; empty where they are its own.
    """

    family: str
    name: str
    version: str
    weights_sha256: str
    dtype: str
    device: str
    prompt_version: str
    licence: str
    intended_use: str
    demo: bool = False
    labels: tuple[Label, ...] = tuple(Label)
    calibration: str = ""

    @property
    def uid(self) -> str:
        """Device UID: another for every model, weights, arithmetic, prompt or calibration."""
        return derived_uid(
            "model",
            self.family,
            self.name,
            self.version,
            self.weights_sha256,
            self.dtype,
            self.prompt_version,
            *([self.calibration] if self.calibration else []),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the model said of one film in one pass.

    Parameters
    ----------
    id
        Identity of this pass; `new_reading_id` makes one.
    model
        Who spoke.
    flags
        One per label that the model knows.
    findings
        The grounded and the worded statements.
    report
        The draft.
    quality
        Remarks on the picture.
    checks
        Remarks on the answer.
    indication
        The indication that the model was given, None where it was given none.
    timings
        Seconds by stage.
    technique, comparison
        The same of how the film was taken and of what it may be compared with.
    sentences
        The draft's sentences in their order, findings before impression.
    """

    id: str
    model: ModelIdentity
    flags: tuple[Flag, ...]
    findings: tuple[Finding, ...]
    report: DraftReport
    quality: tuple[Remark, ...] = ()
    checks: tuple[Remark, ...] = ()
    indication: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    technique: str | None = None
    comparison: str | None = None
    sentences: tuple[ReportSentence, ...] = ()

    @property
    def present(self) -> tuple[Finding, ...]:
        """The findings that are stated to be there."""
        return tuple(item for item in self.findings if item.presence is Presence.PRESENT)

    @property
    def abnormal(self) -> bool:
        """Whether anything was flagged, or stated, as present or uncertain."""
        return any(flag.presence is not Presence.ABSENT for flag in self.flags) or any(
            finding.presence is not Presence.ABSENT for finding in self.findings
        )


def new_reading_id() -> str:
    """Make the identity of a new reading: a random UUID as 32 hexadecimal digits."""
    return uuid.uuid4().hex


def finding_id(reading_id: str, index: int) -> str:
    """Derive the id of a reading's finding from its position."""
    return derived_uid("finding", reading_id, index)
