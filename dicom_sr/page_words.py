"""What the page of a report version says."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.lettering import MISSING
from core.reading import Presence, Reading
from core.report import ReportKind, ReportVersion
from dicom_sr.context import BuildContext
from dicom_sr.header import object_time
from dicom_sr.linkage import TrackedFinding, tracked
from dicom_sr.notice import banner_of, notice_of
from dicom_sr.page import Page
from dicom_sr.page_text import Block
from dicom_sr.source import Patient, Source, Study
from dicom_sr.standing import keeps_statements
from dicom_sr.text import cut, one_line, paragraphs
from dicom_sr.wording_table import Heading, Phrase, Word, Wording

_PRESENCES: Final[Mapping[Presence, Word]] = {
    Presence.PRESENT: Word.PRESENT,
    Presence.UNCERTAIN: Word.UNCERTAIN,
    Presence.ABSENT: Word.ABSENT,
}
_BRIEF: Final = 64
"""Bytes of a model's own words in the foot; the coded SR has them whole."""
_NAME: Final = 60
"""Letters of the patient's name; missing ones are three wide, and the Patient ID comes after it."""
_MOST: Final = 64
"""Characters of a value of the header that are laid out; the page says where one is longer."""


def page_of(
    reading: Reading, version: ReportVersion, origin: Source, context: BuildContext
) -> Page:
    """Put the words of a page together.

    Parameters
    ----------
    reading
        What the model said.
    version
        The text, and whose it is.
    origin
        The film, its patient and its study.
    context
        Site and variant.
    """
    notice = notice_of(reading, context, version)
    banner = [notice, *(line for line in banner_of(reading, version, context) if line != notice)]
    draft = version.kind is ReportKind.DRAFT
    word = context.wording.word
    return Page(
        title=notice,
        banner=banner,
        patient=_patient(origin.patient, context.wording),
        study=_study(origin, context),
        identity_goes_on=word(Word.GOES_ON_HEADER),
        missing_letters=word(Word.MISSING_LETTERS, sign=MISSING),
        caption="" if draft else word(Word.WHOSE_MARKS),
        statements=_statements(reading, version, context),
        statements_go_on=word(Word.GOES_ON_CODED),
        report=_report(reading, version, context),
        report_goes_on=word(Word.GOES_ON_REPORT),
        foot=_foot(reading, version, origin.study, context),
    )


def _patient(patient: Patient, wording: Wording) -> list[Block]:
    issuer = f" ({_held(patient.issuer, wording)})" if patient.issuer else ""
    name = _said(Word.PATIENT, _name(patient.name), wording, _NAME)
    born = _said(Word.BORN, _date(patient.birth_date), wording)
    return [
        Block(name, bold=True),
        Block(f"{_said(Word.PATIENT_ID, patient.id, wording)}{issuer}", bold=True),
        Block(f"{born}; {_said(Word.SEX, patient.sex, wording)}"),
    ]


def _study(origin: Source, context: BuildContext) -> list[Block]:
    study, film, wording = origin.study, origin.film, context.wording
    place = context.place.words if context.place else ""
    when = f"{_date(study.date)} {_time(study.time)}".strip()
    described = _listed(wording, when, _held(study.description, wording))
    lines = [
        f"{wording.word(Word.STUDY)}: {described}",
        _said(Word.ACCESSION, study.accession_number, wording),
        f"{wording.word(Word.FILM)}: {_listed(wording, film.modality, film.view, place)}",
        _said(Word.REFERRED_BY, _name(study.referring_physician), wording),
        context.institution,
    ]
    return [Block(line) for line in lines if line]


def _statements(reading: Reading, version: ReportVersion, context: BuildContext) -> list[Block]:
    blocks = [Block(context.wording.headings[Heading.STATEMENTS], heading=True)]
    if not keeps_statements(reading, version):
        return [*blocks, Block(context.wording.phrase(Phrase.NOT_REPEATED))]
    blocks += [Block(_statement(finding, context)) for finding in tracked(reading)]
    if not reading.findings:
        blocks.append(Block(context.wording.word(Word.NOTHING)))
    if version.kind is ReportKind.DRAFT and reading.flags:
        blocks += [Block(""), Block(context.wording.word(Word.WHOLE_FILM), heading=True)]
        blocks += _flags(reading, context.wording)
    return blocks


