"""The cues of reports: how doubt, denial and silence are put, and where their scope ends.

Patterns are matched on lower-case text. A cue that points on speaks of what follows it, one that
points back of what comes before it (Harkema et al., 2009, ConText). Cues are looked for in the
order of `CUES`; words that one has taken are not read again by the next.
"""

import re
from enum import Enum, auto
from typing import Final


class Cue(Enum):
    """What a cue does to the findings in its scope."""

    NONE = auto()
    """Negative or doubtful words that speak of something else: "no change in"."""
    DENIED_DOUBT_ON = auto()
    """Denies what follows though it holds a word of doubt: "nothing to suggest"."""
    DOUBT_BACK = auto()
    DOUBT_ON = auto()
    SILENCE_ON = auto()
    """What follows is named without saying whether it is there now: "history of"."""
    DENIAL_BACK = auto()
    CONTRAST_ON = auto()
    """Sets what follows against what is held: "rather than"."""
    DENIAL_ON = auto()


def pattern(*patterns: str) -> re.Pattern[str]:
    """Compile alternatives of whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


_SEEN: Final = (
    "(?:seen|identified|present|visuali[sz]ed|evident|appreciated|demonstrated|visible|noted"
    "|detected|found|observed|apparent|shown)"
)
_DOUBT: Final = (
    "(?:likely|unlikely|possibl[ye]|probabl[ye]|suspected|questionable|questioned|perhaps"
    "|potentially|potential|presumed|presumably|favou?red|equivocal|conceivabl[ye]|suspicious"
    "|doubtful|dubious)"
)
_CANNOT: Final = r"(?:cannot|can not|can['\u2019]t|could not|couldn['\u2019]t)"
_EXCLUDED: Final = "(?:excluded|ruled out)"
_EXCLUDE: Final = "(?:exclude|rule out)"
_SUGGEST: Final = (
    "(?:to suggest|suggest(?:s|ed|ing|ive|ion)?|suspicious|suspicion|concern(?:ing)?|worrisome"
    "|to indicate|indicative)"
)
_MORE: Final = "(?:more|most|less|very|also|quite|highly|somewhat|un)"
_PARTLY: Final = (
    "(?:partial(?:ly)?|near(?:ly)?(?:[ -]complete(?:ly)?)?|incomplete(?:ly)?|almost|slow(?:ly)?"
    "|not (?:yet |completely |fully |entirely )?)"
)

CUES: Final[tuple[tuple[Cue, re.Pattern[str]], ...]] = (
    (
        Cue.NONE,
        pattern(
            r"(?:no|without)(?: \w+){0,3} (?:changes?|increase|decrease|enlargement of the"
            r"|resolution|improvement|clearing|(?:progression|worsening) of)(?: (?:in|of))?",
            r"not (?:\w+ )?(?:changed|increased|decreased|improved|progressed)",
            "not only",
            "no doubt",
            rf"not (?:well|clearly|fully|optimally|adequately|completely) {_SEEN}",
            "not without",
            rf"{_PARTLY}[ -]?(?:resol\w+|clear\w+|removed)(?: of)?",
            r"no longer than",
        ),
    ),
    (
        Cue.DOUBT_ON,
        pattern(
            rf"(?:not|{_CANNOT})(?: be)? (?:said|sure|certain|clear|stated)(?: \w+){{0,4}} no",
            rf"{_DOUBT} (?:no|not|without)",
            "(?:may|might|could) not",
            "with or without",
            rf"it (?:is|remains|seems|appears)(?: {_MORE})* {_DOUBT}(?= (?:that|there))",
            r"not (?:certain|clear|known)(?: \w+)? (?:whether|if)",
            "unclear whether",
        ),
    ),
    (
        Cue.DENIED_DOUBT_ON,
        pattern(
            rf"(?:no|nothing|not|without|none)(?: \w+){{0,4}} {_SUGGEST}(?: (?:of|for|that))?",
            r"low (?:suspicion|likelihood) (?:of|for)",
        ),
    ),
    (
        Cue.DOUBT_BACK,
        pattern(
            rf"(?:is|are|was|were|seems?|appears?|remains?)(?: {_MORE})*(?: to be)? {_DOUBT}",
            r"(?:is|are|remains?) (?:an? )?(?:\w+ )?(?:possibility|consideration|concern|question)",
            rf"{_CANNOT} be (?:\w+ ){{0,2}}{_EXCLUDED}",
            rf"(?:(?:is|are|was|were) )?not (?:be )?(?:\w+ ){{0,2}}{_EXCLUDED}",
            r"(?:is|are|would be|remains?) (?:difficult|hard|impossible) to (?:exclude|rule out"
            r"|confirm|assess|evaluate)(?=[\s.]*$)",
            rf"(?:may|might|could|would)(?: \w+)? be {_SEEN}",
            r"(?:should|could|can|may|might) be (?:considered|suspected|entertained|questioned)",
            r"(?:is|are) (?:not certain|uncertain|unclear|indeterminate)",
            r"in the (?:appropriate|proper|right|correct) (?:clinical )?(?:setting|context)",
            r"(?:likely|possibly|probably|questionable)(?=[\s.]*$)",
            r"(?:less|more|un) ?likely than",
            "if present",
        ),
    ),
    (
        Cue.DOUBT_ON,
        pattern(
            _DOUBT,
            "may",
            "might",
            "could",
            "would",
            r"(?:suspicious|concerning|concern|suspicion|question|worry|worrisome) (?:for|of)",
            r"suggest(?:s|ed|ing|ive|ion)?(?: of)?",
            rf"(?:{_CANNOT}|does not|do not|did not|difficult to|unable to|not)(?: \w+)?"
            rf" {_EXCLUDE}",
            r"(?:suspect|favou?r)(?:s|ed)?",
            "differential",
            "consider(?:ation of)?",
            "if any",
            r"\?",
        ),
    ),
    (
        Cue.SILENCE_ON,
        pattern(
            r"(?:history|hx|h/o|sequela[e]?|clinical suspicion) (?:of|for)?",
            r"h/o",
            r"(?:evaluate|evaluation|assess|assessment|look|query|looking|screen\w*|check)"
            r"(?: for| of)?",
            rf"(?:to |please )?{_EXCLUDE}",
            r"r/o",
            r"(?:no|without) (?:definite |evidence of |evidence for |significant )?(?:new|other"
            r"|additional|further|worsening|increasing|enlarging|progressive)",
            "if",
            "whether",
            "should there be",
            "in case of",
            "unless",
            "prior to",
            r"(?:prior|previous)(?= (?:\w+ )?(?:pneumonia|infection|pneumothorax)\b)",
            r"risk (?:of|for)",
            r"treat(?:ed|ment) for",
            r"(?:ordered|obtained|performed) for",
        ),
    ),
    (
        Cue.DENIAL_BACK,
        pattern(
            rf"(?:is|are|was|were|has been|have been)? ?(?:not|no longer)(?: \w+)? {_SEEN}",
            r"(?:is|are|was|were)? ?absent",
            r"(?:is|are) (?:none|negative|no)(?=[\s.]*$)",
            r"(?:has|have)(?: been| since| now| completely| fully| nearly| entirely| also)*"
            r" (?:resolved|cleared|removed|disappeared|withdrawn)",
            r"(?:is|are|was|were) (?:now )?(?:resolved|removed|gone|cleared)",
            rf"(?:is|are|was|were|has been|have been) {_EXCLUDED}",
            r"removed",
            r"removal(?! of)",
            r"(?:resolved|ruled out)(?=[\s.]*$)",
            r"(?:[-=\u2013\u2014] ?)?(?:none|no|negative)(?=[\s.]*$)",
        ),
    ),
    (
        Cue.CONTRAST_ON,
        pattern("rather than", "instead of", "as opposed to", "more so than"),
    ),
    (
        Cue.DENIAL_ON,
        pattern(
            "no",
            "not",
            "without",
            "w/o",
            "nor",
            "neither",
            "never",
            "none of",
            r"(?:negative|removal|resolution|absence|clear|free|clearing|devoid|lack|absent)"
            r" (?:for|of|from)",
            r"(?:denies|lacks|excludes|excluded)",
            r"(?:interval(?:ly)?|completely|previously|now)? ?resolved",
            r"(?:isn|aren|doesn|don|wasn|weren|didn)['\u2019]t",
            rf"{_CANNOT} (?:see|find|identify|detect|appreciate)",
            r"absent",
            r"nothing",
            r"fail(?:s|ed)? to (?:show|reveal|demonstrate)",
            "ruled out",
        ),
    ),
)

POINTING_BACK: Final = frozenset({Cue.DOUBT_BACK, Cue.DENIAL_BACK})

EITHER: Final = re.compile(r"(?<!with )\bor\b|\bversus\b|\bvs\b\.?|/|\band/or\b")
"""Joins two findings of which one is there."""
EXPLAINED: Final = re.compile(
    r"\b(?:consistent|compatible|reflect\w*|represent\w*|due|from|likely|may|could|suggest\w*|with"
    r"|concerning|suspicious|related|secondary)\b"
)
"""Between two findings: the second explains the first and is no alternative to it."""
LISTING_OR: Final = re.compile(r"\b(?:or|nor)\b")
LISTING_AND: Final = re.compile(r"\b(?:and|with|plus)\b")
COMMA: Final = re.compile(",")

_NEW_PHRASE: Final = (
    "(?:tiny|small|moderate|large|mild|severe|minimal|trace|massive|extensive|subtle|faint|stable"
    "|unchanged|persistent|residual|chronic|old|healed|known|increased|increasing|decreased"
    "|decreasing|improved|improving|worsened|worsening|new|mildly|moderately|severely|left|right"
    "|bilateral|bibasilar|bibasal|biapical|low|interval|likely|possible|probable|again|patchy"
    "|multifocal|linear|diffuse|otherwise|enlarged)"
)
CLAUSE_SCOPE_END: Final = re.compile(
    rf"\b(?:and|with|plus|as well as) (?:an?|the|{_NEW_PHRASE})\b|,\s+(?:and |with )?(?:an?|the)\b"
    r"|\bwhich\b|\bhas an?\b|\bhave an?\b|\bnow\b|\bpresents?\b|,\s+(?:and )?(?:no|not|without)\b"
)
"""Where, behind a first finding, a cue's scope ends: a new noun phrase begins."""
LIST_SCOPE_END: Final = re.compile(rf",\s+(?:and |with )?{_NEW_PHRASE}\b")
"""The same, unless an "or" still follows: "no focal consolidation, large effusion, or ..."."""
DENIAL_SCOPE_END: Final = re.compile(r"\bwith\b(?! or )")
"""Ends a denial only: "no pneumothorax with effusion", but "may be atelectasis with edema"."""

