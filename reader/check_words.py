"""Checks of a report's words: what a reader of one film cannot know or must not say.

Each check is a list of patterns over the text. They find wordings, not meaning: a remark is a
hint to the person who reads the draft, and the text stays as the model wrote it. What they do not
find: a name without a title in a sentence's beginning, a name written in lower case, and a
comparison that is put in words which are not listed here.
"""

import re
from collections.abc import Iterator
from typing import Final

from core.reading import DraftReport, Given, Remark
from reader.check_codes import Code, remark
from reader.eponyms import EPONYMS
from reader.report_text import sentences
from reader.text_sense import repeats

_SHOWN: Final = 40
_MOST_SHOWN: Final = 3
_FEW_WORDS: Final = 3

_MONTHS: Final = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_IMAGING: Final = (
    "(?:x-?rays?|radiographs?|radiography|films?|ct|mri|ultrasound|imaging|study|studies|exam"
    r"|examinations?|views?|series|chest)"
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


_NO_COMPARISON: Final = _any(
    r"comparisons? ?: ?(?:none|no|not|n/a|unavailable)[^.\n]{0,60}",
    r"no (?:prior|previous|comparison|earlier|older)[^.\n]{0,40}"
    r"(?:available|provided|given|comparison|submitted)",
    r"without (?:any )?(?:prior|previous|comparison)[^.\n]{0,40}",
    r"(?:prior|previous) (?:surgery|sternotomy|thoracotomy|lobectomy|resection|fractures?"
    r"|granulomatous|radiation|trauma|cabg|infections?|tuberculosis|mastectomy)",
    r"compared (?:to|with) the (?:left|right|contralateral|opposite|other)",
    r"(?:hemodynamically|clinically) stable",
    r"newborn",
)
"""Words that look like a comparison with an earlier film and are none."""
_COMPARISON: Final = _any(
    "unchanged",
    "stable",
    "interval(?:ly)?",
    r"compared (?:to|with)",
    "in comparison (?:to|with)",
    r"comparison (?:is made|was made|to|with)",
    "prior",
    "previous(?:ly)?",
    "earlier (?:the same|today|film|study|exam)",
    r"improv(?:ed|ing|ement)",
    r"worsen(?:ed|ing)",
    "worse",
    "new(?:ly)?",
    "re-?demonstrat(?:ed|ion)",
    r"(?:once )?again (?:seen|noted|demonstrated|identified|visuali[sz]ed|present|is|are)",
    r"(?:is|are) again",
    r"persist(?:s|ent|ing)",
    r"resol(?:ved|ving|ution)",
    r"progress(?:ed|ing|ion|ive)",
    r"no longer",
    r"since (?:the|yesterday|prior|last)",
    r"has (?:\w+ )?(?:increased|decreased|enlarged|cleared|developed|changed|grown|progressed)",
    r"have (?:\w+ )?(?:increased|decreased|enlarged|cleared|developed|changed|grown|progressed)",
    r"(?:has|have) been (?:\w+ )?(?:removed|placed|inserted|advanced|withdrawn|retracted|exchanged"
    r"|repositioned|extubated)",
    r"(?:larger|smaller|better|more|less)(?: \w+)? than (?:before|on|in the)",
    r"no (?:\w+ ){0,2}change",
    r"remains?",
    r"as before",
)
_RECOMMENDATION: Final = _any(
    r"recommend(?:s|ed|ation|ations)?",
    r"(?:is|are|be) (?:\w+ )?(?:advis(?:ed|able)|warranted|needed|required|indicated)",
    r"advised?",
    r"follow-?\s?up",
    rf"suggest (?:a |an )?(?:\w+ ){{0,2}}(?:{_IMAGING}|correlation|repeat|evaluation)",
    rf"consider (?:a |an )?(?:\w+ ){{0,3}}(?:{_IMAGING}|evaluation|correlation|further"
    r"|repositioning)",
    r"correlat(?:e|ion) (?:with|clinically)",
    r"(?:clinical(?:ly)?|please) correlat(?:e|ion)",
    r"correlate clinically",
    r"clinical correlation",
    r"further (?:evaluation|work-?up|assessment|characteri[sz]ation|imaging|investigation)",
    rf"(?:repeat|dedicated|additional|short-term|short-interval) (?:\w+ ){{0,2}}{_IMAGING}",
    r"should be (?!noted)\w+",
    r"(?:could|may|can) be obtained",
    r"(?:may|would|could|might) be (?:helpful|useful|of value|beneficial)",
    r"if clinically (?:indicated|warranted|relevant|appropriate|concerned)",
    r"needs? to be (?!noted)\w+",
    r"(?:must|ought to) be \w+",
    r"further management",
    r"antibiotics",
)
_CONTACT: Final = _any(
    r"discussed (?:with|by|at|over)",
    r"communicated (?:to|with|by|at|via|over)",
    r"(?:was|were) (?:\w+ )?(?:notified|informed|paged|telephoned|called|conveyed|relayed)",
    r"by (?:tele)?phone",
    r"telephone(?:d)?",
    r"(?:tele)?phone call",
    r"read ?back",
    r"wet read",
    r"reviewed (?:with|by)",
    r"(?:electronically )?signed by",
    r"dictated by",
    r"(?:findings|results) (?:were |was )?(?:called|emailed|paged)",
    r"attending (?:radiologist|physician)",
)
_TITLE: Final = re.compile(
    r"\b(?:[Dd][Rr]s?|M[Rr]s?|M[Ss]|Miss|Prof|PROF|[Dd]octor|DOCTOR|[Nn]urse|NURSE|Sister"
    r"|[Pp]rofessor)\.? +(?:[A-Z][\w'\u2019-]*|_{2,})"
)
_DEGREE: Final = re.compile(r"\b[A-Z][a-z'\u2019-]+,? (?:M\.?D|R\.?N|P\.?A|N\.?P|D\.?O)\b\.?")
_FIELD: Final = re.compile(
    r"\b(?:patient(?:'s)? name|name|referring physician|physician|radiologist|surname)\s*:\s*\w+",
    re.IGNORECASE,
)
_TWO_NAMES: Final = re.compile(
    r"\b(?:by|with|per|to|from|for|of) ([A-Z][a-z]{2,}) (?:[A-Z]\. )?([A-Z][a-z]{2,})\b"
)
_COMMON_WORDS: Final = """
chest ray radiograph left right lung lungs upper lower middle mid lobe heart cardiac findings
impression frontal lateral view pleural mediastinal
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())
_TIME: Final = _any(
    r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})",
    r"\d{4}-\d{1,2}-\d{1,2}",
    rf"{_MONTHS}\.? (?:\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|(?:of )?\d{{4}})",
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTHS}",
    r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?",
    r"\d{1,2} ?[ap]\.?m",
    r"\d{4} ?(?:hours|hrs|h)",
    r"yesterday|today|tonight|this (?:morning|evening|afternoon)",
    r"(?:last|previous) (?:night|week|month|year)",
    r"(?:\d+|one|two|three|several) (?:hours?|days?|weeks?|months?|years?) (?:ago|earlier|prior)",
)
_IDENTIFIER: Final = _any(
    r"mrn",
    r"(?:medical record|accession|hospital|social security|case) (?:number|no\.?|#)",
    r"(?:patient )?id ?[:#] ?\w+",
    r"ssn",
    r"dob",
    r"date of birth",
    r"(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}",
    r"(?:pager|beeper|ext\.?|extension|phone|tel\.?|fax)[ :#]+\+?\d[\d ./-]+",
    r"\d{6,}",
    r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}",
    r"(?:https?://|www\.)\S{1,80}",
)
_PATIENT: Final = _any(
    r"\d{1,3}[- ](?:year|yr|month|day)s?[- ]old",
    r"\d{1,3} ?(?:y/?o|yo)",
    r"(?:male|female|man|woman|boy|girl|gentleman|lady)",
)
_BLANK: Final = re.compile(r"_{2,}|\[\*\*.{0,40}?\*\*\]|<(?:name|date|unk)>", re.IGNORECASE)


def words_of_report(report: DraftReport, given: Given) -> list[Remark]:
    """Remark on words that a draft of one film should not hold.

    Parameters
    ----------
    report
        The draft.
    given
        What the model was told; with a comparison given, comparing is no fault.
    """
    text = f"{report.findings}\n{report.impression}".strip()
    remarks = []
    compared = None if given.comparison else _compares(text)
    for code, found, words in (
        (Code.COMPARISON_NOT_GIVEN, compared, "compares with an earlier film that nobody gave"),
        (Code.RECOMMENDATION, _found(_RECOMMENDATION, text), "gives advice"),
        (Code.NAMES_PERSON, _persons(text), "seems to name a person"),
        (Code.NAMES_TIME, _found(_TIME, text), "names a date or a time"),
        (Code.NAMES_IDENTIFIER, _found(_IDENTIFIER, text), "holds a number or an address"),
        (Code.DESCRIBES_PATIENT, _found(_PATIENT, text), "tells the patient's age or sex"),
        (Code.TELLS_OF_CONTACT, _found(_CONTACT, text), "tells of a talk or a signature"),
        (Code.BLANK_IN_TEXT, _found(_BLANK, text), "holds a blank of its training reports"),
    ):
        if found:
            remarks.append(remark(code, f"The report {words}: {_quoted(found)}."))
    return remarks


def repetition(report: DraftReport) -> list[Remark]:
    """Remark on a section that says the same over again, short of what fails a film.

    A sentence of more than three words that comes twice, or the same words three times in a row.
    The impression may repeat the findings.
    """
    for section in (report.findings, report.impression):
        told = [" ".join(sentence.lower().split()) for sentence in sentences(section)]
        long = [sentence for sentence in told if sentence.count(" ") >= _FEW_WORDS]
        again = next((item for place, item in enumerate(long) if item in set(long[:place])), None)
        if again is not None or repeats(section):
            quote = f": {again[: 2 * _SHOWN]!r}" if again else ""
            text = f"The report says the same more than once{quote}."
            return [remark(Code.REPORT_REPEATS_ITSELF, text)]
    return []


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group() for match in pattern.finditer(text)]


def _compares(text: str) -> list[str]:
    return _found(_COMPARISON, _NO_COMPARISON.sub(" ", text))


def _persons(text: str) -> list[str]:
    titled = [*_found(_TITLE, text), *_found(_DEGREE, text), *_found(_FIELD, text)]
    plain = [
        match.group()
        for match in _TWO_NAMES.finditer(text)
        if not {word.lower() for word in match.groups()} & (EPONYMS | _COMMON)
    ]
    return [*titled, *plain]


def _quoted(found: list[str]) -> str:
    distinct: Iterator[str] = iter(dict.fromkeys(" ".join(item.split())[:_SHOWN] for item in found))
    shown = [repr(item) for item, _ in zip(distinct, range(_MOST_SHOWN), strict=False)]
    return ", ".join(shown)
