"""Readings that stretch the builders: every label, none, many, at the edges, hostile words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.labels import Label, Side, Site
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
)
from core.report import ReportKind, ReportVersion

MODEL = ModelIdentity(
    family="radvlm",
    name="Test model",
    version="1.2",
    weights_sha256="5e" * 32,
    dtype="float32",
    device="cpu",
    prompt_version="3",
    licence="Apache-2.0",
    intended_use="tests only",
)
DEMO_MODEL = replace(MODEL, name="Demo model", demo=True)
CREATED_AT = datetime(2026, 3, 29, 0, 30, 15, tzinfo=UTC)
HOSTILE_WORDS = (
    "\x00\x1b[2J<script>alert(1)</script>\r\n^=\\'; DROP TABLE--\u202egnorw\ud800 "
    "شعاع 胸部 🫁 " + "very long " * 400
)


def make_reading(
    findings: Sequence[Finding] = (),
    *,
    reading_id: str = "0123456789abcdef0123456789abcdef",
    model: ModelIdentity = MODEL,
    flags: Sequence[Flag] | None = None,
    words: str = "Lungs are clear.\nHeart size is normal.",
) -> Reading:
    """Make a reading of findings whose ids are set by their position."""
    numbered = tuple(
        replace(finding, id=finding_id(reading_id, index)) for index, finding in enumerate(findings)
    )
    if flags is None:
        present = {finding.label for finding in findings if finding.presence is Presence.PRESENT}
        flags = [
            Flag(label, Presence.PRESENT, 0.9) if label in present else _absent(label)
            for label in Label
        ]
    return Reading(
        id=reading_id,
        model=model,
        flags=tuple(flags),
        findings=numbered,
        report=DraftReport(words, "No acute finding."),
        quality=(Remark("rotated", "The patient is rotated to the left."),),
        checks=(Remark("boxes_dropped", "One box lay outside the picture."),),
        indication="cough",
    )


def draft_of(reading: Reading, version_id: str = "version-1") -> ReportVersion:
    """Make the first version of a reading's report."""
    return ReportVersion(
        id=version_id,
        reading_id=reading.id,
        number=1,
        kind=ReportKind.DRAFT,
        findings=reading.report.findings,
        impression=reading.report.impression,
        created_at=CREATED_AT,
    )


def reviewed(
    reading: Reading,
    kind: ReportKind = ReportKind.ACCEPTED,
    *,
    findings: str | None = None,
    impression: str | None = None,
    final: bool = False,
) -> ReportVersion:
    """Make a version that a person accepted, or wrote; without words, the draft's."""
    return replace(
        draft_of(reading, "version-2"),
        number=2,
        kind=kind,
        author="Doe^Jane^^Dr.",
        findings=reading.report.findings if findings is None else findings,
        impression=reading.report.impression if impression is None else impression,
        final=final,
    )


def _absent(label: Label) -> Flag:
    return Flag(label, Presence.ABSENT, 0.03)


def _finding(
    label: Label,
    *boxes: Box,
    presence: Presence = Presence.PRESENT,
    score: float | None = 0.875,
    site: Site | None = None,
    side: Side | None = None,
    sentence: str | None = None,
) -> Finding:
    return Finding("", label, presence, score, site, side, boxes, sentence)


