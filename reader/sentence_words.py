"""The words of reports: how each label, place, doubt and denial is put.

Patterns are matched on lower-case text. They follow the wording of public reports and RadVLM's
own templates; a new wording is a new line here and a new line in the tests' table.
"""

import re
from typing import Final

from core.labels import Label, Site

_HEART: Final = r"(?:heart size|heart|cardiac (?:silhouette|size|shadow))"
_MIDDLE: Final = (
    r"(?:cardiomediastin(?:um|al (?:silhouette|contours?))"
    r"|(?:superior |upper )?mediastin(?:um|al (?:silhouette|contours?|width|shadow)))"
)
_LARGE: Final = r"(?:enlarged|enlargement|widened|widening|prominent|prominence|increased)"
_BE: Final = r"(?:is|are|appears?|remains?|seems?|again|to be|mildly|moderately|severely|markedly"
_IS: Final = rf"(?: {_BE}|slightly|clearly|grossly|not|no longer|in size|borderline))*"
_IS_PLAINLY: Final = rf"(?: {_BE}|both|of|in|within|size))*"
_NORMAL: Final = r"(?:normal|unremarkable)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


LABEL_WORDS: Final[dict[Label, re.Pattern[str]]] = {
    Label.ATELECTASIS: _any(r"atelecta(?:sis|ses|tic)", "lobar collapse", "volume loss"),
    Label.CARDIOMEGALY: _any(
        "cardiomegaly",
        "cardiac enlargement",
        rf"{_LARGE}(?: of)?(?: the)? {_HEART}",
        rf"{_HEART}{_IS} {_LARGE}",
    ),
    Label.CONSOLIDATION: _any(r"consolidat(?:ions?|ive|ed)"),
    Label.EDEMA: _any("o?edema", "vascular congestion", "heart failure", "fluid overload"),
    Label.ENLARGED_CARDIOMEDIASTINUM: _any(
        "mediastinal (?:widening|enlargement)",
        rf"{_LARGE}(?: of)?(?: the)? {_MIDDLE}",
        rf"{_MIDDLE}{_IS} {_LARGE}",
    ),
    Label.FRACTURE: _any(r"fracture[ds]?", "broken (?:rib|clavicle)"),
    Label.LUNG_LESION: _any(
        r"nodul(?:es?|ar|arity)", "mass(?:es)?(?! effect)", r"(?:lung|pulmonary) lesions?"
    ),
    Label.LUNG_OPACITY: _any(
        r"opacit(?:y|ies)", "opacification", "infiltrates?", "air-?space disease", "haziness"
    ),
    Label.PLEURAL_EFFUSION: _any(
        r"(?<!pericardial )effusions?", "pleural fluid", "ha?emothorax", "hydropneumothorax"
    ),
    Label.PLEURAL_OTHER: _any(r"pleural (?:other|thickening|scarring|plaques?|calcifications?)"),
    Label.PNEUMONIA: _any(r"(?:broncho)?pneumonias?", "infectious process", "infection"),
    Label.PNEUMOTHORAX: _any(r"(?:hydro)?pneumothora(?:x|ces)"),
    Label.SUPPORT_DEVICES: _any(
        r"(?:\w+ )?tubes?(?! and)",
        "catheters?",
        r"(?:picc|(?:central|venous|jugular|subclavian|arterial|midline)(?: \w+)?) lines?",
        r"pace(?:maker|r)s?",
        "defibrillator",
        "icd",
        "port-a-cath",
        "picc",
        r"(?:pacemaker|pacing|ventricular|atrial|icd) leads?",
        "sternotomy wires",
        r"(?:surgical|mediastinal) (?:clips?|drains?)",
        r"(?:prosthetic|replaced) valve",
        "(?:implanted |support |medical )(?:devices?|hardware)",
    ),
}

NORMAL_WORDS: Final[tuple[tuple[re.Pattern[str], tuple[Label, ...]], ...]] = (
    (
        _any(rf"{_HEART}{_IS_PLAINLY} {_NORMAL}", rf"normal {_HEART}"),
        (Label.CARDIOMEGALY,),
    ),
    (
        _any(rf"{_MIDDLE}{_IS_PLAINLY} {_NORMAL}", rf"normal {_MIDDLE}"),
        (Label.ENLARGED_CARDIOMEDIASTINUM,),
    ),
    (
        _any(r"cardiomediastinal \w+(?: (?:is|are|appears?|within))* normal"),
        (Label.CARDIOMEGALY,),
    ),
    (
        _any(r"lungs(?: fields)?(?: (?:are|appear|remain|both|well|expanded|and))* clear"),
        (Label.CONSOLIDATION, Label.LUNG_OPACITY),
    ),
    (
        _any(r"costophrenic (?:angles?|sulci)(?: (?:are|is|both|remain))* (?:sharp|clear)"),
        (Label.PLEURAL_EFFUSION,),
    ),
    (
        _any(
            r"(?:bones|ribs|(?:bony|osseous) (?:structures|thorax))(?: \w+)* (?:intact|"
            rf"{_NORMAL})",
            r"no (?:acute |displaced )?(?:osseous|bony) (?:abnormalit(?:y|ies)|injury)",
        ),
        (Label.FRACTURE,),
    ),
)
"""Words that deny labels without naming them."""

