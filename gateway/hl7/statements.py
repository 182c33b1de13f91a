"""What a message states of a film: a reading and its report as observations.

A label that a model was not asked for, or does not know, is not named at all: a receiver must
never take silence for an answer. No statement of a model is flagged as normal save the one on the
whole film, and that only where nothing speaks against it.
"""

from collections.abc import Iterator

from pydicom.sr.coding import Code

from core.labels import DEFAULT_SITE, Label
from core.reading import Presence, Reading
from core.report import ReportKind, ReportVersion
from core.triage import Tier
from dicom_sr import concepts
from dicom_sr.codes import CHEST, LABELS, NORMAL, PRESENCES, PRIVATE_SCHEME, SIDES, SITES
from dicom_sr.context import BuildContext
from dicom_sr.evaluations import normality
from dicom_sr.linkage import TrackedFinding, tracked
from dicom_sr.notice import notice_of, place_of
from dicom_sr.source import Source
from dicom_sr.text import one_line, paragraphs
from gateway.hl7.encoding import value
from gateway.hl7.envelope import Withdrawal
from gateway.hl7.observations import Flag, Observation, film_token, lines
from gateway.hl7.values import coded, universal_id

STUDY = Code("113014", "DCM", "DICOM Study")
"""As IHE RAD names the study's UID in results."""
TIER = Code("TIER", PRIVATE_SCHEME, "Place in the worklist")
TIERS = {
    Tier.ROUTINE: (Code("ROUTINE", PRIVATE_SCHEME, "Routine"), Flag.NONE),
    Tier.RAISED: (Code("RAISED", PRIVATE_SCHEME, "Raised"), Flag.ABNORMAL),
    Tier.URGENT: (Code("URGENT", PRIVATE_SCHEME, "Urgent"), Flag.VERY_ABNORMAL),
}
_PRESENCE_FLAGS = {
    Presence.PRESENT: Flag.ABNORMAL,
    Presence.UNCERTAIN: Flag.ABNORMAL,
    Presence.ABSENT: Flag.NONE,
}
OF_STUDY = "study"
"""Sub-identifier of what is said of the study and not of one film."""
_NUMBERS = {label: number for number, label in enumerate(Label, start=1)}
_HUNDREDTHS = 2


def stated(
    reading: Reading, version: ReportVersion, source: Source, context: BuildContext, tier: Tier
) -> list[Observation]:
    """Give all that is said of a report version.

    The model's coded statements are repeated with a version that a person accepted. With one that
    a person edited they are left out, since nobody can tell which of them the edit let stand.
    """
    said = [*of_study(source, tier), *_texts(reading, version, source, context)]
    if version.kind is not ReportKind.EDITED:
        said += [*_overall(reading, source, tier), *_findings(reading, source)]
        said += [*_flags(reading, source), *_remarks(reading, source)]
    return [*said, *_model(reading, source)]


def taken_back(source: Source, tier: Tier, withdrawal: Withdrawal) -> list[Observation]:
    """Give what is said in place of a draft that is taken back: that it is, and why."""
    by = f" by {spoken(withdrawal.author)}" if withdrawal.author else ""
    why = one_line(withdrawal.words)
    words = f"AI DRAFT WITHDRAWN{by}{f': {why}' if why else ''}. Do not use it."
    return [
        *of_study(source, tier),
        Observation(
            "TX",
            concepts.IMPRESSION,
            film_token(source.film.sop_instance_uid),
            lines([words]),
            author=withdrawal.author,
        ),
    ]


def of_study(source: Source, tier: Tier) -> list[Observation]:
    """Give the study's UID and its place in the worklist, which never falls."""
    place, flag = TIERS[tier]
    return [
        Observation("HD", STUDY, OF_STUDY, universal_id(source.study.uid), result=False),
        Observation("CWE", TIER, OF_STUDY, coded(place), flag=flag),
    ]


def spoken(person_name: str) -> str:
    """Give a DICOM person name as words."""
    return " ".join(one_line(person_name).split("=")[0].replace("^", " ").split())


def _texts(
    reading: Reading, version: ReportVersion, source: Source, context: BuildContext
) -> Iterator[Observation]:
    token = film_token(source.film.sop_instance_uid)
    author = version.author
    banner = [notice_of(reading, context), place_of(context) or ""]
    yield Observation("TX", concepts.COMMENT, token, lines(banner))
    impression = paragraphs(version.impression) or "no impression was written, see the findings"
    opened = f"{_opening(version)}: {impression}"
    yield Observation("TX", concepts.IMPRESSION, token, lines([opened]), author=author)
    findings = paragraphs(version.findings)
    yield Observation("TX", concepts.FINDING, token, lines([findings]), author=author)