ORDINARY = make_reading(
    [
        _finding(
            Label.PLEURAL_EFFUSION,
            Box(0.58, 0.62, 0.9, 0.9),
            side=Side.LEFT,
            sentence="There is a left pleural effusion.",
        ),
        _finding(Label.CARDIOMEGALY, Box(0.35, 0.5, 0.7, 0.82), site=Site.HEART, side=Side.LEFT),
        _finding(Label.CONSOLIDATION, site=Site.LOWER_ZONE, side=Side.RIGHT),
    ]
)
EVERY_LABEL = make_reading(
    [
        _finding(label, Box(0.1, 0.1, 0.4, 0.4), side=Side.RIGHT, sentence=f"{label.value}.")
        for label in Label
    ]
)
EVERY_SITE = make_reading(
    [_finding(Label.LUNG_OPACITY, site=site, side=Side.BILATERAL) for site in Site]
)
NO_FINDING = make_reading()
ABSENT_AND_UNCERTAIN = make_reading(
    [
        _finding(Label.PNEUMOTHORAX, presence=Presence.ABSENT, score=0.02),
        _finding(Label.PNEUMONIA, presence=Presence.UNCERTAIN, score=0.5),
        _finding(
            Label.ATELECTASIS, Box(0.2, 0.6, 0.4, 0.7), presence=Presence.UNCERTAIN, score=None
        ),
    ],
    flags=[Flag(Label.PNEUMONIA, Presence.UNCERTAIN), _absent(Label.PNEUMOTHORAX)],
)
THIRTY = make_reading(
    [
        _finding(
            list(Label)[index % len(Label)],
            Box(0.02 * index, 0.03 * index, 0.02 * index + 0.3, 0.03 * index + 0.1),
        )
        for index in range(30)
    ]
)
PLACELESS = make_reading([_finding(label) for label in Label])
EDGES = make_reading(
    [
        _finding(Label.LUNG_OPACITY, Box(0.0, 0.0, 1.0, 1.0)),
        _finding(Label.EDEMA, Box(0.0, 0.0, 0.01, 0.01), Box(0.99, 0.99, 1.0, 1.0)),
        _finding(Label.FRACTURE, Box(0.97, 0.0, 1.0, 0.02), side=Side.LEFT),
        _finding(Label.LUNG_LESION, Box(0.0, 0.98, 0.02, 1.0), score=1.0),
        _finding(Label.SUPPORT_DEVICES, Box(1e-9, 1e-9, 2e-9, 2e-9), score=0.0),
    ]
)
HOSTILE = replace(
    make_reading(
        [_finding(Label.PNEUMONIA, Box(0.1, 0.1, 0.3, 0.3), sentence=HOSTILE_WORDS)],
        model=replace(
            MODEL,
            name=HOSTILE_WORDS.replace("\ud800", ""),
            version=HOSTILE_WORDS.replace("\ud800", ""),
            licence=HOSTILE_WORDS,
            intended_use=HOSTILE_WORDS,
        ),
        words=HOSTILE_WORDS,
    ),
    quality=(Remark("hostile", HOSTILE_WORDS),),
    checks=(Remark("blank", "\x00 "),),
    indication=HOSTILE_WORDS,
)
DEMO = make_reading([_finding(Label.EDEMA)], model=DEMO_MODEL)


def _told() -> Reading:
    """Make a reading that has all that a reading can have."""
    reading = make_reading(
        [
            _finding(
                Label.PLEURAL_EFFUSION,
                Box(0.58, 0.62, 0.9, 0.9),
                side=Side.LEFT,
                site=Site.PLEURA,
                score=0.8734567,
                sentence="There is a left pleural effusion.",
            ),
            _finding(
                Label.PNEUMOTHORAX,
                presence=Presence.ABSENT,
                score=None,
                sentence="No pneumothorax.",
            ),
            _finding(Label.CARDIOMEGALY, side=Side.LEFT, score=0.61),
        ],
        model=replace(MODEL, calibration="ca" * 16, labels=tuple(Label)[:9]),
        words="There is a left pleural effusion. No pneumothorax.",
        flags=[Flag(Label.PLEURAL_EFFUSION, Presence.PRESENT, 0.8734567, 0.7)],
    )
    effusion, pneumothorax, _ = (finding.id for finding in reading.findings)
    return replace(
        reading,
        report=DraftReport(reading.report.findings, "Left effusion."),
        technique="AP, portable",
        comparison="none",
        sentences=(
            ReportSentence(
                "There is a left pleural effusion.", (effusion,), (Box(0.5, 0.6, 0.9, 0.9),)
            ),
            ReportSentence("No pneumothorax.", (pneumothorax,)),
            ReportSentence("Left effusion.", (effusion,)),
        ),
    )


TOLD = _told()

READINGS = {
    "ordinary": ORDINARY,
    "every label": EVERY_LABEL,
    "every site": EVERY_SITE,
    "no finding": NO_FINDING,
    "absent and uncertain": ABSENT_AND_UNCERTAIN,
    "thirty": THIRTY,
    "placeless": PLACELESS,
    "edges": EDGES,
    "hostile": HOSTILE,
    "demo": DEMO,
    "told": TOLD,
}