CLAUSE_END: Final = re.compile(
    r";|:|\bbut\b|\bhowever\b|\balthough\b|\bthough\b|\bexcept\b|\baside from\b|\bapart from\b"
    r"|\bother than\b|\bwhile\b|\bwhereas\b|\bin addition\b|\byet\b|\bdespite\b|\bbesides\b"
    r"|(?<!\bif )(?<!whether )(?<!\bthat )(?<!unless )(?<!should )"
    r"\bthere(?:['\u2019]s| (?:is|are))\b"
)
EXCEPTION: Final = re.compile(r"\b(?:except|aside from|apart from|other than|besides|otherwise)\b")
"""Behind these words an all-clear of the same sentence is one of less than everything."""
VERB: Final = pattern(
    *("is", "are", "was", "were", "has", "have", "may", "could", "cannot"),
    rf"(?<!previously ){_SEEN}",
)
STATED_BY_VERB: Final = re.compile(
    rf"\s*(?:(?:is|are|was|were|remains?|has been)(?: \w+)? {_SEEN}|(?:is|are|remains?)"
    r" (?:stable|unchanged|small|mild|moderate|large|increased|decreased|improved))\b"
)
"""Directly behind a finding: it is stated to be there, whatever came before the last comma."""
BACKGROUND: Final = re.compile(
    r"^[\s\d.)*]{0,8}(?:indications?|(?:clinical )?(?:history|information|indication|question)"
    r"|reason for (?:the )?(?:exam\w*|study|request)|technique|comparisons?|exam(?:ination)?"
    r"|procedure|study|view)s?\s*:"
)
"""Headings whose sentence says nothing of the film."""
HEADING: Final = re.compile(r"^(?P<subject>[a-z/]{2,20}(?: [a-z/]{2,20}){0,3}) ?: ?(?=\S)")
"""A short heading before what is said of it: "heart: enlarged"."""
