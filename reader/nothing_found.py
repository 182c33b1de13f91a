"""Whether a sentence denies every abnormality: the only words that make a film negative.

A denial of a single finding, of one region, or of what is new or acute is none; nor is one that is
put with a doubt or as a question.
"""

import re
from typing import Final

DENIAL: Final = re.compile(
    r"\b(?:no|not|cannot|without|clear of|free of|nothing)\b|n['\u2019]t\b", re.IGNORECASE
)
_EVERYTHING: Final = re.compile(r"\b(?:abnormalit(?:y|ies)|lesions?|findings?)\b")
_NORMAL: Final = re.compile(
    r"\bnormal (?:chest|x-?ray|radiograph|image|film)\b"
    r"|\b(?:x-?ray|radiograph|image|film) (?:is|appears)(?: to be)? (?:normal|clear|unremarkable)\b"
)
# Words that make a denial one of less than everything.
_LESS: Final = re.compile(
    r"\b(?:new|acute|other|additional|further|significant|major|definite|obvious|changes?|except"
    r"|besides|left|right|lungs?|heart|cardiac|pleura\w*|bones?|bony|zones?|lobes?|apex|bases?"
    r"|apices|mediastin\w*|cardiomediastin\w*|silhouette|hil(?:um|a|ar|i)|aort\w*|vascul\w*"
    r"|trachea\w*|airways?|diaphragm\w*|hemidiaphragm\w*|costophrenic|ribs?|clavic\w*|spin(?:e|al)"
    r"|skelet\w*|osseous|soft tissues?|abd\w+|upper|middle|lower|devices?|tubes?|lines?)\b"
)
# Words that take a denial back, or only think of one.
_UNSURE: Final = re.compile(
    r"\?|\b(?:unable|impossible|difficult|whether|if|unless|unclear|uncertain|unlikely|doubt\w*"
    r"|hardly|because|due to|rule|exclud\w*|should|would|could|may|might|possibl[ye]|probabl[ye])\b"
)


def denies_everything(sentence: str) -> bool:
    """Tell whether a sentence says that there is nothing abnormal on the film.

    Parameters
    ----------
    sentence
        One sentence that names no label.
    """
    plain = sentence.lower()
    if _LESS.search(plain) or _UNSURE.search(plain):
        return False
    denials = DENIAL.findall(plain)
    if _NORMAL.search(plain) and not denials:
        return True
    everything = _EVERYTHING.search(plain)
    denial = DENIAL.search(plain)
    # Two denials in a sentence may undo each other.
    return bool(everything and denial and len(denials) == 1 and denial.start() < everything.start())
