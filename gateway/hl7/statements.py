"""What a message states of a film: a reading and its report as observations.

A label that a model was not asked for, or does not know, is not named at all: a receiver must
never take silence for an answer. No statement of a model is flagged as normal save the one on the
whole film, and that only where nothing speaks against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.sr.coding import Code

from core.labels import DEFAULT_SITE, Label
from core.reading import Presence, Reading, Remark
from core.report import ReportKind, ReportVersion
from core.triage import Tier
from dicom_sr import concepts
from dicom_sr.code_table import PRIVATE_SCHEME, CodeTable, Normality
from dicom_sr.context import BuildContext
from dicom_sr.evaluations import normality
from dicom_sr.items import score_name
from dicom_sr.linkage import TrackedFinding, tracked
from dicom_sr.notice import banner_of
from dicom_sr.source import Source
from dicom_sr.standing import keeps_statements
from dicom_sr.text import one_line, paragraphs, person_name, spoken_name
from dicom_sr.wording_table import Phrase
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

    Beside a text that a person wrote nothing stands that the model answered, nor the remarks on its
    answers, as in the report document.
    """
    said = [*of_study(source, tier), *_texts(reading, version, source, context)]
    film = _Film(reading, film_token(source.film.sop_instance_uid), context.codes)
    kept = keeps_statements(reading, version)
    if kept:
        said += [*film.overall(tier), *film.findings(), *film.flags()]
    said += film.remarks_on_picture(_heading(version, context))
    if kept:
        said += film.remarks_on_answer()
    return [*said, *_model(reading, source)]


def taken_back(
    source: Source, tier: Tier, withdrawal: Withdrawal, *, final: bool
) -> list[Observation]:
    """Give what is said in place of a draft, or final report, that is taken back: that, and why."""
    why = one_line(withdrawal.words)
    what = "FINAL REPORT" if final else "AI DRAFT"
    words = f"{what} WITHDRAWN{_by(withdrawal.author)}{f': {why}' if why else ''}. Do not use it."
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


def _by(author: str | None) -> str:
    return f" by {spoken_name(person_name(author))}" if author else ""


def _texts(
    reading: Reading, version: ReportVersion, source: Source, context: BuildContext
) -> Iterator[Observation]:
    token = film_token(source.film.sop_instance_uid)
    author = version.author
    banner = banner_of(reading, version, context)
    yield Observation("TX", concepts.COMMENT, token, lines(banner))
    opening, findings = f"{_opening(reading, version)}: ", paragraphs(version.findings)
    impression = paragraphs(version.impression)
    if not impression and author is None:
        impression = "no impression was written, see the findings"
    if impression:
        words = lines([f"{opening}{impression}"])
        yield Observation("TX", concepts.IMPRESSION, token, words, author=author)
    else:
        # A person is never made to say what they did not write.
        findings = f"{opening}{findings}"
    yield Observation("TX", concepts.FINDING, token, lines([findings]), author=author)


def _heading(version: ReportVersion, context: BuildContext) -> str:
    """Say whose remarks stand in a message that a person answers for; "" in a draft's."""
    return "" if version.kind is ReportKind.DRAFT else context.wording.phrase(Phrase.REMARKS)


def _opening(reading: Reading, version: ReportVersion) -> str:
    done = version.kind.value
    if version.kind is ReportKind.ACCEPTED and not keeps_statements(reading, version):
        done = "edited, then accepted"
    done += _by(version.author)
    match version.kind:
        case ReportKind.DRAFT:
            return "AI DRAFT"
        case _ if version.final:
            return f"FINAL REPORT, AI draft {done}"
        case _:
            return f"AI DRAFT, {done}, preliminary"


@dataclass(frozen=True, slots=True)
class _Film:
    """What the model said of one film, under the film's token, in the codes of the site."""

    reading: Reading
    token: str
    codes: CodeTable

    def overall(self, tier: Tier) -> Iterator[Observation]:
        """Say whether the film is normal."""
        verdict = normality(self.reading)
        flag = Flag.NONE
        if self.reading.abnormal:
            flag = Flag.ABNORMAL
        elif verdict is Normality.NORMAL and tier is Tier.ROUTINE and not self.reading.checks:
            flag = Flag.NORMAL
        yield self._coded(concepts.NORMALITY, self.token, self.codes.normality(verdict), flag)

    def findings(self) -> Iterator[Observation]:
        """Give each finding with its score and its place."""
        for item in tracked(self.reading):
            sub_id = f"{self.token}.{item.number}"
            finding = item.finding
            yield from self._answer(finding.label, finding.presence, finding.score, sub_id)
            yield from self._place(item, sub_id)

    def flags(self) -> Iterator[Observation]:
        """Give the answers on the whole film that no finding repeats."""
        said = {(finding.label, finding.presence) for finding in self.reading.findings}
        for flag in self.reading.flags:
            known = flag.label in self.reading.model.labels
            if (flag.label, flag.presence) in said or not (
                known or flag.presence is not Presence.ABSENT
            ):
                continue
            sub_id = f"{self.token}.flag{_NUMBERS[flag.label]}"
            yield from self._answer(flag.label, flag.presence, flag.score, sub_id)

    def remarks_on_picture(self, heading: str) -> Iterator[Observation]:
        """Give the remarks on the picture, below a line on whose they are."""
        yield from self._remarks(
            concepts.QUALITY_FINDING, self.token, self.reading.quality, heading
        )

    def remarks_on_answer(self) -> Iterator[Observation]:
        """Give the remarks on the answer, which are of no use beside another text."""
        sub_id = f"{self.token}.checks"
        yield from self._remarks(concepts.COMMENT, sub_id, self.reading.checks, "")

    def _remarks(
        self, name: Code, sub_id: str, remarks: tuple[Remark, ...], heading: str
    ) -> Iterator[Observation]:
        said = [words for remark in remarks if (words := paragraphs(remark.text))]
        if said:
            words = lines([heading, *said])
            yield Observation("TX", name, sub_id, words, model_uid=self.reading.model.uid)

    def _answer(
        self, label: Label, presence: Presence, score: float | None, sub_id: str
    ) -> Iterator[Observation]:
        flag = _PRESENCE_FLAGS[presence]
        name = self.codes.label(label)
        yield self._coded(name, sub_id, self.codes.presence(presence), flag)
        if score is not None:
            yield Observation(
                "NM",
                score_name(presence),
                sub_id,
                value(f"{round(100.0 * score, _HUNDREDTHS):g}"),
                unit=concepts.PERCENT,
                model_uid=self.reading.model.uid,
            )

    def _place(self, item: TrackedFinding, sub_id: str) -> Iterator[Observation]:
        site = item.finding.site or DEFAULT_SITE[item.finding.label]
        if site is not None or item.side is not None:
            code = self.codes.chest if site is None else self.codes.site(site)
            yield self._coded(concepts.FINDING_SITE, sub_id, code)
        if item.side is not None:
            yield self._coded(concepts.LATERALITY, sub_id, self.codes.side(item.side))

    def _coded(self, name: Code, sub_id: str, code: Code, flag: Flag = Flag.NONE) -> Observation:
        model_uid = self.reading.model.uid
        return Observation("CWE", name, sub_id, coded(code), flag=flag, model_uid=model_uid)


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