def _opening(version: ReportVersion) -> str:
    by = f" by {spoken(version.author)}" if version.author else ""
    match version.kind:
        case ReportKind.DRAFT:
            return "AI DRAFT"
        case _ if version.final:
            return f"AI DRAFT, {version.kind.value}{by}, final"
        case _:
            return f"AI DRAFT, {version.kind.value}{by}, preliminary"


def _overall(reading: Reading, source: Source, tier: Tier) -> Iterator[Observation]:
    verdict = normality(reading)
    unopposed = tier is Tier.ROUTINE and not reading.checks
    flag = Flag.NONE
    if reading.abnormal:
        flag = Flag.ABNORMAL
    elif verdict == NORMAL and unopposed:
        flag = Flag.NORMAL
    yield Observation(
        "CWE",
        concepts.NORMALITY,
        film_token(source.film.sop_instance_uid),
        coded(verdict.code),
        flag=flag,
        model_uid=reading.model.uid,
    )


def _findings(reading: Reading, source: Source) -> Iterator[Observation]:
    token = film_token(source.film.sop_instance_uid)
    for item in tracked(reading):
        sub_id = f"{token}.{item.number}"
        finding = item.finding
        yield from _answer(reading, finding.label, finding.presence, finding.score, sub_id)
        yield from _place(reading, item, sub_id)


def _flags(reading: Reading, source: Source) -> Iterator[Observation]:
    """Give the answers on the whole film that no finding repeats."""
    token = film_token(source.film.sop_instance_uid)
    said = {(finding.label, finding.presence) for finding in reading.findings}
    for flag in reading.flags:
        unknown = flag.presence is Presence.ABSENT and flag.label not in reading.model.labels
        if unknown or (flag.label, flag.presence) in said:
            continue
        sub_id = f"{token}.flag{_NUMBERS[flag.label]}"
        yield from _answer(reading, flag.label, flag.presence, flag.score, sub_id)


def _answer(
    reading: Reading, label: Label, presence: Presence, score: float | None, sub_id: str
) -> Iterator[Observation]:
    uid = reading.model.uid
    yield Observation(
        "CWE",
        LABELS[label].code,
        sub_id,
        coded(PRESENCES[presence].code),
        flag=_PRESENCE_FLAGS[presence],
        model_uid=uid,
    )
    if score is not None:
        percent = value(f"{round(100.0 * score, _HUNDREDTHS):g}")
        name, unit = concepts.CERTAINTY_OF_FINDING, concepts.PERCENT
        yield Observation("NM", name, sub_id, percent, unit=unit, model_uid=uid)


def _place(reading: Reading, item: TrackedFinding, sub_id: str) -> Iterator[Observation]:
    site = item.finding.site or DEFAULT_SITE[item.finding.label]
    uid = reading.model.uid
    if site is not None or item.side is not None:
        entry = CHEST if site is None else SITES[site]
        yield Observation("CWE", concepts.FINDING_SITE, sub_id, coded(entry.code), model_uid=uid)
    if item.side is not None:
        side = coded(SIDES[item.side].code)
        yield Observation("CWE", concepts.LATERALITY, sub_id, side, model_uid=uid)


def _remarks(reading: Reading, source: Source) -> Iterator[Observation]:
    token = film_token(source.film.sop_instance_uid)
    groups = (
        (concepts.QUALITY_FINDING, token, reading.quality),
        (concepts.COMMENT, f"{token}.checks", reading.checks),
    )
    for name, sub_id, remarks in groups:
        said = lines(paragraphs(remark.text) for remark in remarks)
        if said:
            yield Observation("TX", name, sub_id, said, model_uid=reading.model.uid)


def _model(reading: Reading, source: Source) -> Iterator[Observation]:
    token = film_token(source.film.sop_instance_uid)
    model = reading.model
    weights = f"weights_sha256={model.weights_sha256}; prompt_version={model.prompt_version}"
    use = f"licence: {model.licence}; intended use: {model.intended_use}"
    for name, words in (
        (concepts.ALGORITHM_NAME, model.name or "unnamed"),
        (concepts.ALGORITHM_VERSION, model.version or "none"),
        (concepts.ALGORITHM_PARAMETERS, f"family={model.family}; {weights}; {use}"),
    ):
        yield Observation("TX", name, token, lines([one_line(words)]))
    yield Observation("HD", concepts.DEVICE_OBSERVER_UID, token, universal_id(model.uid))
