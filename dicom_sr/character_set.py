"""In which characters an object is written."""

from typing import Final

from pydicom.dataset import Dataset

from dicom_sr.context import CharacterSet
from dicom_sr.elements import put

_WRITTEN_WITH_IT: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""Value representations that Specific Character Set is about (PS3.5 section 6.1.2)."""
_CODECS: Final[dict[CharacterSet, str]] = {"ISO_IR 100": "latin-1"}


def settle_character_set(dataset: Dataset, wanted: CharacterSet) -> None:
    """Write an object in the characters that its peers want, or in UTF-8 where one does not fit.

    Nothing is ever replaced: a name in which a letter is another one is another name.

    Parameters
    ----------
    dataset
        Complete; its Specific Character Set is changed in place.
    wanted
        The variant's.
    """
    codec = _CODECS.get(wanted)
    fits = codec is not None and all(_fits(text, codec) for text in _texts(dataset))
    put(dataset, "SpecificCharacterSet", wanted if fits else "ISO_IR 192")


def _texts(dataset: Dataset) -> list[str]:
    return [
        str(value)
        for element in dataset.iterall()
        if element.VR in _WRITTEN_WITH_IT and element.value is not None
        for value in (element.value if element.VM > 1 else [element.value])
    ]


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
