"""The draft's text in its sentences, each tied to the findings that it states."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reading import Box, Reading, ReportSentence


@dataclass(frozen=True, slots=True)
class Span:
    """A run of a section's text.

    Parameters
    ----------
    text
        As the section has it.
    key
        By which scripts know the sentence; "" between sentences.
    finding_ids
        The findings that it states, denies or doubts.
    boxes
        Where the model placed it.
    """

    text: str
    key: str = ""
    finding_ids: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()

    @property
    def leads(self) -> tuple[str, ...]:
        """What is chosen with it: its findings; itself where it has only a place of its own."""
        if self.finding_ids:
            return self.finding_ids
        return (self.key,) if self.boxes else ()


def spans_of(reading: Reading) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Give the draft's findings section and its impression, in spans.

    Joined, the spans of a section are its text. A sentence that the text does not hold, in its
    place, is left out: the text is what counts.
    """
    texts = reading.report.findings, reading.report.impression
    spans: tuple[list[Span], list[Span]] = ([], [])
    section = at = 0
    for number, sentence in enumerate(_sentences(reading)):
        for candidate in range(section, len(texts)):
            begin = texts[candidate].find(sentence.text, at if candidate == section else 0)
            if begin < 0:
                continue
            if candidate != section:
                _close(spans[section], texts[section], at)
                section, at = candidate, 0
            if begin > at:
                spans[section].append(Span(texts[section][at:begin]))
            spans[section].append(_span(number, sentence))
            at = begin + len(sentence.text)
            break
    for rest in range(section, len(texts)):
        _close(spans[rest], texts[rest], at if rest == section else 0)
    return tuple(spans[0]), tuple(spans[1])


def _sentences(reading: Reading) -> Sequence[ReportSentence]:
    """Give the sentences; of a reading that was stored without them, those of its findings."""
    if reading.sentences:
        return [one for one in reading.sentences if one.text]
    text = f"{reading.report.findings}\n{reading.report.impression}"
    stated: dict[str, list[str]] = {}
    for finding in reading.findings:
        if finding.sentence:
            stated.setdefault(finding.sentence, []).append(finding.id)
    in_order = sorted(stated, key=text.find)
    return [ReportSentence(words, tuple(stated[words])) for words in in_order]


def _span(number: int, sentence: ReportSentence) -> Span:
    return Span(sentence.text, f"sentence-{number}", sentence.finding_ids, sentence.boxes)


def _close(spans: list[Span], text: str, at: int) -> None:
    if at < len(text):
        spans.append(Span(text[at:]))
