"""What of a draft still stands in the text of a report version.

A person's text is the person's: what the model coded is said beside it only as far as the model's
own words are still there, whole and unaltered.
"""

import re
from dataclasses import replace

from core.reading import Reading, ReportSentence
from core.report import ReportVersion
from dicom_sr.linkage import TrackedFinding, tracked
from dicom_sr.text import paragraphs

_ENDS = ".!?"
_LINE_END = re.compile(r"\r\n|[\n\r]")


def standing_findings(reading: Reading, version: ReportVersion) -> tuple[TrackedFinding, ...]:
    """Give the findings that a version's text does not speak against.

    Where the text is the draft's, all of them. Else those of which each sentence that the draft
    said of them stands in the text; what the draft said nothing of has no words to stand by.

    Parameters
    ----------
    reading
        The draft, and its findings.
    version
        The text.
    """
    findings = tracked(reading)
    if _is_the_draft(reading, version):
        return findings
    return tuple(one for one in findings if _stands(_words_on(one, reading), version))


def standing_sentences(reading: Reading, version: ReportVersion) -> tuple[ReportSentence, ...]:
    """Give the draft's sentences that stand in a version's text, in their order.

    They name those findings alone that stand, too: where another sentence on a finding was
    changed, nobody can tell what the person thinks of it.

    Parameters
    ----------
    reading
        The draft.
    version
        The text.
    """
    if _is_the_draft(reading, version):
        return reading.sentences
    standing = {one.finding.id for one in standing_findings(reading, version)}
    return tuple(
        replace(one, finding_ids=tuple(uid for uid in one.finding_ids if uid in standing))
        for one in reading.sentences
        if _stands([one.text], version)
    )


def holds_sentence(text: str, sentence: str) -> bool:
    """Tell whether a text holds a sentence as a sentence of its own, not as a part of another.

    Parameters
    ----------
    text
        Of several lines, which may be wrapped anywhere.
    sentence
        Of one line or more.
    """
    words = sentence.split()
    if not words:
        return False
    pattern = r"\s+".join(re.escape(word) for word in words)
    return any(
        _begins(text, found.start(), words[0]) and _closes(text, found.end(), words[-1])
        for found in re.finditer(pattern, text)
    )


def _is_the_draft(reading: Reading, version: ReportVersion) -> bool:
    draft = (reading.report.findings, reading.report.impression)
    return all(
        paragraphs(one) == paragraphs(other)
        for one, other in zip((version.findings, version.impression), draft, strict=True)
    )


def _words_on(finding: TrackedFinding, reading: Reading) -> list[str]:
    tied = [one.text for one in reading.sentences if finding.finding.id in one.finding_ids]
    own = finding.finding.sentence
    return tied or ([own] if own else [])


def _stands(sentences: list[str], version: ReportVersion) -> bool:
    texts = version.findings, version.impression
    return bool(sentences) and all(
        any(holds_sentence(text, sentence) for text in texts) for sentence in sentences
    )


def _begins(text: str, start: int, word: str) -> bool:
    said = text[:start].rstrip()
    gap = text[len(said) : start]
    if not said:
        return True
    if said[-1] in _ENDS:
        return bool(gap)
    # A line that ends no sentence may go on in the next: only a capital begins anew there.
    return _has_break(gap) and (not word[0].islower() or _has_blank_line(gap))


def _closes(text: str, end: int, word: str) -> bool:
    rest = text[end:].lstrip()
    gap = text[end : len(text) - len(rest)]
    if not rest:
        return True
    if word[-1] in _ENDS:
        return bool(gap)
    return _has_break(gap) and (not rest[0].islower() or _has_blank_line(gap))


def _has_break(gap: str) -> bool:
    return bool(_LINE_END.search(gap))


def _has_blank_line(gap: str) -> bool:
    return len(_LINE_END.findall(gap)) > 1
