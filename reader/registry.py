"""Which family a model folder belongs to."""

from typing import Final

from core.errors import ModelFolderError
from reader.families.family import Family
from reader.families.llava_rad import LLAVA_RAD
from reader.families.maira2 import MAIRA2
from reader.families.medgemma import MEDGEMMA, MEDGEMMA_1_5
from reader.families.radvlm import RADVLM
from reader.model_folder import ModelFolder

FAMILIES: Final[tuple[Family, ...]] = (RADVLM, MEDGEMMA, MEDGEMMA_1_5, LLAVA_RAD, MAIRA2)
"""A folder that declares no family belongs to the first one of its architecture."""


def family_of(folder: ModelFolder) -> Family:
    """Find the family of a folder.

    Raises
    ------
    ModelFolderError
        If no family has its architecture, or its declaration names another one.
    """
    declared = folder.declaration.family
    for family in FAMILIES:
        if family.architecture == folder.architecture and declared in {None, family.key}:
            return family
    known = ", ".join(f"{family.key} ({family.architecture})" for family in FAMILIES)
    message = (
        f"{folder.path} holds a {folder.architecture} of the family {declared or 'not declared'}; "
        f"known are {known}"
    )
    raise ModelFolderError(message)


def family_named(key: str) -> Family:
    """Find a family by its key, where there is no folder to tell it.

    Raises
    ------
    ModelFolderError
        If there is none.
    """
    for family in FAMILIES:
        if family.key == key:
            return family
    message = f"no family is called {key!r}; known are {', '.join(f.key for f in FAMILIES)}"
    raise ModelFolderError(message)