_SEEN: Final = (
    "(?:seen|identified|present|visuali[sz]ed|evident|appreciated|demonstrated|visible|noted"
    "|detected|found|observed)"
)
_DOUBT: Final = "(?:likely|possibl[ye]|probabl[ye]|suspected|questionable|perhaps|potentially)"
DOUBT_BEFORE: Final = _any(
    f"{_DOUBT} no",
    _DOUBT,
    "may",
    "might",
    "could",
    r"(?:suspicious|concerning|concern|suspicion|question) (?:for|of)",
    r"suggest(?:s|ed|ing|ive)?(?: of)?",
    r"(?:cannot|can not|could not|does not|difficult to|unable to) (?:exclude|rule out)",
    "equivocal",
    "differential",
)
DOUBT_AFTER: Final = _any(
    rf"(?:is|are) (?:{_DOUBT})",
    r"(?:cannot|can not|could not|not) be (?:\w+ )?(?:excluded|ruled out)",
    r"(?:is|are) not (?:\w+ )?(?:excluded|ruled out)",
    f"(?:may|might|could) be {_SEEN}",
)
DOUBT_BETWEEN: Final = _any("or", "versus", r"vs\.?")

DENIAL_BEFORE: Final = _any(
    "no",
    "not",
    "without",
    "nor",
    "neither",
    r"(?:negative|removal|resolution|absence|clear|free|clearing) (?:for|of)",
    "denies",
    r"(?:isn|aren|doesn|don|can)['\u2019]t",
    "cannot (?:see|find|identify|detect)",
)
DENIAL_AFTER: Final = _any(
    rf"(?:is|are|was|were) (?:not|no longer) {_SEEN}",
    rf"not {_SEEN}",
    r"(?:is|are) absent",
    r"(?:has|have)(?: been| since)* (?:resolved|cleared|removed)",
    r"(?:is|are) (?:excluded|ruled out)",
)
NO_DENIAL: Final = _any(
    r"(?:no|without)(?: \w+)? (?:changes?|increase|decrease|enlargement of the)",
    r"not (?:\w+ )?(?:changed|increased|decreased)",
    "not only",
)
"""Negative words that deny a change, not the finding."""
NOTHING_SAID: Final = _any(
    "history of",
    r"(?:evaluate|evaluation|assess|assessment|look|query)(?: for| of)",
    "rule out",
    "no new",
    "if",
)
"""Words after which a finding is named without saying whether it is there now."""

CLAUSE_END: Final = re.compile(
    r";|:|\bbut\b|\bhowever\b|\balthough\b|\bthough\b|\bexcept\b|\baside from\b|\bapart from\b"
    r"|\bother than\b|\bwhile\b|\bwhereas\b|\bin addition\b|\bthere (?:is|are)\b"
)
SCOPE_END: Final = re.compile(
    r"\band (?:an?|the|small|moderate|large|mild|severe|minimal|trace|stable|persistent|left"
    r"|right|bilateral)\b|,\s+(?:an?|the)\b"
)
"""Where, behind a first finding, a denial or a doubt stops: a new noun phrase begins."""
VERB: Final = _any("is", "are", "was", "were", "has", "have", _SEEN)

SIDES: Final = re.compile(
    r"\b(?:(?P<bilateral>bilateral(?:ly)?|both|left and right|right and left|left greater than"
    r" right|right greater than left|bibasilar|bibasal|biapical)"
    r"|(?P<left>left(?:-sided)?|lingula)|(?P<right>right(?:-sided)?|middle lobe))\b"
)
"""Each group is named by the value of its `Side`."""
SITE_WORDS: Final[tuple[tuple[Site, str], ...]] = (
    (Site.APEX, "apical|apex|apices|biapical"),
    (Site.UPPER_ZONE, "upper (?:lung )?(?:lobes?|zones?|lung|fields?)"),
    (Site.MIDDLE_ZONE, "mid(?:dle)?(?: and lower)? (?:lung )?(?:lobe|zones?|lung|fields?)|lingula"),
    (
        Site.LOWER_ZONE,
        "lower (?:lung )?(?:lobes?|zones?|lung|fields?)|(?:bi)?bas(?:e|es|al|ilar)|retrocardiac",
    ),
    (Site.HILUM, "hilar(?: structures)?|hilum|hila|perihilar"),
    (Site.RIB, "ribs?"),
    (Site.CLAVICLE, "clavic(?:le|les|ular)"),
    (Site.SPINE, "spine|vertebra(?:l|e)?"),
    (Site.CHEST_WALL, "chest wall"),
)
_LUNG_SITES: Final = frozenset(
    {Site.APEX, Site.UPPER_ZONE, Site.MIDDLE_ZONE, Site.LOWER_ZONE, Site.HILUM}
)
SITES_OF: Final[dict[Label, frozenset[Site]]] = {
    Label.ATELECTASIS: _LUNG_SITES,
    Label.CONSOLIDATION: _LUNG_SITES,
    Label.EDEMA: _LUNG_SITES,
    Label.FRACTURE: frozenset({Site.RIB, Site.CLAVICLE, Site.SPINE, Site.CHEST_WALL}),
    Label.LUNG_LESION: _LUNG_SITES,
    Label.LUNG_OPACITY: _LUNG_SITES,
    Label.PNEUMONIA: _LUNG_SITES,
    Label.PNEUMOTHORAX: frozenset({Site.APEX}),
}
"""Sites that a report may give a label; another label's site is `core.labels.DEFAULT_SITE`."""
