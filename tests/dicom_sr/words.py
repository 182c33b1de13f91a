"""The built-in words and codes, as tests look for them."""

from pydicom.sr.coding import Code

from core.labels import Label
from core.reading import Presence
from dicom_sr.code_table import Normality
from dicom_sr.codes_toml import built_in_codes

BANNER = "AI draft, research use, not a medical device"
"""Of a draft, until the site's authorisation is recorded."""
DEMO_NOTICE = "DEMO MODEL"


def label_code(label: Label) -> Code:
    """Give the code of a label as results have it."""
    return built_in_codes().label(label)


def presence(word: Presence) -> Code:
    """Give the code of a presence."""
    return built_in_codes().presence(word)


def presence_code(word: Presence) -> tuple[str, str]:
    """Give value and scheme of a presence."""
    code = presence(word)
    return code.value, code.scheme_designator


def normality_code(normality: Normality) -> tuple[str, str]:
    """Give value and scheme of what is said of the whole film."""
    code = built_in_codes().normality(normality)
    return code.value, code.scheme_designator
