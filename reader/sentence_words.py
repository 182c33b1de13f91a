"""The words of reports: how each label, its all-clear, its side and its site are put.

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
_IS: Final = (
    rf"(?: {_BE}|slightly|clearly|grossly|not|no longer|in size|borderline|minimally|diffusely"
    r"|top|also)){0,6}"
)
_IS_PLAINLY: Final = rf"(?: {_BE}|both|of|in|within|size|stable|and)){{0,6}}"
_HEART_AND: Final = (
    r"(?:heart(?: size)?|cardiac) and mediastin(?:um|al (?:silhouettes?|contours?|structures?))"
)
"""Both in one breath, as most reports put it."""
_NORMAL: Final = r"(?:(?<!not )(?:normal|unremarkable))(?! (?:except|limit of))"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


LABEL_WORDS: Final[dict[Label, re.Pattern[str]]] = {
    Label.ATELECTASIS: _any(
        r"atelecta(?:sis|ses|tic)",
        r"(?:lobar|lung|lobe|segmental) collapse",
        r"collapse of the (?:\w+ ){1,2}(?:lobe|lung)",
        r"collapsed (?:\w+ )?(?:lobe|lung)",
        "volume loss",
    ),
    Label.CARDIOMEGALY: _any(
        "cardiomegaly",
        "cardiac enlargement",
        rf"{_LARGE}(?: of)?(?: the)? {_HEART}",
        rf"{_HEART}{_IS} {_LARGE}",
    ),
    Label.CONSOLIDATION: _any(r"consolidat(?:ions?|ive|ed)"),
    Label.EDEMA: _any(
        r"(?<!tissue )(?<!subcutaneous )(?<!wall )o?edema(?:tous)?",
        r"(?:pulmonary |vascular |venous )congestion",
        r"(?:heart|cardiac) failure",
        "chf",
        r"(?:fluid|volume) overload",
        r"kerley(?: [ab])? lines?",
        r"(?:vascular |upper lobe )?(?:redistribution|cephali[sz]ation)",
    ),
    Label.ENLARGED_CARDIOMEDIASTINUM: _any(
        "mediastinal (?:widening|enlargement)",
        rf"{_LARGE}(?: of)?(?: the)? {_MIDDLE}",
        rf"{_MIDDLE}{_IS} {_LARGE}",
    ),
    Label.FRACTURE: _any(r"(?:micro)?fracture[ds]?", "broken (?:ribs?|clavicles?)", "fx"),
    Label.LUNG_LESION: _any(
        r"nodul(?:es?|ar|arity)",
        "mass(?:es)?(?! effect)(?!-)",
        r"(?:lung|pulmonary|cavitary|metastatic|parenchymal) lesions?",
        r"(?:neoplasms?|tumou?rs?|carcinoma|malignancy|metasta(?:sis|ses))",
    ),
    Label.LUNG_OPACITY: _any(
        r"opacit(?:y|ies)",
        "opacifications?",
        "opacified",
        "infiltrat(?:es?|ions?)",
        "air-?(?: )?space disease",
        "haziness",
        r"(?:interstitial|reticular|reticulonodular) (?:markings|changes|disease|pattern|process"
        r"|abnormalit(?:y|ies)|prominence|thickening)",
        r"(?:increased|ill-defined|hazy|patchy|parenchymal|retrocardiac) densit(?:y|ies)",
    ),
    Label.PLEURAL_EFFUSION: _any(
        r"(?<!pericardial )effusions?",
        r"pleural (?:or|and) pericardial effusions?",
        "pleural fluid",
        r"(?:ha?emo|hydro|chylo)thora(?:x|ces)",
        r"(?:hydro|ha?emo)pneumothora(?:x|ces)",
        "empyema",
    ),
    Label.PLEURAL_OTHER: _any(
        r"pleural (?:other|thickening|scarring|scar|plaques?|calcifications?|nodularity|masse?s?)",
        r"(?:biapical|apical) (?:scarring|capping|thickening)",
        "fibrothorax",
    ),
    Label.PNEUMONIA: _any(
        r"(?:broncho)?pneumonias?", r"infectious (?:process|etiology)", "infection", "pna"
    ),
    Label.PNEUMOTHORAX: _any(r"(?:hydro|ha?emo)?pneumothora(?:x|ces)", "ptx"),
    Label.SUPPORT_DEVICES: _any(
        r"(?:\w+ )?tubes?(?! and)",
        "catheters?",
        r"(?:picc|(?:central|venous|jugular|ij|subclavian|arterial|midline)(?: \w+)?) lines?",
        r"pace(?:maker|r)s?",
        "defibrillator",
        "a?icd",
        "port-?a-?cath",
        r"(?:chest |infusion |venous access |chemo\w* )ports?",
        "picc",
        "ett|ngt|ogt|iabp|lvad|cvc|cvl",
        r"(?:pacemaker|pacing|pacer|ventricular|atrial|icd) (?:leads?|wires?)",
        "swan-?ganz",
        r"dob(?:b)?hoff",
        "(?:median )?sternotomy wires",
        r"(?:surgical|mediastinal) (?:clips?|drains?)",
        r"pigtail(?: drains?)?",
        r"(?:prosthetic|replaced|mechanical) valve",
        r"(?:implanted |support |medical |pacing |monitoring )(?:devices?|hardware)",
    ),
}
"""Words that name a label, present or not."""

NORMAL_WORDS: Final[tuple[tuple[re.Pattern[str], tuple[Label, ...]], ...]] = (
    (
        _any(
            rf"{_HEART}{_IS_PLAINLY} {_NORMAL}",
            rf"{_NORMAL}(?: in)? {_HEART}",
            rf"{_HEART_AND}{_IS_PLAINLY} {_NORMAL}",
            rf"{_NORMAL} {_HEART_AND}",
        ),
        (Label.CARDIOMEGALY,),
    ),
    (
        _any(
            rf"{_MIDDLE}{_IS_PLAINLY} {_NORMAL}",
            rf"{_NORMAL} {_MIDDLE}",
            rf"{_HEART_AND}{_IS_PLAINLY} {_NORMAL}",
            rf"{_NORMAL} {_HEART_AND}",
        ),
        (Label.ENLARGED_CARDIOMEDIASTINUM,),
    ),
    (
        _any(
            r"cardiomediastinal \w+(?: (?:is|are|appears?|within|stable|and)){0,4} "
            rf"{_NORMAL}",
            rf"{_NORMAL} cardiomediastinal \w+",
        ),
        (Label.CARDIOMEGALY,),
    ),
    (
        _any(
            r"(?:lungs|lung fields)(?: (?:is|are|appears?|remains?|both|well|expanded|aerated"
            r"|inflated|hyperinflated|and|grossly|fully|bilaterally|now)){0,6} clear",
            r"clear lungs",
        ),
        (Label.CONSOLIDATION, Label.LUNG_OPACITY),
    ),
    (
        _any(
            r"costophrenic (?:angles?|sulci)(?: (?:are|is|both|remains?)){0,3} (?:sharp|clear)",
            rf"pleura(?:l (?:surfaces?|spaces?))?(?: (?:is|are|appear|both)){{0,2}}"
            rf" (?:clear|{_NORMAL})",
            r"no (?:\w+ )?pleural (?:abnormalit(?:y|ies)|disease)",
        ),
        (Label.PLEURAL_EFFUSION,),
    ),
    (
        _any(
            rf"pulmonary (?:vasculature|vascularity|vessels)(?: (?:is|are|appears?|within)){{0,3}}"
            rf" {_NORMAL}",
            rf"{_NORMAL} pulmonary (?:vasculature|vascularity)",
        ),
        (Label.EDEMA,),
    ),
    (
        _any(
            r"(?:bones|ribs|(?:bony|osseous) (?:structures|thorax))(?: \w+){0,5} (?:intact|"
            rf"{_NORMAL})",
            r"no (?:acute |displaced )?(?:osseous|bony) (?:abnormalit(?:y|ies)|injury|lesions?)",
        ),
        (Label.FRACTURE,),
    ),
)
"""Words that deny labels without naming them."""

SIDE_END: Final = re.compile(
    r"\b(?:after|following|status post|since|with|without|shift\w*|displac\w*|push\w*|pull\w*"
    r"|deviat\w*|mass effect|track\w*|than (?:on|in|at))\b"
)
"""Behind these words a side belongs to something else."""
SIDE_BEHIND: Final = re.compile(
    r"\b(?:on|in|at|of|within|to|over|along)\b"
    r"|,(?= (?:left|right) (?:greater|larger|more|worse) than)|(?= bilaterally\b)"
)
"""What joins a side to the finding before it."""
_PLACE: Final = (
    r"(?: (?:upper|mid|middle|lower))?"
    r"(?: lung(?: (?:zone|field|base|apex))?| (?:zone|lobe|field|base|apex|hilum|hemithorax|side))"
)
_ENDS: Final = r"(?= ?(?:[.,;:)]|$)| (?:and|are|consistent|is|may|that|was|were|which|with)\b)"
"""Behind a place: no word follows that could be the finding which the second side belongs to."""
_TWO_PLACES: Final = (
    rf"left{_PLACE} and (?:in )?(?:the )?right{_PLACE}{_ENDS}"
    rf"|right{_PLACE} and (?:in )?(?:the )?left{_PLACE}{_ENDS}"
)
TWO_PLACES: Final = re.compile(rf"\b(?:{_TWO_PLACES})")
"""One finding on both sides, each with a place of its own."""
SIDES: Final = re.compile(
    r"\b(?:(?P<bilateral>bilateral(?:ly)?|both|left and right|right and left|left greater than"
    r" right|right greater than left|(?:left|right) (?:larger|more|worse) than (?:left|right)"
    rf"|{_TWO_PLACES}"
    r"|(?:left and \w+ right|right and \w+ left)(?= (?:\w+ )?\w+s\b)"
    r"|bibasilar|bibasal|biapical|bibasally|l ?> ?r|r ?> ?l)"
    r"|(?P<left>left(?:-sided)?|lingula(?:r)?|lll|lul)"
    r"|(?P<right>right(?:-sided)?|(?:right )?middle lobe|rll|rul|rml))\b"
)
"""Each group is named by the value of its `Side`."""
SITE_WORDS: Final[tuple[tuple[Site, str], ...]] = (
    (Site.APEX, "apical|apex|apices|biapical"),
    (Site.UPPER_ZONE, "upper (?:lung )?(?:lobes?|zones?|lungs?|fields?)|[rl]ul"),
    (
        Site.MIDDLE_ZONE,
        "mid(?:dle)?(?: and lower)? (?:lung )?(?:lobe|zones?|lung|fields?)|mid-?lung|lingular?|rml",
    ),
    (
        Site.LOWER_ZONE,
        "lower (?:lung )?(?:lobes?|zones?|lungs?|fields?)|(?:bi)?bas(?:es?|al|ally|ilar)|[rl]ll",
    ),
    (Site.LOWER_ZONE, "retrocardiac"),
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