def _statement(item: TrackedFinding, context: BuildContext) -> str:
    finding = item.finding
    code = context.codes.label(finding.label)
    side = f", {item.side.value}" if item.side else ""
    site = f", {finding.site.value}" if finding.site else ""
    wording = context.wording
    answer = wording.word(_PRESENCES[finding.presence])
    if finding.score is not None:
        # "absent 2 %" would say the contrary of what is meant.
        stated = finding.presence is Presence.PRESENT
        answer += "" if stated else f", {wording.word(Word.PROBABILITY)}"
        answer += f" {_percent(finding.score)}"
    absent = finding.presence is Presence.ABSENT
    place = "" if finding.boxes or absent else f"; {wording.word(Word.PLACE_NOT_GIVEN)}"
    return (
        f"{item.number}. {finding.label.value}{side}{site}: {answer}{place} "
        f"({code.meaning}, {code.scheme_designator} {code.value})"
    )


def _flags(reading: Reading, wording: Wording) -> list[Block]:
    blocks = []
    for presence, word in _PRESENCES.items():
        words = [
            flag.label.value + ("" if flag.score is None else f" {_percent(flag.score)}")
            for flag in reading.flags
            if flag.presence is presence
        ]
        head = wording.word(word)
        if presence is not Presence.PRESENT:
            head += f" ({wording.word(Word.PROBABILITY)})"
        if words:
            blocks.append(Block(f"{head}: {', '.join(words)}"))
    return blocks


def _percent(score: float) -> str:
    return f"{100.0 * score:.0f} %"


def _report(reading: Reading, version: ReportVersion, context: BuildContext) -> list[Block]:
    """Give the text, the impression first: what does not fit is cut at the end."""
    headings = context.wording.headings
    sections: Sequence[tuple[Heading, str]] = (
        (Heading.IMPRESSIONS, version.impression),
        (Heading.FINDINGS, version.findings),
        (Heading.HISTORY, reading.indication or ""),
        (Heading.QUALITY, "\n".join(_remarks(reading, version, context))),
    )
    return [
        block
        for heading, words in sections
        if paragraphs(words)
        for block in (Block(headings[heading], heading=True), Block(paragraphs(words)), Block(""))
    ]


def _remarks(reading: Reading, version: ReportVersion, context: BuildContext) -> list[str]:
    """Give the remarks; those on the model's answer only where that answer is the text."""
    checks = reading.checks if keeps_statements(reading, version) else ()
    said = [words for one in (*reading.quality, *checks) if (words := one_line(one.text))]
    if not said or version.kind is ReportKind.DRAFT:
        return said
    return [context.wording.phrase(Phrase.REMARKS), *said]


def _foot(
    reading: Reading, version: ReportVersion, study: Study, context: BuildContext
) -> list[str]:
    moment = object_time(version.created_at, study, context)
    model = reading.model
    weights = model.weights_sha256[:16] or context.wording.word(Word.NOT_STATED)
    written = f"version {version.number} of the report, {moment.strftime('%Y-%m-%d %H:%M %z')}"
    named = f"{_brief(model.name)} {_brief(model.version)} ({_brief(model.family)})"
    return [
        f"{context.manufacturer} {context.software_version}; {written}",
        f"Model: {named}, prompts {_brief(model.prompt_version)}",
        f"Weights (SHA-256): {weights}; device UID: {model.uid}",
        f"Licence: {_brief(model.licence)}; intended use: {_brief(model.intended_use)}",
    ]


def _brief(words: str) -> str:
    return cut(one_line(words), _BRIEF)


def _listed(wording: Wording, *words: str) -> str:
    return ", ".join(word for word in words if word) or wording.word(Word.NOT_STATED)


def _said(name: Word, value: str, wording: Wording, most: int = _MOST) -> str:
    held = _held(value, wording, most) or wording.word(Word.NOT_STATED)
    return f"{wording.word(name)}: {held}"


def _held(value: str, wording: Wording, most: int = _MOST) -> str:
    return value if len(value) <= most else f"{value[:most]}... ({wording.word(Word.LONGER)})"


def _name(name: str) -> str:
    """Give a person's name with all its groups: "Doe, Jane (other scripts)"."""
    groups = []
    for group in name.split("="):
        family, *others = [part.strip() for part in group.split("^")]
        given = " ".join(part for part in others if part)
        groups.append(", ".join(part for part in (family, given) if part))
    first, *more = [group for group in groups if group] or [""]
    return f"{first} ({', '.join(more)})" if more else first


def _date(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if date else ""


def _time(time: str) -> str:
    return f"{time[:2]}:{time[2:4]}" if time[2:4] else ""
