"""What the page of a report version says."""

from collections.abc import Sequence
from typing import Final

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
from dicom_sr.wording_table import Heading, Phrase

_UNKNOWN: Final = "not stated"
_NOTHING: Final = "The model stated no finding. That is no statement that the film is normal."
_PROBABILITY: Final = "probability of presence"
"""What the score of a statement is that is not of presence, as in `dicom_sr.items.certainty`."""
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
    return Page(
        title=notice,
        banner=banner,
        patient=_patient(origin.patient),
        study=_study(origin, context),
        caption="" if draft else "The marks are the AI's, not the person's.",
        statements=_statements(reading, version, context),
        statements_go_on="... continues in the coded SR",
        report=_report(reading, version, context),
        report_goes_on="... continues in the report SR",
        foot=_foot(reading, version, origin.study, context),
    )


def _patient(patient: Patient) -> list[Block]:
    issuer = f" ({_held(patient.issuer)})" if patient.issuer else ""
    return [
        Block(f"Patient: {_said(_name(patient.name), _NAME)}", bold=True),
        Block(f"Patient ID: {_said(patient.id)}{issuer}", bold=True),
        Block(f"Born: {_said(_date(patient.birth_date))}; sex: {_said(patient.sex)}"),
    ]


def _study(origin: Source, context: BuildContext) -> list[Block]:
    study, film = origin.study, origin.film
    place = context.place.words if context.place else ""
    when = f"{_date(study.date)} {_time(study.time)}".strip()
    lines = [
        f"Study: {_listed(when, _held(study.description))}",
        f"Accession Number: {_said(study.accession_number)}",
        f"Film: {_listed(film.modality, film.view, place)}",
        f"Referred by: {_said(_name(study.referring_physician))}",
        context.institution,
    ]
    return [Block(line) for line in lines if line]


def _statements(reading: Reading, version: ReportVersion, context: BuildContext) -> list[Block]:
    blocks = [Block(context.wording.headings[Heading.STATEMENTS], heading=True)]
    if not keeps_statements(reading, version):
        return [*blocks, Block(context.wording.phrase(Phrase.NOT_REPEATED))]
    blocks += [Block(_statement(finding, context)) for finding in tracked(reading)]
    if not reading.findings:
        blocks.append(Block(_NOTHING))
    if version.kind is ReportKind.DRAFT and reading.flags:
        blocks += [Block(""), Block("Labels asked for, on the whole film", heading=True)]
        blocks += _flags(reading)
    return blocks


def _statement(item: TrackedFinding, context: BuildContext) -> str:
    finding = item.finding
    code = context.codes.label(finding.label)
    side = f", {item.side.value}" if item.side else ""
    site = f", {finding.site.value}" if finding.site else ""
    answer = finding.presence.value
    if finding.score is not None:
        # "absent 2 %" would say the contrary of what is meant.
        stated = finding.presence is Presence.PRESENT
        answer += f"{'' if stated else f', {_PROBABILITY}'} {_percent(finding.score)}"
    absent = finding.presence is Presence.ABSENT
    place = "" if finding.boxes or absent else "; place not given"
    return (
        f"{item.number}. {finding.label.value}{side}{site}: {answer}{place} "
        f"({code.meaning}, {code.scheme_designator} {code.value})"
    )


def _flags(reading: Reading) -> list[Block]:
    blocks = []
    for presence in (Presence.PRESENT, Presence.UNCERTAIN, Presence.ABSENT):
        words = [
            flag.label.value + ("" if flag.score is None else f" {_percent(flag.score)}")
            for flag in reading.flags
            if flag.presence is presence
        ]
        stated = presence is Presence.PRESENT
        head = presence.value if stated else f"{presence.value} ({_PROBABILITY})"
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
    weights = model.weights_sha256[:16] or _UNKNOWN
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


def _listed(*words: str) -> str:
    return ", ".join(word for word in words if word) or _UNKNOWN


def _said(value: str, most: int = _MOST) -> str:
    return _held(value, most) or _UNKNOWN


def _held(value: str, most: int = _MOST) -> str:
    return value if len(value) <= most else f"{value[:most]}... (longer in the DICOM header)"


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
